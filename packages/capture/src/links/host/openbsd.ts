import type { Layer } from '../layer.ts';

/** What OpenBSD's enc interface gives: address family, SPI and flags around the packet in clear. */
export const enc: Layer = {
  name: 'OpenBSD enc',
  found: [['link-type', 109]],
  read: (_, at) => ({ ip: true, at: at + 12 }),
};

/** pf's log: its own length, which is less what aligns it, and the address family. */
export const pflog: Layer = {
  name: 'OpenBSD pflog',
  found: [['link-type', 117]],
  read: (octets, at) => ({ ip: true, at: at + (((octets[at] ?? 0) + 3) & ~3) }),
};
