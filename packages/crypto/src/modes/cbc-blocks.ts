import { wipe } from '../secrets.ts';
import { decryptAesBlock, encryptAesBlock } from '../symmetric/aes/block.ts';
import { decryptionSchedule, encryptionSchedule } from '../symmetric/aes/schedule.ts';
import { camelliaBlock } from '../symmetric/camellia/block.ts';
import { camelliaSchedule } from '../symmetric/camellia/schedule.ts';
import { desBlock } from '../symmetric/des/block.ts';
import { desSchedule, tripleDesSchedule } from '../symmetric/des/schedule.ts';

/** The ciphers in CBC mode: DES (RFC 2405), 3DES (RFC 2451), AES (RFC 3602), Camellia (RFC 4312). */
export type CbcName = 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'camellia-cbc';

export type CbcDirection = 'encrypt' | 'decrypt';

/** CBC in one direction over whole blocks in place (SP 800-38A §6.2); the block before `from` is the IV. */
export interface CbcBlocks {
  run(view: DataView, from: number, to: number): void;
  wipe(): void;
}

/** Octets of a block, which are those of the IV. */
export const CBC_BLOCK_OCTETS: Readonly<Record<CbcName, number>> = {
  'des-cbc': 8,
  '3des-cbc': 8,
  'aes-cbc': 16,
  'camellia-cbc': 16,
};

/** The lengths in octets that a key may have. */
export const CBC_KEY_OCTETS: Readonly<Record<CbcName, readonly number[]>> = {
  'des-cbc': [8],
  '3des-cbc': [24],
  'aes-cbc': [16, 24, 32],
  'camellia-cbc': [16, 24, 32],
};

/** Keys `name` once; `key` has a length of `CBC_KEY_OCTETS`. */
export function keyCbc(name: CbcName, key: Uint8Array, direction: CbcDirection): CbcBlocks {
  switch (name) {
    case 'des-cbc':
      return chain(desBlock, desSchedule(key, direction), 8, direction);
    case '3des-cbc':
      return chain(desBlock, tripleDesSchedule(key, direction), 8, direction);
    case 'aes-cbc':
      return direction === 'encrypt'
        ? chain(encryptAesBlock, encryptionSchedule(key), 16, direction)
        : chain(decryptAesBlock, decryptionSchedule(key), 16, direction);
    case 'camellia-cbc':
      return chain(camelliaBlock, camelliaSchedule(key, direction), 16, direction);
  }
}

/** Transforms the block at `at` in place. */
type BlockCipher = (schedule: Int32Array, view: DataView, at: number) => void;

function chain(block: BlockCipher, schedule: Int32Array, octets: number, direction: CbcDirection): CbcBlocks {
  const run = direction === 'encrypt' ? encrypt : decrypt;
  return { run: (view, from, to) => run(block, schedule, octets, view, from, to), wipe: () => wipe(schedule) };
}

function encrypt(
  block: BlockCipher,
  schedule: Int32Array,
  octets: number,
  view: DataView,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at += octets) {
    xorPrevious(view, at, octets);
    block(schedule, view, at);
  }
}

/** From the last block to the first, so that the ciphertext before each is still there. */
function decrypt(
  block: BlockCipher,
  schedule: Int32Array,
  octets: number,
  view: DataView,
  from: number,
  to: number,
): void {
  for (let at = to - octets; at >= from; at -= octets) {
    block(schedule, view, at);
    xorPrevious(view, at, octets);
  }
}

function xorPrevious(view: DataView, at: number, octets: number): void {
  for (let i = at; i < at + octets; i += 4) view.setInt32(i, view.getInt32(i) ^ view.getInt32(i - octets));
}
