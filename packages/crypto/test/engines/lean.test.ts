import { ahSuite, ESP_SUITES, type EspSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { aesCbc, aesGcm, chaCha20Poly1305, hmacSha1, hmacSha256, leanEngine } from '@espalier/crypto/lean';
import { wasmEngine } from '@espalier/crypto/wasm';
import { loadEngine } from '@espalier/crypto/wasm/auto';
import { wasmEngine as simdEngine } from '@espalier/crypto/wasm/simd';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { pairOf, wipe } from '../support/engines.ts';
import { keysFor, openOne, randomOctets, sealGiven } from '../support/esp.ts';
import { isOnKernels } from '../support/suites.ts';
import { hex } from '../support/vectors.ts';

const LEAN = leanEngine({
  ciphers: { 'aes-cbc': aesCbc },
  macs: { 'hmac-sha1-96': hmacSha1, 'hmac-sha2-256-128': hmacSha256 },
  aeads: { 'aes-gcm': aesGcm, 'chacha20-poly1305': chaCha20Poly1305 },
});
const LEAN_SUITES = ESP_SUITES.filter(
  ({ encryption, integrity }) =>
    encryption === 'aes-gcm' ||
    encryption === 'chacha20-poly1305' ||
    (encryption === 'aes-cbc' && (integrity === 'hmac-sha1-96' || integrity === 'hmac-sha2-256-128')),
);

describe.each([
  ['lean', async () => LEAN, LEAN_SUITES],
  ['wasm/simd', async () => simdEngine(), ESP_SUITES.filter(isOnKernels)],
  ['wasm/auto', async () => loadEngine(), ESP_SUITES.filter(isOnKernels)],
] as const)('the engine of %s', (_, create, suites) => {
  test('gives the packets of noble, of the suites that it has, and opens them', async () => {
    const engine = await create();
    expect(ESP_SUITES.filter((suite) => engine.supports(suite))).toEqual(suites);
    for (const suite of suites.filter(isSample)) {
      const pair = pairOf(engine, suite, keysFor(suite, 3), true);
      const noble = pairOf(nobleEngine(), suite, keysFor(suite, 3), true);
      const packet = randomOctets(8 + suite.ivOctets + 64 + suite.icvOctets, 5);
      const sealed = sealGiven(pair.seal, packet, 7);
      expect(hex(sealed)).toBe(hex(sealGiven(noble.seal, packet, 7)));
      expect(openOne(pair.open, sealed, 7).status).toBe(1);
      [pair, noble].forEach(wipe);
    }
  });

  test('says what it was made without', async () => {
    const engine = await create();
    const suite = espSuite('camellia-128-cbc/hmac-sha1-96');
    const options = { suite, keys: keysFor(suite, 1), direction: 'open', esn: false } as const;
    expect(() => engine.createEspTransform(options)).toThrow('made without camellia-128-cbc/hmac-sha1-96');
    expect(() => engine.createDhKeyPair(14, seededRng(1))).toThrow('made without Diffie-Hellman group 14');
    expect(() => engine.createIcvTransform({ suite: ahSuite('hmac-sha1-96'), key: new Uint8Array(20) })).toThrow(
      'made without AH',
    );
  });
});

test('a lean engine is strict about time as noble is', () => {
  const suite = espSuite('aes-128-gcm-16');
  const options = { suite, keys: keysFor(suite, 1), direction: 'open', esn: false } as const;
  expect(() => LEAN.createEspTransform({ ...options, strictConstantTime: true })).toThrow(TypeError);
  expect(wasmEngine().createEspTransform({ ...options, strictConstantTime: true }).constantTime).toBe(true);
});

function isSample({ name }: EspSuite): boolean {
  return !name.includes('192') && !name.includes('256-cbc');
}
