import type { ReplayVerdict } from '@espalier/replay';

const SUBSPACE = 1n << 32n;

/** The window as RFC 4303 defines it: a set of numbers and the highest of them. */
export class NaiveWindow {
  readonly #packets: bigint;
  readonly #esn: boolean;
  readonly #seen = new Set<bigint>();
  top = 0n;

  constructor(packets: number, esn: boolean) {
    this.#packets = BigInt(packets);
    this.#esn = esn;
  }

  /** The only number with these low 32 bits among the 2^32 from the window's lower bound upwards. */
  infer(low: number): bigint {
    if (!this.#esn) return BigInt(low);
    const bottom = this.top - this.#packets + 1n;
    return bottom + BigInt.asUintN(32, BigInt(low) - bottom);
  }

  judge(sequence: bigint): ReplayVerdict {
    if (sequence === 0n) return 'zero';
    if (sequence < 0n || sequence >= SUBSPACE * SUBSPACE) return 'too-old';
    if (this.top - sequence >= this.#packets) return 'too-old';
    return this.#seen.has(sequence) ? 'replayed' : 'new';
  }

  commit(sequence: bigint): void {
    this.#seen.add(sequence);
    if (sequence > this.top) this.top = sequence;
  }
}
