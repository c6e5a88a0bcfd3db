import type { Endpoint } from '@espalier/ike';
import type { Side } from '../specification.ts';

/** Where the ends are, by the family of IP. */
export const ADDRESSES: Readonly<Record<4 | 6, Readonly<Record<Side, Endpoint>>>> = {
  4: { left: { address: '192.0.2.1', port: 500 }, right: { address: '198.51.100.1', port: 500 } },
  6: { left: { address: '2001:db8:1::1', port: 500 }, right: { address: '2001:db8:2::1', port: 500 } },
};
