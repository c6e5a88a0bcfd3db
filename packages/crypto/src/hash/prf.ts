import { viewOf } from '../memory.ts';
import { AesMac } from '../modes/aes-mac.ts';
import { copySecret, type OwnOctets, octetsView, secretOctets } from '../octets.ts';
import { wipe } from '../secrets.ts';
import type { HashName } from './hash.ts';
import { createHmac } from './hmac.ts';

/** Pseudo-random functions of IKE: the HMAC of a hash (RFC 2409 §4), or AES-XCBC-PRF-128 (RFC 4434). */
export type PrfName = HashName | 'aes-xcbc';

const XCBC_OCTETS = 16;

/**
 * prf(key, parts).
 * @throws RangeError for a name that is no `PrfName`; TypeError for a key or a part that is no Uint8Array.
 */
export function prf(name: PrfName, key: Uint8Array, ...parts: readonly Uint8Array[]): OwnOctets {
  if (name === 'aes-xcbc') return xcbc(octetsView('key', key), parts);
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
export function expandKey(name: PrfName, key: Uint8Array, octets: number): OwnOctets {
  if (!(Number.isSafeInteger(octets) && octets >= 0)) throw new RangeError('octets must be a whole number');
  const given = octetsView('key', key);
  if (octets <= given.length) return copySecret('key', given.subarray(0, octets));
  // Ka = K1 | K2 | K3 and K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), K3 = prf(SKEYID_e, K2)
  const ka = secretOctets(octets);
  let k: Uint8Array = Uint8Array.of(0);
  for (let at = 0; at < octets; at += k.length) {
    const next = prf(name, given, k);
    ka.set(next.subarray(0, octets - at), at);
    wipe(k);
    k = next;
  }
  wipe(k);
  return ka;
}

/** A key of another length than 16 octets is padded with zeros, or is what XCBC under zeros makes of it (RFC 4434 §2). */
function xcbc(key: Uint8Array, parts: readonly Uint8Array[]): OwnOctets {
  const k = key.length > XCBC_OCTETS ? macOf(new Uint8Array(XCBC_OCTETS), [key]) : secretOctets(XCBC_OCTETS);
  if (key.length <= XCBC_OCTETS) k.set(key);
  const output = macOf(k, parts);
  wipe(k);
  return output;
}

function macOf(key: Uint8Array, parts: readonly Uint8Array[]): OwnOctets {
  const views = parts.map((part, i) => octetsView(`parts[${i}]`, part));
  const message = secretOctets(views.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of views) {
    message.set(part, at);
    at += part.length;
  }
  const mac = AesMac.xcbc(key);
  mac.compute(viewOf(message), 0, message.length);
  const output = secretOctets(XCBC_OCTETS);
  mac.write(viewOf(output), 0, XCBC_OCTETS);
  mac.wipe();
  wipe(message);
  return output;
}
