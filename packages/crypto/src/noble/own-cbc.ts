import type { KeyedOwnBlockCipher, KeyedOwnCipher, OwnBlockCipher, OwnCipher } from '../suites/own.ts';

/** CBC mode (SP 800-38A §6.2) over a block cipher that a caller brings; IVs are unpredictable, and one block long. */
export function cbcOf(block: OwnBlockCipher): OwnCipher {
  const { name, keyOctets, blockOctets, constantTime = false } = block;
  return {
    name,
    keyOctets,
    ivOctets: blockOctets,
    iv: 'unpredictable',
    blockOctets,
    constantTime,
    key: ({ encryption }, direction) => {
      const keyed = block.key(encryption);
      return direction === 'seal' ? encrypting(keyed, blockOctets) : decrypting(keyed, blockOctets);
    },
  };
}

function encrypting(keyed: KeyedOwnBlockCipher, octets: number): KeyedOwnCipher {
  return {
    run: (iv, text) => {
      let previous = iv;
      for (let at = 0; at < text.length; at += octets) {
        const block = text.subarray(at, at + octets);
        xor(block, previous);
        keyed.encrypt(block);
        previous = block;
      }
    },
    wipe: () => keyed.wipe(),
  };
}

/** From the last block to the first, so that the ciphertext before each is still there. */
function decrypting(keyed: KeyedOwnBlockCipher, octets: number): KeyedOwnCipher {
  return {
    run: (iv, text) => {
      for (let at = text.length - octets; at >= 0; at -= octets) {
        const block = text.subarray(at, at + octets);
        keyed.decrypt(block);
        xor(block, at === 0 ? iv : text.subarray(at - octets, at));
      }
    },
    wipe: () => keyed.wipe(),
  };
}

function xor(block: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) ^ (other[i] ?? 0);
}
