import type { Layer } from '../layer.ts';

/** RFC 7348 §5: flags, a network's number, and an Ethernet frame. 8472 is Linux's port from before. */
export const vxlan: Layer = {
  name: 'VXLAN',
  found: [
    ['udp-port', 4789],
    ['udp-port', 8472],
  ],
  read: (octets, at) =>
    ((octets[at] ?? 0) & 0x08) === 0 ? { stop: 'VXLAN without a network' } : { key: ['link-type', 1], at: at + 8 },
};
