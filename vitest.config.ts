import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'test/**/*.test.ts',
      'examples/test/**/*.test.ts',
    ],
    pool: 'threads',
    testTimeout: 30_000,
  },
});
