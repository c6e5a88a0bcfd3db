/** What the window says of a sequence number. Only `new` may be delivered. */
export type ReplayVerdict = 'new' | 'replayed' | 'too-old' | 'zero';

/** The span of a window, and how long its sequence numbers are. */
export interface ReplayWindowOptions {
  /** How many packets the window spans: 32 to 4096, any integer (RFC 4303 §3.4.3 asks for 32 and advises 64). */
  readonly packets: number;
  /** Whether sequence numbers have 64 bits, of which packets carry the low 32. Default false. */
  readonly esn?: boolean;
  /** Every number up to this one counts as committed. Default 0n: none. */
  readonly seen?: bigint;
}

/** Sequence numbers in a subspace: those that share a high half. */
const SUBSPACE = 2 ** 32;
const BLOCK_BITS = 32;
const BLOCKS_IN_SUBSPACE = SUBSPACE / BLOCK_BITS;

/**
 * The anti-replay window of one inbound SA (RFC 4303 §3.4.3, Appendix A2). Exact: with T the highest number committed, a
 * number `seq` is taken if and only if T - seq < `packets` and it has not been committed before.
 *
 * `check` before the ICV is verified, `commit` after: only `commit` moves the window. Both take time that does not
 * depend on how far the window jumps.
 */
export class ReplayWindow {
  readonly packets: number;
  readonly esn: boolean;
  /** A bit for each number; block k of the sequence space lies at k modulo the length, a power of two. */
  readonly #ring: Int32Array;
  #topHigh = 0;
  #topLow = 0;
  #sequenceHigh = 0;

  /**
   * @throws RangeError unless `packets` is an integer from 32 to 4096, and `seen` 0n or a sequence number.
   * @throws TypeError without options, and for a `seen` that is no bigint.
   */
  constructor(options: ReplayWindowOptions) {
    if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
    const { packets, esn = false, seen = 0n } = options;
    if (typeof seen !== 'bigint') throw new TypeError('seen must be a bigint');
    if (!(Number.isInteger(packets) && packets >= 32 && packets <= 4096)) {
      throw new RangeError('ReplayWindow: packets must be an integer from 32 to 4096');
    }
    if (seen < 0n || seen >= BigInt(SUBSPACE) ** (esn ? 2n : 1n)) {
      throw new RangeError(`ReplayWindow: seen must be from 0 to 2^${esn ? 64 : 32} - 1`);
    }
    this.packets = packets;
    this.esn = esn;
    // The spare block: a window that ends inside a block also begins inside one.
    const blocks = Math.ceil(packets / BLOCK_BITS) + 1;
    this.#ring = new Int32Array(2 ** Math.ceil(Math.log2(blocks)));
    this.#see(seen);
  }

  /** High half (u32) of the number last given to `check`; 0 without ESN, of no meaning after `too-old`. */
  get sequenceHigh(): number {
    return this.#sequenceHigh;
  }

  /** T: the highest sequence number committed; 0n at first. */
  get highest(): bigint {
    return BigInt(this.#topHigh) * BigInt(SUBSPACE) + BigInt(this.#topLow);
  }

  /** Judges the sequence number that a packet carries (u32) and infers its high half. Changes nothing else. */
  check(sequence: number): ReplayVerdict {
    const high = this.esn ? this.#inferHigh(sequence) : 0;
    this.#sequenceHigh = high;
    return this.#isAhead(sequence, high) ? 'new' : this.#judge(sequence, high);
  }

  /**
   * Marks the number of an authenticated packet and moves the window up to it. The number is judged once more: only
   * `new` was marked, anything else changed nothing.
   *
   * @param sequence Low half, as the packet carries it (u32).
   * @param sequenceHigh The high half that was authenticated (u32); 0 without ESN.
   */
  commit(sequence: number, sequenceHigh: number): ReplayVerdict {
    if (this.#isAhead(sequence, sequenceHigh)) {
      this.#clear((sequence >>> 5) - (this.#topLow >>> 5));
      this.#topLow = sequence;
    } else {
      const verdict = this.#judge(sequence, sequenceHigh);
      if (verdict !== 'new') return verdict;
      if (this.#age(sequence, sequenceHigh) < 0) this.#advance(sequence, sequenceHigh);
    }
    const ring = this.#ring;
    const block = (sequence >>> 5) & (ring.length - 1);
    ring[block] = (ring[block] ?? 0) | (1 << (sequence & 31));
    return 'new';
  }

  /** All up to `top` are seen, and none above, which lie in the same block. */
  #see(top: bigint): void {
    this.#topHigh = Number(top >> 32n);
    this.#topLow = Number(BigInt.asUintN(32, top));
    this.#ring.fill(-1);
    this.#ring[(this.#topLow >>> 5) & (this.#ring.length - 1)] = -1 >>> (31 - (this.#topLow & 31));
  }

  /** Whether the number is above the window, in its subspace: so it is with packets that come in order. */
  #isAhead(sequence: number, high: number): boolean {
    return high === this.#topHigh && sequence > this.#topLow;
  }

  /** RFC 4303 Appendix A2.2: the subspace in which the number is nearest above the window's lower bound. */
  #inferHigh(sequence: number): number {
    const bottomLow = this.#topLow - this.packets + 1;
    // Case A: the window lies in one subspace; what is below it belongs to the next.
    if (bottomLow >= 0) return sequence >= bottomLow ? this.#topHigh : this.#topHigh + 1;
    // Case B: the window spans two.
    return sequence >= bottomLow + SUBSPACE ? this.#topHigh - 1 : this.#topHigh;
  }

  #judge(sequence: number, high: number): ReplayVerdict {
    if (sequence === 0 && high === 0) return 'zero';
    // There is no subspace before the first, none after the last.
    if (high < 0 || high >= SUBSPACE) return 'too-old';
    const age = this.#age(sequence, high);
    if (age < 0) return 'new';
    if (age >= this.packets) return 'too-old';
    const block = this.#ring[(sequence >>> 5) & (this.#ring.length - 1)] ?? 0;
    return (block & (1 << (sequence & 31))) === 0 ? 'new' : 'replayed';
  }

  /** T - seq; negative for a number above the window. */
  #age(sequence: number, high: number): number {
    return (this.#topHigh - high) * SUBSPACE + (this.#topLow - sequence);
  }

  /** Moves the window up to a number of any later subspace. */
  #advance(sequence: number, high: number): void {
    this.#clear((high - this.#topHigh) * BLOCKS_IN_SUBSPACE + ((sequence >>> 5) - (this.#topLow >>> 5)));
    this.#topHigh = high;
    this.#topLow = sequence;
  }

  /** Clears the blocks that the window enters: each at most once, so the ring's length bounds any jump. */
  #clear(entered: number): void {
    const ring = this.#ring;
    const from = this.#topLow >>> 5;
    const cleared = Math.min(entered, ring.length);
    for (let k = 1; k <= cleared; k++) ring[(from + k) & (ring.length - 1)] = 0;
  }
}
