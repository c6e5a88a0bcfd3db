import type { Layer } from '../layer.ts';

/** macOS: a header that says its own length and the link type of what follows, least significant octet first. */
export const pktap: Layer = {
  name: 'PKTAP',
  found: [
    ['link-type', 258],
    ['link-type', 149],
  ],
  read: (octets, at) => ({ key: ['link-type', u32(octets, at + 8)], at: at + u32(octets, at) }),
};

function u32(octets: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = octets.subarray(at, at + 4);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
