import type { Layer } from '../layer.ts';

/** No header at all: IP by either family's own number or by none, DLT_RAW as it is called on several systems. */
export const raw: Layer = {
  name: 'raw IP',
  found: [101, 12, 14, 228, 229].map((type) => ['link-type', type]),
  read: (_, at) => ({ ip: true, at }),
};

/** IP by its EtherType. */
export const ofEthernet: Layer = {
  name: '',
  found: [
    ['ether-type', 0x0800],
    ['ether-type', 0x86dd],
  ],
  read: (_, at) => ({ ip: true, at }),
};

/** IP in IP (RFC 2003), 6in4 (RFC 4213) and IPv6 in IPv6 (RFC 2473). */
export const ofIp: Layer = {
  name: 'IP in IP',
  found: [
    ['protocol', 4],
    ['protocol', 41],
  ],
  read: (_, at) => ({ ip: true, at }),
};
