import { join, viewOf } from '../memory.ts';
import { copySecret, octetsView, secretOctets } from '../octets.ts';
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
  compute(...parts: readonly Uint8Array[]): Uint8Array;
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

/** prf(key, parts): the HMAC version of the negotiated hash, IKE's default pseudo-random function (RFC 2409 §4). */
export function prf(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac(name, key);
  const output = hmac.compute(...parts);
  hmac.wipe();
  return output;
}

/**
 * Ka: a key of `octets` octets where the cipher needs more than SKEYID_e has (RFC 2409 Appendix B); otherwise the
 * first `octets` octets of `key` itself.
 * @throws RangeError unless `octets` is a whole number.
 */
export function expandKey(name: HashName, key: Uint8Array, octets: number): Uint8Array {
  if (!(Number.isSafeInteger(octets) && octets >= 0)) throw new RangeError('octets must be a whole number');
  const given = octetsView('key', key);
  if (octets <= given.length) return copySecret('key', given.subarray(0, octets));
  const hmac = createHmac(name, given);
  // Ka = K1 | K2 | K3 and K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), K3 = prf(SKEYID_e, K2)
  const ka = secretOctets(octets);
  let k: Uint8Array = Uint8Array.of(0);
  for (let at = 0; at < octets; at += hmac.octets) {
    const next = hmac.compute(k);
    ka.set(next.subarray(0, octets - at), at);
    wipe(k);
    k = next;
  }
  wipe(k);
  hmac.wipe();
  return ka;
}

class KeyedHmac implements Hmac {
  readonly octets: number;
  readonly #core: HmacCore;

  constructor(digest: Digest, key: Uint8Array) {
    this.octets = digest.octets;
    this.#core = new HmacCore(digest, key);
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
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
