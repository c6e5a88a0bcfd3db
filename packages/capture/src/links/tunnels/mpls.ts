import type { Inside, Layer } from '../layer.ts';

/** Labels of 4 octets, of which the last says so (RFC 3032 §2.1); what follows says nothing of itself but its first bits. */
export const mpls: Layer = {
  name: 'MPLS',
  found: [
    ['ether-type', 0x8847],
    ['ether-type', 0x8848],
    ['ppp', 0x0281],
    ['protocol', 137],
  ],
  read(octets, at, end): Inside {
    let label = at;
    while (label + 4 < end && ((octets[label + 2] ?? 0) & 1) === 0) label += 4;
    const inside = label + 4;
    const version = (octets[inside] ?? 0) >> 4;
    if (version === 4 || version === 6) return { ip: true, at: inside };
    // A pseudowire's control word (RFC 4448 §4.6), and Ethernet.
    if (version === 0) return { key: ['link-type', 1], at: inside + 4 };
    return { stop: 'MPLS around something else than IP or Ethernet' };
  },
};
