import { createCbc, espSuite } from '@espalier/crypto';
import { cbc, gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expect, test } from 'vitest';
import { keysFor, randomOctets, sealGiven, transforms } from '../support/esp.ts';
import { concat, hex } from '../support/vectors.ts';

/** A third voice, beside node:crypto and the vectors, on what is ours only because it is faster. */

test.each([16, 24, 32])('AES-CBC with a key of %i octets is that of noble', (keyOctets) => {
  const key = randomOctets(keyOctets, 1);
  const iv = randomOctets(16, 2);
  for (let blocks = 0; blocks < 9; blocks++) {
    const plain = randomOctets(16 * blocks, blocks + 1);
    expect(hex(createCbc('aes-cbc', key).encrypt(iv, plain))).toBe(
      hex(cbc(key, iv, { disablePadding: true }).encrypt(plain)),
    );
  }
});

test.each([
  ['aes-128-gcm-16', gcm],
  ['aes-192-gcm-16', gcm],
  ['aes-256-gcm-16', gcm],
  ['chacha20-poly1305', chacha20poly1305],
] as const)('%s is that of noble', (name, aead) => {
  const suite = espSuite(name);
  const keys = keysFor(suite, 4);
  const { seal } = transforms(suite, keys);
  for (let length = 0; length < 150; length++) {
    const packet = randomOctets(16 + length + 16, length + 1);
    const [header, iv, plain] = [packet.subarray(0, 8), packet.subarray(8, 16), packet.subarray(16, 16 + length)];
    const sealed = aead(keys.encryption, concat(keys.salt, iv), header).encrypt(plain);
    expect(hex(sealGiven(seal, packet))).toBe(hex(concat(header, iv, sealed)));
  }
});
