import { inflate } from '@espalier/esp/ipcomp';
import { IPCOMP_HEADER_OCTETS, IPCOMP_TRANSFORM, ipcompCpi, ipcompNextHeader } from '@espalier/wire';

/** What IPComp has made smaller (RFC 3173 §2). */
export interface Decompressed {
  readonly octets: Uint8Array;
  readonly nextHeader: number;
  /** Compression Parameter Index (RFC 3173 §3.3). */
  readonly cpi: number;
}

/** Those that say an algorithm by themselves, and another one than DEFLATE (RFC 2407 §4.4.5). */
const OTHERS: ReadonlyMap<number, string> = new Map([
  [IPCOMP_TRANSFORM.oui, 'OUI'],
  [IPCOMP_TRANSFORM.lzs, 'LZS'],
  [IPCOMP_TRANSFORM.lzjh, 'LZJH'],
]);

/** A negotiated CPI does not say its algorithm: DEFLATE is tried (RFC 2394). A text says why it was in vain. */
export function decompressed(octets: Uint8Array, mostOctets: number): Decompressed | string {
  if (octets.length < IPCOMP_HEADER_OCTETS) return 'IPComp header that is not there whole';
  const cpi = ipcompCpi(octets, 0);
  const plain = inflate(octets.subarray(IPCOMP_HEADER_OCTETS), mostOctets);
  if (plain instanceof Uint8Array) return { octets: plain, nextHeader: ipcompNextHeader(octets, 0), cpi };
  if (plain === 'too-long') return 'IPComp of more octets than a packet has';
  return `IPComp that is not DEFLATE (CPI ${cpi}${OTHERS.has(cpi) ? `, ${OTHERS.get(cpi)}` : ''})`;
}
