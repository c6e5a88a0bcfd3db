import { unsafe } from '@noble/ciphers/aes.js';
import { desBlock } from './des/block.ts';
import { desSchedule, tripleDesSchedule } from './des/schedule.ts';
import { wipe } from './secrets.ts';

/** The ciphers in CBC mode: DES (RFC 2405), 3DES (RFC 2451), AES (RFC 3602). */
export type CbcName = 'des-cbc' | '3des-cbc' | 'aes-cbc';

export type CbcDirection = 'encrypt' | 'decrypt';

/** CBC in one direction over whole blocks in place (SP 800-38A §6.2); the block before `from` is the IV. */
export interface CbcBlocks {
  run(view: DataView, from: number, to: number): void;
  wipe(): void;
}

/** Octets of a block, which are those of the IV. */
export const CBC_BLOCK_OCTETS: Readonly<Record<CbcName, number>> = { 'des-cbc': 8, '3des-cbc': 8, 'aes-cbc': 16 };

/** The lengths in octets that a key may have. */
export const CBC_KEY_OCTETS: Readonly<Record<CbcName, readonly number[]>> = {
  'des-cbc': [8],
  '3des-cbc': [24],
  'aes-cbc': [16, 24, 32],
};

/** Keys `name` once; `key` has a length of `CBC_KEY_OCTETS`. */
export function keyCbc(name: CbcName, key: Uint8Array, direction: CbcDirection): CbcBlocks {
  if (name === 'aes-cbc') return keyAesCbc(key, direction);
  const schedule = name === 'des-cbc' ? desSchedule(key, direction) : tripleDesSchedule(key, direction);
  const run = direction === 'encrypt' ? encryptDesCbc : decryptDesCbc;
  return { run: (view, from, to) => run(schedule, view, from, to), wipe: () => wipe(schedule) };
}

function keyAesCbc(key: Uint8Array, direction: CbcDirection): CbcBlocks {
  const schedule = direction === 'encrypt' ? unsafe.expandKeyLE(key) : unsafe.expandKeyDecLE(key);
  const run = direction === 'encrypt' ? encryptAesCbc : decryptAesCbc;
  return { run: (view, from, to) => run(schedule, view, from, to), wipe: () => wipe(schedule) };
}

function encryptDesCbc(schedule: Int32Array, view: DataView, from: number, to: number): void {
  for (let at = from; at < to; at += 8) {
    xorPrevious(view, at, 8);
    desBlock(schedule, view, at);
  }
}

/** From the last block to the first, so that the previous ciphertext is still there. */
function decryptDesCbc(schedule: Int32Array, view: DataView, from: number, to: number): void {
  for (let at = to - 8; at >= from; at -= 8) {
    desBlock(schedule, view, at);
    xorPrevious(view, at, 8);
  }
}

function encryptAesCbc(schedule: Uint32Array, view: DataView, from: number, to: number): void {
  for (let at = from; at < to; at += 16) {
    xorPrevious(view, at, 16);
    const { s0, s1, s2, s3 } = unsafe.encrypt(
      schedule,
      view.getInt32(at, true),
      view.getInt32(at + 4, true),
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
    );
    view.setInt32(at, s0, true);
    view.setInt32(at + 4, s1, true);
    view.setInt32(at + 8, s2, true);
    view.setInt32(at + 12, s3, true);
  }
}

function decryptAesCbc(schedule: Uint32Array, view: DataView, from: number, to: number): void {
  for (let at = to - 16; at >= from; at -= 16) {
    const { s0, s1, s2, s3 } = unsafe.decrypt(
      schedule,
      view.getInt32(at, true),
      view.getInt32(at + 4, true),
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
    );
    view.setInt32(at, s0, true);
    view.setInt32(at + 4, s1, true);
    view.setInt32(at + 8, s2, true);
    view.setInt32(at + 12, s3, true);
    xorPrevious(view, at, 16);
  }
}

function xorPrevious(view: DataView, at: number, octets: number): void {
  for (let i = at; i < at + octets; i += 4) view.setInt32(i, view.getInt32(i) ^ view.getInt32(i - octets));
}
