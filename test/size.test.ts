import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild-wasm';
import { expect, test } from 'vitest';

const ESP = "export { InboundSa, OutboundSa } from '@espalier/esp';";
const LEAN = "export { leanEngine } from '@espalier/crypto/lean';";

/** What a page loads for ESP at most, minified and compressed, in octets. */
test.each([
  ['portable AES-GCM', 20_000, `${ESP}${LEAN}export { aesGcm } from '@espalier/crypto/lean';`],
  ['portable ChaCha20-Poly1305', 20_000, `${ESP}${LEAN}export { chaCha20Poly1305 } from '@espalier/crypto/lean';`],
  ['every kernel with SIMD', 50_000, `${ESP}export { wasmEngine } from '@espalier/crypto/wasm/simd';`],
  ['every kernel with relaxed SIMD', 50_000, `${ESP}export { wasmEngine } from '@espalier/crypto/wasm/relaxed';`],
])('ESP with %s weighs less than %i octets', async (_, most, contents) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../packages/esp/', import.meta.url)) },
    conditions: ['@espalier/source'],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const octets = outputFiles.flatMap((file) => [...file.contents]);
  expect(gzipSync(Uint8Array.from(octets), { level: 9 }).length).toBeLessThan(most);
});
