import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild-wasm';
import { expect, test } from 'vitest';

const ESP = "export { InboundSa, OutboundSa } from '@espalier/esp';";
const LEAN = "export { leanEngine } from '@espalier/crypto/lean';";

/** What a page loads for ESP at most, minified and compressed, in octets. */
const PAGES = [
  ['portable AES-GCM', 20_000, `${ESP}${LEAN}export { aesGcm } from '@espalier/crypto/lean';`],
  ['portable ChaCha20-Poly1305', 20_000, `${ESP}${LEAN}export { chaCha20Poly1305 } from '@espalier/crypto/lean';`],
  ['every kernel with SIMD', 50_000, `${ESP}export { wasmEngine } from '@espalier/crypto/wasm/simd';`],
  ['every kernel with relaxed SIMD', 50_000, `${ESP}export { wasmEngine } from '@espalier/crypto/wasm/relaxed';`],
] as const;

/** Each page a module of its number. */
const pages: Plugin = {
  name: 'pages',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^page:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'page' }));
    onLoad({ filter: /./, namespace: 'page' }, ({ path }) => ({
      contents: PAGES[Number(path)]?.[2] ?? '',
      resolveDir: fileURLToPath(new URL('../packages/esp/', import.meta.url)),
    }));
  },
};

// All in one: what they share is read once.
const { outputFiles } = await build({
  entryPoints: PAGES.map((_, i) => ({ in: `page:${i}`, out: `${i}` })),
  plugins: [pages],
  outdir: 'pages',
  conditions: ['@espalier/source'],
  bundle: true,
  minify: true,
  format: 'esm',
  write: false,
  logLevel: 'silent',
});

test.each(PAGES.map(([name, most], i) => [name, most, i] as const))(
  'ESP with %s weighs less than %i octets',
  (_, most, i) => {
    const { contents } = outputFiles.find(({ path }) => path.endsWith(`/${i}.js`)) ?? expect.fail('no page');
    expect(contents.length).toBeGreaterThan(most);
    expect(gzipSync(contents, { level: 9 }).length).toBeLessThan(most);
  },
);
