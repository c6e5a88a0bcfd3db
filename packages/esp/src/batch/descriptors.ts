import { PROTOCOL } from '@espalier/wire';
import { ESP_REFUSALS, type EspRefusal } from '../sa/refusals.ts';

const WAITING = -2;
const DONE = -1;
/** An engine threw on it: it is neither as it came nor done. */
const SPOILT = -3;

/**
 * Where the packets of a batch lie, and what became of each: a column for each thing to know. The methods are so short
 * that V8 always inlines them.
 */
export class Descriptors {
  readonly #slots: Int32Array;
  readonly #offsets: Int32Array;
  readonly #lengths: Int32Array;
  readonly #heads: Int32Array;
  readonly #tos: Int32Array;
  readonly #nextHeaders: Int32Array;
  /** WAITING, DONE, SPOILT, or the index of a refusal. */
  readonly #statuses: Int32Array;

  #hasDummies = false;

  constructor(capacity: number) {
    this.#slots = new Int32Array(capacity);
    this.#offsets = new Int32Array(capacity);
    this.#lengths = new Int32Array(capacity);
    this.#heads = new Int32Array(capacity);
    this.#tos = new Int32Array(capacity);
    this.#nextHeaders = new Int32Array(capacity);
    this.#statuses = new Int32Array(capacity);
  }

  /** The pool's number of the packet's slot. */
  slot(index: number): number {
    return this.#slots[index] ?? 0;
  }

  offset(index: number): number {
    return this.#offsets[index] ?? 0;
  }

  length(index: number): number {
    return this.#lengths[index] ?? 0;
  }

  /** Octets of headers that lie in front of the packet and came with it. */
  headOctets(index: number): number {
    return this.#heads[index] ?? 0;
  }

  /** TOS octet of the outer header that the packet came with. */
  tos(index: number): number {
    return this.#tos[index] ?? 0;
  }

  nextHeader(index: number): number {
    return this.#nextHeaders[index] ?? 0;
  }

  /** Whether any is to be sealed as a dummy. */
  get hasDummies(): boolean {
    return this.#hasDummies;
  }

  isDummy(index: number): boolean {
    return this.#nextHeaders[index] === PROTOCOL.none;
  }

  isWaiting(index: number): boolean {
    return this.#statuses[index] === WAITING;
  }

  isDone(index: number): boolean {
    return this.#statuses[index] === DONE;
  }

  reason(index: number): EspRefusal | undefined {
    const status = this.#statuses[index] ?? WAITING;
    return status < 0 ? undefined : ESP_REFUSALS[status];
  }

  /** Anew, with none. */
  begin(): void {
    this.#hasDummies = false;
  }

  /** A packet that no SA has seen. */
  wait(index: number, slot: number, offset: number, length: number, tos: number, headOctets: number): void {
    this.#slots[index] = slot;
    this.#offsets[index] = offset;
    this.#lengths[index] = length;
    this.#heads[index] = headOctets;
    this.#tos[index] = tos;
    this.#nextHeaders[index] = 0;
    this.#statuses[index] = WAITING;
  }

  /** A packet that waits is to be discarded at the other end. */
  markDummy(index: number): void {
    this.#nextHeaders[index] = PROTOCOL.none;
    this.#hasDummies = true;
  }

  /** Where a packet that waits is laid out to be sealed. */
  place(index: number, offset: number, length: number): void {
    this.#offsets[index] = offset;
    this.#lengths[index] = length;
  }

  /** A packet that was sealed where it is placed. */
  sealed(index: number): void {
    this.#nextHeaders[index] = 0;
    this.#statuses[index] = DONE;
  }

  /** A packet that was sealed or opened, and where it lies now. */
  done(index: number, offset: number, length: number, nextHeader: number): void {
    this.#offsets[index] = offset;
    this.#lengths[index] = length;
    this.#nextHeaders[index] = nextHeader;
    this.#statuses[index] = DONE;
  }

  /** A packet that was sealed or opened waits for another SA, its first `headOctets` in front of what that is for. */
  again(index: number, headOctets: number): void {
    this.#offsets[index] = this.offset(index) + headOctets;
    this.#lengths[index] = this.length(index) - headOctets;
    this.#heads[index] = headOctets;
    this.#nextHeaders[index] = 0;
    this.#statuses[index] = WAITING;
  }

  /** Those from `from` to `end` that wait are as an engine left them when it threw: no SA is to take them. */
  spoil(from: number, end: number): void {
    for (let i = from; i < end; i++) if (this.isWaiting(i)) this.#statuses[i] = SPOILT;
  }

  refuse(index: number, reason: EspRefusal): void {
    this.#statuses[index] = ESP_REFUSALS.indexOf(reason);
  }
}
