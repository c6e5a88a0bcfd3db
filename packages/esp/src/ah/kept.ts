import type { Engine } from '@espalier/crypto';

/** Octets that are overwritten for as long as an ICV is computed, and then put back. */
export class Kept {
  #octets = new Uint8Array(128);

  get octets(): Uint8Array {
    return this.#octets;
  }

  keep(memory: Uint8Array, from: number, to: number): void {
    if (to - from > this.#octets.length) this.#octets = new Uint8Array(2 * (to - from));
    const octets = this.#octets;
    for (let i = from; i < to; i++) octets[i - from] = memory[i] ?? 0;
  }

  restore(memory: Uint8Array, from: number, to: number): void {
    const octets = this.#octets;
    for (let i = from; i < to; i++) memory[i] = octets[i - from] ?? 0;
  }
}

const BY_ENGINE = new WeakMap<Engine, Kept>();

/** The one that all SAs of an engine share: nothing else runs while an ICV is computed. */
export function keptOf(engine: Engine): Kept {
  let kept = BY_ENGINE.get(engine);
  if (kept === undefined) {
    kept = new Kept();
    BY_ENGINE.set(engine, kept);
  }
  return kept;
}
