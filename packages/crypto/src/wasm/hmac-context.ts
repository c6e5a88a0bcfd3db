import type { EspIntegrity } from '../suites.ts';
import type { KernelMemory } from './kernel-memory.ts';

/** Both pads' states, at the front of a context. */
export const HMAC_CONTEXT_OCTETS = 128;

/** The kernels' number of each hash. */
export const KERNEL_HASH: Readonly<Record<Exclude<EspIntegrity, 'none'>, number>> = {
  'hmac-md5-96': 0,
  'hmac-sha1-96': 1,
  'hmac-sha2-256-128': 2,
  'hmac-sha2-384-192': 3,
  'hmac-sha2-512-256': 4,
};

/** Calls `use` with the address of a copy of `secret` in the kernels' memory, which is wiped afterwards. */
export function withSecret(memory: KernelMemory, secret: Uint8Array, use: (address: number) => void): void {
  const address = memory.staging;
  memory.octets.set(secret, address);
  use(address);
  memory.octets.fill(0, address, address + secret.length);
}
