import type { OwnOctets } from '../octets.ts';

/** Octets of an IPv4 address. */
export const IPV4_OCTETS = 4;

/** The 4 octets of a dotted quad, if it is one. */
export function parseIpv4(text: string): OwnOctets | undefined {
  const octets = new Uint8Array(IPV4_OCTETS);
  let at = 0;
  for (let i = 0; i < IPV4_OCTETS; i++) {
    if (i > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const first = at;
    let value = 0;
    for (; isDigit(text.charCodeAt(at)); at++) value = 10 * value + text.charCodeAt(at) - ZERO;
    const digits = at - first;
    if (digits === 0 || digits > 3 || value > 255 || (digits > 1 && text.charCodeAt(first) === ZERO)) return undefined;
    octets[i] = value;
  }
  return at === text.length ? octets : undefined;
}

export function formatIpv4(octets: Uint8Array): string {
  return `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}`;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** NaN, behind the end, is none. */
function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
