/** What the first line of a recording says. A version is read by every release that writes it. */
export const FORMAT = 'espalier-ike-recording';
export const VERSION = 2;

/** The first line. */
export interface Header {
  readonly format: string;
  readonly version: number;
  readonly secrets: boolean;
}

/** What came of an input that threw. */
export interface Threw {
  readonly threw: string;
  readonly message: string;
}

/** That the caller has seen the end of the outputs of a kind. */
export interface Drained {
  readonly drained: string;
}

/** Characters of one line: room for the peers that an endpoint begins with. */
const LINE_MOST = 16_777_216;

/** That a recording is no recording, or that a replay did something else than was recorded; and where. */
export class RecordingError extends Error {
  /** Counts from 1. */
  readonly line: number;
  /** 'differs': the line can be read, and the same inputs did something else here. */
  readonly kind: 'damaged' | 'differs';

  constructor(line: number, kind: RecordingError['kind'], what: string) {
    super(`line ${line}: ${what}`);
    this.name = 'RecordingError';
    this.line = line;
    this.kind = kind;
  }
}

/** One line, read. */
export interface Line {
  readonly number: number;
  readonly text: string;
  readonly value: object;
}

/** The lines of a recording one by one, with a view of the one to come. Empty ones do not count. */
export class Lines {
  readonly #texts: Iterator<string>;
  #number = 0;
  #next: Line | undefined;

  constructor(lines: string | Iterable<string>) {
    this.#texts = (typeof lines === 'string' ? lines.split('\n') : lines)[Symbol.iterator]();
  }

  /** The number of the line that was taken last. */
  get number(): number {
    return this.#next === undefined ? this.#number : this.#next.number - 1;
  }

  /** @throws RecordingError unless it is an object in JSON. */
  peek(): Line | undefined {
    this.#next ??= this.#read();
    return this.#next;
  }

  take(): Line | undefined {
    const line = this.peek();
    this.#next = undefined;
    return line;
  }

  #read(): Line | undefined {
    for (;;) {
      const { done, value: text } = this.#texts.next();
      if (done === true) return undefined;
      this.#number += 1;
      if (typeof text !== 'string') throw new TypeError('lines: must be text');
      if (text.trim() !== '') return { number: this.#number, text: text.trimEnd(), value: parse(this.#number, text) };
    }
  }
}

function parse(line: number, text: string): object {
  if (text.length > LINE_MOST) throw new RecordingError(line, 'damaged', `has more than ${LINE_MOST} characters`);
  const value = parsed(line, text);
  if (typeof value !== 'object' || value === null) throw new RecordingError(line, 'damaged', 'is no object');
  return value;
}

function parsed(line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RecordingError(line, 'damaged', 'is no JSON');
  }
}
