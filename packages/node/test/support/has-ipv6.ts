import { networkInterfaces } from 'node:os';

/** In some containers there is none. */
export const hasIpv6: boolean = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
if (!hasIpv6) console.log('IPv6 is not tested: there is no ::1');
