import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import type { Cipher, Decipher } from './ciphers.ts';

/** Up to this many octets of packets the kernels are faster than a call of the platform. */
export const FEW_OCTETS = 512;

/**
 * A call costs a microsecond and the memory of its result. Allocators give larger pieces back to the system, which makes them
 * anew page by page.
 */
const CALL_OCTETS = 8192;

/** Transforms octets `from` to `to` of the staging area in place: whole blocks. */
export function updateStaged(memory: KernelMemory, cipher: Cipher | Decipher, from: number, to: number): void {
  for (let at = from; at < to; at += CALL_OCTETS) {
    memory.stage(at, cipher.update(memory.staged(at, Math.min(to, at + CALL_OCTETS))));
  }
}
