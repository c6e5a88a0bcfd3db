import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source'];

/** What needs a browser, apart from `npm test`: `npm run analyser -- --check`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['test/browser/*.check.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
