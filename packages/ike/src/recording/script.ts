import type { DhSide, Engine, Rng } from '@espalier/crypto';
import { type Duration, fromHex, milliseconds } from '@espalier/wire';
import { fieldsOf } from '../configuration/read.ts';
import { privateGroupKeyPair } from '../v1/quick-mode/own-exchange.ts';
import { type Line, type Lines, RecordingError, type Threw } from './format.ts';
import { covers } from './json.ts';

/** That a step needs what was left out of the recording. */
export class NeedsSecret extends Error {}

/** What a recording says, in the place of chance and of the caller; and what of it a replay did otherwise. */
export class Script {
  readonly lines: Lines;
  /** The first of the present step. */
  difference: RecordingError | undefined;
  /** Whether the present step has come to the endpoint. */
  isEntered = false;
  readonly #engine: Engine;
  /** What was drawn for the key pair that is being made. */
  #private: unknown[] | undefined;

  constructor(lines: Lines, engine: Engine) {
    this.lines = lines;
    this.#engine = engine;
  }

  begin(): void {
    this.difference = undefined;
    this.isEntered = false;
  }

  /** Takes what was written of the replay, which should be the next line. */
  compare(text: string): void {
    if (text.startsWith('{"format"')) return;
    if (text.startsWith('{"input"')) {
      this.isEntered = true;
      return;
    }
    const line = this.difference === undefined ? this.lines.take() : undefined;
    if (line === undefined) this.#differ(text);
    else if (text !== line.text && !isSame(JSON.parse(text), line.value)) this.#differ(text, line);
  }

  /** Gives the octets that were drawn then. */
  get rng(): Rng {
    return {
      fill: (out) => {
        if (this.#private !== undefined) this.#fill(out, this.#private.shift());
        else this.#fill(out, this.#next<{ random: unknown }>().random);
      },
    };
  }

  get engine(): Engine {
    const engine = this.#engine;
    return {
      name: engine.name,
      supports: (suite) => engine.supports(suite),
      allocate: (octets) => engine.allocate(octets),
      release: (memory) => engine.release(memory),
      createEspTransform: (options) => engine.createEspTransform(options),
      createIcvTransform: (options) => engine.createIcvTransform(options),
      createDhKeyPair: (group, rng) =>
        this.#keyPair(
          () => this.#engine.createDhKeyPair(group, rng),
          (side) => ({ ...side, group }),
        ),
      createPrivateGroupKeyPair: (group, rng) =>
        this.#keyPair(
          () => privateGroupKeyPair(this.#engine, group, rng),
          (side) => side,
        ),
      signatures: engine.signatures,
    };
  }

  softLifetime(): Duration {
    const { softLifetime } = this.#next<{ softLifetime: unknown }>();
    if (typeof softLifetime === 'number' && softLifetime >= 0) return milliseconds(softLifetime);
    this.#differ('a soft lifetime is asked for');
    return milliseconds(1);
  }

  /** Made as it was then; or, where its private value was left out, good for nothing but to be sent. */
  #keyPair<T extends DhSide>(make: () => T, dumb: (side: DhSide) => T): T {
    const { random, publicValue } = this.#next<{ random: unknown; publicValue: unknown }>();
    if (Array.isArray(random)) {
      this.#private = [...random];
      const pair = make();
      this.#private = undefined;
      return pair;
    }
    const agree = (): never => {
      throw this.difference ?? new NeedsSecret();
    };
    return dumb({ publicValue: this.#octets(publicValue), agree, wipe: () => {} });
  }

  #fill(out: Uint8Array, random: unknown): void {
    const octets = this.#octets(random);
    if (octets.length === out.length) out.set(octets);
    else this.#differ(`${out.length} octets are drawn`);
  }

  #octets(value: unknown): Uint8Array {
    try {
      if (typeof value === 'string') return fromHex(value);
    } catch {
      // Said below.
    }
    this.#differ('octets are drawn');
    return new Uint8Array(0);
  }

  #next<T>(): { readonly [K in keyof T]?: unknown } {
    return this.difference === undefined ? (this.lines.peek()?.value ?? {}) : {};
  }

  #differ(now: string, line: Line | undefined = this.lines.peek()): void {
    const then = line === undefined ? 'the recording is at its end' : `the recording says ${brief(line.text)}`;
    this.difference ??= new RecordingError(
      line?.number ?? this.lines.number,
      'differs',
      `${then}; replayed: ${brief(now)}`,
    );
  }
}

/** The message of an error may be another; its kind not. */
function isSame(replayed: unknown, said: object): boolean {
  const { threw } = fieldsOf<Threw>(said);
  return covers(replayed, threw === undefined ? said : { threw });
}

function brief(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
