import type { Cipher, Decipher } from 'node:crypto';
import { type KernelMemory, STRETCH_OCTETS } from '../wasm/memory/kernel-memory.ts';

/** Up to this many octets of packets the kernels are faster than a call of the platform. */
export const FEW_OCTETS = 512;

/** Transforms the first octets of the staging area in place: whole blocks. */
export function updateStaged(memory: KernelMemory, cipher: Cipher | Decipher, octets: number): void {
  for (let at = 0; at < octets; at += STRETCH_OCTETS) {
    memory.stage(at, cipher.update(memory.staged(at, Math.min(octets, at + STRETCH_OCTETS))));
  }
}
