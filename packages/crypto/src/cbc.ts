import { CBC_BLOCK_OCTETS, CBC_KEY_OCTETS, type CbcBlocks, type CbcName, keyCbc } from './cbc-blocks.ts';
import { join, viewOf } from './memory.ts';

/** A cipher in CBC mode over whole blocks: padding is the caller's (RFC 2409 Appendix B pads with zeros). */
export interface CbcCipher {
  /** Octets of a block and of an IV: 8 for DES and 3DES, 16 for AES. */
  readonly blockOctets: number;
  /** @throws RangeError unless `iv` is one block and `plain` whole blocks; TypeError after `wipe`. */
  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array;
  /** @throws RangeError unless `iv` is one block and `octets` whole blocks; TypeError after `wipe`. */
  decrypt(iv: Uint8Array, octets: Uint8Array): Uint8Array;
  /** Overwrites the key schedules. */
  wipe(): void;
}

/** @throws RangeError for another name, or unless `key` has 8 octets for DES, 24 for 3DES, 16, 24 or 32 for AES. */
export function createCbc(name: CbcName, key: Uint8Array): CbcCipher {
  if (!Object.hasOwn(CBC_KEY_OCTETS, name)) throw new RangeError(`cipher '${name}' is not known`);
  if (!CBC_KEY_OCTETS[name].includes(key.length)) {
    throw new RangeError(`key must be ${CBC_KEY_OCTETS[name].join(' or ')} octets for ${name}, not ${key.length}`);
  }
  return new KeyedCbc(name, key);
}

class KeyedCbc implements CbcCipher {
  readonly blockOctets: number;
  readonly #encryption: CbcBlocks;
  readonly #decryption: CbcBlocks;
  #wiped = false;

  constructor(name: CbcName, key: Uint8Array) {
    this.blockOctets = CBC_BLOCK_OCTETS[name];
    this.#encryption = keyCbc(name, key, 'encrypt');
    this.#decryption = keyCbc(name, key, 'decrypt');
  }

  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array {
    return this.#run(this.#encryption, iv, plain, 'plain');
  }

  decrypt(iv: Uint8Array, octets: Uint8Array): Uint8Array {
    return this.#run(this.#decryption, iv, octets, 'octets');
  }

  wipe(): void {
    this.#wiped = true;
    this.#encryption.wipe();
    this.#decryption.wipe();
  }

  #run(blocks: CbcBlocks, iv: Uint8Array, input: Uint8Array, argument: string): Uint8Array {
    if (this.#wiped) throw new TypeError('this key was wiped');
    if (iv.length !== this.blockOctets) throw new RangeError(`iv must be ${this.blockOctets} octets, not ${iv.length}`);
    if (input.length % this.blockOctets !== 0) {
      throw new RangeError(
        `${argument} must be whole blocks of ${this.blockOctets} octets, not ${input.length} octets`,
      );
    }
    const output = join([iv, input]);
    blocks.run(viewOf(output), iv.length, output.length);
    return output.slice(iv.length);
  }
}
