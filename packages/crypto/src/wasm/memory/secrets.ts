import type { KernelMemory } from './kernel-memory.ts';

/** Calls `use` with the address of the secrets, one behind the other in the kernels' memory, and wipes them there. */
export function withSecrets(
  memory: KernelMemory,
  secrets: readonly Uint8Array[],
  use: (address: number) => void,
): void {
  let end = 0;
  for (const secret of secrets) {
    memory.stage(end, secret);
    end += secret.length;
  }
  use(memory.staging);
  memory.staged(0, end).fill(0);
}
