import type { Inside, Layer } from '../layer.ts';

const PAYLOAD = 9;
const FAMILIES: readonly number[] = [2, 10];

/** Linux netfilter's log, as Android captures: attributes in the byte order of the machine, one of which is the packet. */
export const nflog: Layer = {
  name: 'NFLOG',
  found: [['link-type', 239]],
  read(octets, at, end): Inside {
    if (!FAMILIES.includes(octets[at] ?? 0)) return { stop: `NFLOG of address family ${octets[at] ?? 0}` };
    return payloadIn(octets, at + 4, end, 0) ?? payloadIn(octets, at + 4, end, 1) ?? { stop: 'NFLOG without a packet' };
  },
};

/** `low`: which octet of a number is the least significant. */
function payloadIn(octets: Uint8Array, from: number, end: number, low: 0 | 1): Inside | undefined {
  const u16 = (at: number): number => (octets[at + low] ?? 0) | ((octets[at + 1 - low] ?? 0) << 8);
  for (let at = from; at + 4 <= end; ) {
    const length = u16(at);
    if (length < 4) return undefined;
    if ((u16(at + 2) & 0x7fff) === PAYLOAD) return { ip: true, at: at + 4, end: Math.min(end, at + length) };
    at += (length + 3) & ~3;
  }
  return undefined;
}
