import { cbc } from '@noble/ciphers/aes.js';
import { join, viewOf } from '../memory.ts';
import { copySecret, octetsView } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { CBC_BLOCK_OCTETS, CBC_KEY_OCTETS, type CbcBlocks, type CbcName, keyCbc } from './cbc-blocks.ts';

/** A cipher in CBC mode over whole blocks: padding is the caller's (RFC 2409 Appendix B pads with zeros). */
export interface CbcCipher {
  /** Octets of a block and of an IV: 8 for DES and 3DES, 16 for AES and Camellia. */
  readonly blockOctets: number;
  /** @throws RangeError unless `iv` is one block and `plain` whole blocks; TypeError after `wipe`. */
  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array;
  /** @throws RangeError unless `iv` is one block and `octets` whole blocks; TypeError after `wipe`. */
  decrypt(iv: Uint8Array, octets: Uint8Array): Uint8Array;
  /** Overwrites the key schedules. */
  wipe(): void;
}

/**
 * @throws RangeError for another name, or unless `key` has 8 octets for DES, 24 for 3DES, 16, 24 or 32 for AES
 * and Camellia.
 * @throws TypeError unless `key` is a Uint8Array; it is copied.
 */
export function createCbc(name: CbcName, key: Uint8Array): CbcCipher {
  const octets = octetsView('key', key);
  if (!Object.hasOwn(CBC_KEY_OCTETS, name)) throw new RangeError(`cipher '${name}' is not known`);
  if (!CBC_KEY_OCTETS[name].includes(octets.length)) {
    throw new RangeError(`key must be ${CBC_KEY_OCTETS[name].join(' or ')} octets for ${name}, not ${octets.length}`);
  }
  return new KeyedCbc(name, name === 'aes-cbc' ? nobleAes(octets) : ownBlocks(name, octets));
}

/** A keyed cipher over whole blocks; lengths have been checked. */
interface KeyedBlocks {
  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array;
  decrypt(iv: Uint8Array, octets: Uint8Array): Uint8Array;
  wipe(): void;
}

class KeyedCbc implements CbcCipher {
  readonly blockOctets: number;
  readonly #blocks: KeyedBlocks;
  #wiped = false;

  constructor(name: CbcName, blocks: KeyedBlocks) {
    this.blockOctets = CBC_BLOCK_OCTETS[name];
    this.#blocks = blocks;
  }

  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array {
    const [ivOctets, input] = this.#check(iv, plain, 'plain');
    return this.#blocks.encrypt(ivOctets, input);
  }

  decrypt(iv: Uint8Array, octets: Uint8Array): Uint8Array {
    const [ivOctets, input] = this.#check(iv, octets, 'octets');
    return this.#blocks.decrypt(ivOctets, input);
  }

  wipe(): void {
    this.#wiped = true;
    this.#blocks.wipe();
  }

  #check(givenIv: Uint8Array, given: Uint8Array, argument: string): readonly [Uint8Array, Uint8Array] {
    if (this.#wiped) throw new TypeError('this key was wiped');
    const iv = octetsView('iv', givenIv);
    const input = octetsView(argument, given);
    if (iv.length !== this.blockOctets) throw new RangeError(`iv must be ${this.blockOctets} octets, not ${iv.length}`);
    if (input.length % this.blockOctets !== 0) {
      throw new RangeError(
        `${argument} must be whole blocks of ${this.blockOctets} octets, not ${input.length} octets`,
      );
    }
    return [iv, input];
  }
}

/** IKE sends few messages: here the audited library serves, which expands the key for each. */
function nobleAes(key: Uint8Array): KeyedBlocks {
  const own = copySecret('key', key);
  const options = { disablePadding: true };
  return {
    encrypt: (iv, plain) => cbc(own, iv, options).encrypt(plain),
    decrypt: (iv, octets) => cbc(own, iv, options).decrypt(octets),
    wipe: () => wipe(own),
  };
}

function ownBlocks(name: CbcName, key: Uint8Array): KeyedBlocks {
  const encryption = keyCbc(name, key, 'encrypt');
  const decryption = keyCbc(name, key, 'decrypt');
  return {
    encrypt: (iv, plain) => run(encryption, iv, plain),
    decrypt: (iv, octets) => run(decryption, iv, octets),
    wipe: () => {
      encryption.wipe();
      decryption.wipe();
    },
  };
}

function run(blocks: CbcBlocks, iv: Uint8Array, input: Uint8Array): Uint8Array {
  const chained = join([iv, input]);
  blocks.run(viewOf(chained), iv.length, chained.length);
  const output = chained.slice(iv.length);
  wipe(chained);
  return output;
}
