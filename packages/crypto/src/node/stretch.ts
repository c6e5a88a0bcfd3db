import type { Cipher, Decipher } from 'node:crypto';
import type { KernelMemory } from '../wasm/kernel-memory.ts';

/** Up to this many octets of packets the kernels are faster than a call of the platform. */
export const FEW_OCTETS = 512;

/** Octets gathered at once: few enough to stay in the processor's nearer caches. */
export const STRETCH_OCTETS = 16_384;

/** Octets of one call: results of 32 KiB and more cost Node three times as much memory management. */
const CALL_OCTETS = 16_384;

/** Transforms the first octets of the staging area in place: whole blocks. */
export function updateStaged(memory: KernelMemory, cipher: Cipher | Decipher, octets: number): void {
  for (let at = 0; at < octets; at += CALL_OCTETS) {
    memory.stage(at, cipher.update(memory.staged(at, Math.min(octets, at + CALL_OCTETS))));
  }
}
