import { ESP_REFUSALS, type EspRefusal } from './refusals.ts';

const WORDS = 5;
const OFFSET = 0;
const LENGTH = 1;
/** TOS octet of the outer header that the packet came with. */
const TOS = 2;
const NEXT_HEADER = 3;
/** WAITING, DONE, or the index of a refusal. */
const STATUS = 4;

const WAITING = -2;
const DONE = -1;

/** Where the packets of a batch lie, and what became of each. */
export class Descriptors {
  readonly #words: Int32Array;

  constructor(capacity: number) {
    this.#words = new Int32Array(capacity * WORDS);
  }

  offset(index: number): number {
    return this.#word(index, OFFSET);
  }

  length(index: number): number {
    return this.#word(index, LENGTH);
  }

  tos(index: number): number {
    return this.#word(index, TOS);
  }

  nextHeader(index: number): number {
    return this.#word(index, NEXT_HEADER);
  }

  isWaiting(index: number): boolean {
    return this.#word(index, STATUS) === WAITING;
  }

  isDone(index: number): boolean {
    return this.#word(index, STATUS) === DONE;
  }

  reason(index: number): EspRefusal | undefined {
    const status = this.#word(index, STATUS);
    return status < 0 ? undefined : ESP_REFUSALS[status];
  }

  /** A packet that no SA has seen. */
  wait(index: number, offset: number, length: number, tos: number): void {
    const at = index * WORDS;
    this.#words[at + OFFSET] = offset;
    this.#words[at + LENGTH] = length;
    this.#words[at + TOS] = tos;
    this.#words[at + NEXT_HEADER] = 0;
    this.#words[at + STATUS] = WAITING;
  }

  /** A packet that was sealed or opened, and where it lies now. */
  done(index: number, offset: number, length: number, nextHeader: number): void {
    const at = index * WORDS;
    this.#words[at + OFFSET] = offset;
    this.#words[at + LENGTH] = length;
    this.#words[at + NEXT_HEADER] = nextHeader;
    this.#words[at + STATUS] = DONE;
  }

  refuse(index: number, reason: EspRefusal): void {
    this.#words[index * WORDS + STATUS] = ESP_REFUSALS.indexOf(reason);
  }

  #word(index: number, word: number): number {
    return this.#words[index * WORDS + word] ?? 0;
  }
}
