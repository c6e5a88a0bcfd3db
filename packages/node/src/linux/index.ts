export { Linux } from './linux.ts';
export type { Tun, TunOptions } from './tun/tun.ts';
export type { KernelSocketOptions } from './udp/kernel-socket.ts';
