import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';

/** What an SA has of the platform, found by the address of its keys: a batch may hold packets of many SAs. */
export class ByContext<T> {
  readonly #memories = new WeakMap<KernelMemory, Map<number, T>>();

  set(memory: KernelMemory, context: number, value: T): void {
    let known = this.#memories.get(memory);
    if (known === undefined) {
      known = new Map();
      this.#memories.set(memory, known);
    }
    known.set(context, value);
  }

  /** @throws TypeError for an address that no SA has. */
  get(memory: KernelMemory, context: number): T {
    const value = this.#memories.get(memory)?.get(context);
    if (value === undefined) throw new TypeError('this transform was wiped');
    return value;
  }

  delete(memory: KernelMemory, context: number): void {
    this.#memories.get(memory)?.delete(context);
  }
}
