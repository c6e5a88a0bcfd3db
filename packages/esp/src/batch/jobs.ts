import {
  type EspJobs,
  type EspTransform,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from '@espalier/crypto';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const WORDS = JOB_WORDS;
const OFFSET = JOB_OFFSET;
const LENGTH = JOB_LENGTH;
const SEQUENCE_HIGH = JOB_SEQUENCE_HIGH;
const STATUS = JOB_STATUS;

/** What an engine is given to do. */
export class Jobs implements EspJobs {
  readonly words: Int32Array;
  count = 0;
  /** Of the jobs of several SAs, whose each is. */
  readonly transforms: EspTransform[] = [];
  /** How many of them have one. */
  #assigned = 0;
  /** Jobs whose outcome was looked at: the next one's index. */
  read = 0;

  constructor(capacity: number) {
    this.words = new Int32Array(capacity * WORDS);
  }

  /** Anew, with none. */
  begin(): void {
    this.count = 0;
    this.read = 0;
    this.#assigned = 0;
  }

  /** All that were added since the last call are of this transform. */
  assign(transform: EspTransform): void {
    while (this.#assigned < this.count) {
      this.transforms[this.#assigned] = transform;
      this.#assigned += 1;
    }
  }

  add(offset: number, length: number, sequenceHigh: number): void {
    const { words } = this;
    const at = this.count * WORDS;
    words[at + OFFSET] = offset;
    words[at + LENGTH] = length;
    words[at + SEQUENCE_HIGH] = sequenceHigh;
    words[at + STATUS] = 0;
    this.count += 1;
  }

  offset(index: number): number {
    return this.words[index * WORDS + OFFSET] ?? 0;
  }

  length(index: number): number {
    return this.words[index * WORDS + LENGTH] ?? 0;
  }

  sequenceHigh(index: number): number {
    return (this.words[index * WORDS + SEQUENCE_HIGH] ?? 0) >>> 0;
  }

  succeeded(index: number): boolean {
    return this.words[index * WORDS + STATUS] === 1;
  }
}
