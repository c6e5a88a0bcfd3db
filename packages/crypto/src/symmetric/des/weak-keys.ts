import { type OwnOctets, octetsView } from '../../octets.ts';

/** Octets of a DES key, parity included. */
const DES_KEY_OCTETS = 8;

/** The four weak and twelve semi-weak keys of DES (RFC 2409 Appendix A). */
const WEAK_KEYS: ReadonlySet<string> = new Set([
  '0101010101010101',
  '1f1f1f1f0e0e0e0e',
  'e0e0e0e0f1f1f1f1',
  'fefefefefefefefe',
  '011f011f010e010e',
  '1f011f010e010e01',
  '01e001e001f101f1',
  'e001e001f101f101',
  '01fe01fe01fe01fe',
  'fe01fe01fe01fe01',
  '1fe01fe00ef10ef1',
  'e01fe01ff10ef10e',
  '1ffe1ffe0efe0efe',
  'fe1ffe1ffe0efe0e',
  'e0fee0fef1fef1fe',
  'fee0fee0fef1fef1',
]);

/** Whether a DES key of 8 octets is weak or semi-weak, whatever its parity bits. @throws RangeError for other lengths. */
export function isWeakDesKey(given: Uint8Array): boolean {
  const key = octetsView('key', given);
  if (key.length !== DES_KEY_OCTETS) throw new RangeError(`key must be 8 octets, not ${key.length}`);
  return WEAK_KEYS.has(Array.from(key, (octet) => withOddParity(octet).toString(16).padStart(2, '0')).join(''));
}

/**
 * The DES key in keying material: its first 8 octets in a row that are neither weak nor semi-weak (RFC 2409
 * Appendix B).
 * @throws RangeError where there are none.
 */
export function desKeyFrom(material: Uint8Array): OwnOctets {
  const octets = octetsView('material', material);
  for (let at = 0; at + DES_KEY_OCTETS <= octets.length; at++) {
    const key = octets.subarray(at, at + DES_KEY_OCTETS);
    if (!isWeakDesKey(key)) return key.slice();
  }
  throw new RangeError('material must hold a DES key of 8 octets that is not weak');
}

function withOddParity(octet: number): number {
  const bits = octet & 0xfe;
  const folded = bits ^ (bits >> 4);
  const parity = (0x6996 >> (folded & 15)) & 1;
  return bits | (parity ^ 1);
}
