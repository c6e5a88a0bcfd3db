import { join, viewOf } from '../memory.ts';
import { type OwnOctets, octetsView } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { digestOf } from './digest/digest.ts';
import { HmacCore } from './digest/hmac-core.ts';
import type { Digest } from './digest/types.ts';
import type { HashName } from './hash.ts';

/** A key of HMAC (RFC 2104), absorbed once. */
export interface Hmac {
  /** Octets of a result. */
  readonly octets: number;
  /** The HMAC of all parts, one after the other. @throws TypeError after `wipe`, and for a part that is no Uint8Array. */
  compute(...parts: readonly Uint8Array[]): OwnOctets;
  /** Overwrites what was derived from the key. */
  wipe(): void;
}

/**
 * A context for many messages under one key; keys may have any length.
 * @throws RangeError for a name that is not a `HashName`; TypeError for a key that is no Uint8Array.
 */
export function createHmac(name: HashName, key: Uint8Array): Hmac {
  return new KeyedHmac(digestOf(name), octetsView('key', key));
}

class KeyedHmac implements Hmac {
  readonly octets: number;
  readonly #core: HmacCore;

  constructor(digest: Digest, key: Uint8Array) {
    this.octets = digest.octets;
    this.#core = new HmacCore(digest, key);
  }

  compute(...parts: readonly Uint8Array[]): OwnOctets {
    const message = join(parts.map((part) => octetsView('part', part)));
    this.#core.compute(viewOf(message), 0, message.length);
    wipe(message);
    const output = new Uint8Array(this.octets);
    this.#core.write(viewOf(output), 0, this.octets);
    return output;
  }

  wipe(): void {
    this.#core.wipe();
  }
}
