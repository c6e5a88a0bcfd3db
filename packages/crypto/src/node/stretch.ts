import type { Cipher, Decipher } from 'node:crypto';
import { type KernelMemory, STRETCH_OCTETS } from '../wasm/memory/kernel-memory.ts';

/** Up to this many octets of packets the kernels are faster than a call of the platform. */
export const FEW_OCTETS = 512;

/** Transforms octets `from` to `to` of the staging area in place: whole blocks. */
export function updateStaged(memory: KernelMemory, cipher: Cipher | Decipher, from: number, to: number): void {
  for (let at = from; at < to; at += STRETCH_OCTETS) {
    memory.stage(at, cipher.update(memory.staged(at, Math.min(to, at + STRETCH_OCTETS))));
  }
}
