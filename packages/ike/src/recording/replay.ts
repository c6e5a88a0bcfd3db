import { copyOctets, type Engine, type PrivateKey } from '@espalier/crypto';
import type { Instant } from '@espalier/wire';
import { readPeerConfig } from '../configuration/peer-config.ts';
import { LEGACY } from '../configuration/proposals.ts';
import { fieldsOf, readArray, readBoolean, readChoice, readObject } from '../configuration/read.ts';
import { IkeEndpoint } from '../endpoint.ts';
import type { IkeEvent, Timeout, Transmit } from '../events.ts';
import type { Answer, Question } from '../questions/question.ts';
import type { Credentials, IkeEndpointConfig, PeerConfig, XAuthUser } from '../types.ts';
import { CALLS, end, type Field, now } from './calls.ts';
import { type Drained, FORMAT, type Header, type Line, Lines, RecordingError, type Threw, VERSION } from './format.ts';
import { fromJson, HIDDEN } from './json.ts';
import { RecordedEndpoint } from './recorded-endpoint.ts';
import { NeedsSecret, Script } from './script.ts';
import type { OutputKind } from './tape.ts';

/** One input, done again, and all that came of it. */
export interface ReplayedStep {
  /** Counts from 0, which is the construction. */
  readonly index: number;
  /** Line of the recording, from 1. */
  readonly line: number;
  /** Name of the method of `IkeEndpoint`; 'construct' of its constructor. */
  readonly input: string;
  /** The arguments by their names; what was left out is missing. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Undefined of the construction. */
  readonly now: Instant | undefined;
  /** Of `handleDatagram`. */
  readonly datagram: Transmit | undefined;
  /** Why a datagram, or an answer, was refused. */
  readonly refused: string | undefined;
  /** Name and message of what it threw. */
  readonly threw: string | undefined;
  /** The outputs that were fetched before the next input. */
  readonly events: readonly IkeEvent[];
  readonly transmits: readonly Transmit[];
  readonly questions: readonly Question[];
  /** Undefined while nothing was to come. */
  readonly timeout: Timeout | undefined;
}

/** What a replay needs that no recording holds. */
export interface ReplayOptions extends Pick<IkeEndpointConfig, 'keyLog'> {
  readonly engine: Engine;
}

/** What a replayed endpoint can be asked between two steps. */
export type ReplayedEndpoint = Pick<IkeEndpoint, 'ikeSas' | 'children' | 'counters' | 'peerNames'>;

const ALL = new Set(LEGACY);

/**
 * Does again, step by step, what a `RecordedEndpoint` wrote down, and compares all that comes of it with what came of it
 * then: what was drawn, results, timeouts, events, questions and datagrams, octet for octet. Fields that a later release
 * has in addition are no difference.
 *
 * A recording without secrets ends before the first step that needs one: see `endedAt`.
 */
export class Replay implements Iterable<ReplayedStep> {
  readonly #script: Script;
  readonly #secrets: boolean;
  readonly #keyLog: ReplayOptions['keyLog'];
  /** Peers whose pre-shared keys were left out. */
  readonly #keyless = new Set<string>();
  #endpoint: RecordedEndpoint | undefined;
  #steps = 0;
  #endedAt: 'end' | 'secret' | undefined;

  /**
   * `lines`: the text of a recording, or its lines; read as far as they are needed.
   * @throws TypeError that names the argument, without options.
   * @throws RecordingError where the first line is not that of a recording of this version.
   */
  constructor(lines: string | Iterable<string>, options: ReplayOptions) {
    readObject('options', options);
    const { engine, keyLog } = options;
    this.#script = new Script(new Lines(lines), engine);
    this.#keyLog = keyLog;
    const { format, version, secrets } = fieldsOf<Header>(this.#script.lines.take()?.value);
    if (format !== FORMAT) throw new RecordingError(1, 'damaged', 'does not begin a recording');
    if (version !== VERSION) throw new RecordingError(1, 'damaged', `must be of version ${VERSION}`);
    if (typeof secrets !== 'boolean') throw new RecordingError(1, 'damaged', 'does not say whether it holds secrets');
    this.#secrets = secrets;
  }

  /** The endpoint as it is after the last step; undefined before the first. */
  get endpoint(): ReplayedEndpoint | undefined {
    return this.#endpoint;
  }

  /** Where it ended: at the end of the recording, or before a step that needs what was left out of it. */
  get endedAt(): 'end' | 'secret' | undefined {
    return this.#endedAt;
  }

  *[Symbol.iterator](): Iterator<ReplayedStep> {
    for (let step = this.next(); step !== undefined; step = this.next()) yield step;
  }

  /**
   * Does the next step; undefined where there is none.
   * @throws RecordingError, with the number of the line, where the recording is damaged, and where something else came
   * of the step than was recorded.
   */
  next(): ReplayedStep | undefined {
    if (this.#endedAt !== undefined) return undefined;
    const line = this.#script.lines.take();
    if (line === undefined) {
      this.#endedAt = 'end';
      return undefined;
    }
    this.#script.begin();
    const step = this.#do(line);
    if (step === undefined) this.#endedAt = 'secret';
    return step;
  }

  #do(line: Line): ReplayedStep | undefined {
    const { input, ...fields } = inputOf(line);
    if (typeof input !== 'string') throw new RecordingError(line.number, 'damaged', 'begins no step');
    const field: Field = (name) => fields[name];
    const outcome = this.#attempt(line, input, field);
    if (outcome === 'secret' || this.#isAtSecret) return undefined;
    const timeout = this.#endpoint?.pollTimeout();
    const outputs = this.#drain();
    if (this.#isAtSecret) return undefined;
    return {
      index: this.#steps++,
      line: line.number,
      input,
      fields,
      now: input === 'construct' ? undefined : now(field),
      datagram: input === 'handleDatagram' ? datagramOf(field) : undefined,
      timeout,
      ...outcome,
      ...outputs,
    };
  }

  #attempt(line: Line, input: string, field: Field): Pick<ReplayedStep, 'refused' | 'threw'> | 'secret' {
    try {
      return { refused: refusalOf(this.#call(line, input, field)), threw: undefined };
    } catch (error) {
      if (error instanceof NeedsSecret) return 'secret';
      if (error instanceof RecordingError || !(error instanceof Error)) throw error;
      const threw = `${error.name}: ${error.message}`;
      if (!this.#script.isEntered) {
        const { threw: name } = fieldsOf<Threw>(this.#script.lines.peek()?.value);
        if (name !== error.name) throw new RecordingError(line.number, 'damaged', error.message);
        this.#script.lines.take();
      }
      return { refused: undefined, threw };
    }
  }

  #call(line: Line, input: string, field: Field): unknown {
    if (input === 'construct') return this.#construct(line, field);
    const call = Object.hasOwn(CALLS, input) ? CALLS[input] : undefined;
    if (call === undefined) throw new RecordingError(line.number, 'damaged', 'says an input that is none');
    if (this.#endpoint === undefined) throw new RecordingError(line.number, 'damaged', 'comes before the construction');
    if (Object.values(fieldsOf<Answer>(field('answer'))).includes(HIDDEN)) throw new NeedsSecret();
    return call(this.#endpoint, (name) => (name === 'peer' ? this.#withoutKey(field(name)) : field(name)));
  }

  #construct(line: Line, field: Field): void {
    if (this.#endpoint !== undefined) throw new RecordingError(line.number, 'damaged', 'is a second construction');
    const { rng, engine } = this.#script;
    const isOwn = readBoolean('ownSoftLifetime', field('ownSoftLifetime'));
    const config: IkeEndpointConfig = {
      engine,
      rng,
      peers: readArray('peers', field('peers') ?? []).map((peer, i) =>
        readPeerConfig(`peers[${i}]`, this.#withoutKey(peer), ALL),
      ),
      allowLegacy: readArray('allowLegacy', field('allowLegacy') ?? []).map((one) =>
        readChoice('allowLegacy', one, LEGACY),
      ),
      ...(isOwn ? { softLifetime: () => this.#script.softLifetime() } : {}),
      ...(this.#keyLog === undefined ? {} : { keyLog: this.#keyLog }),
    };
    this.#endpoint = new RecordedEndpoint(config, {
      secrets: this.#secrets,
      write: (text) => this.#script.compare(text),
    });
  }

  /** A peer whose key was left out asks for it: there the replay is over. */
  #withoutKey(value: unknown): unknown {
    const { name, preSharedKey, xauth, credentials } = readObject<PeerConfig>('peer', value);
    const { privateKey } = fieldsOf<Credentials>(credentials);
    const signsNot = Object.values(fieldsOf<PrivateKey>(privateKey)).includes(HIDDEN);
    const sharesNot = preSharedKey === HIDDEN;
    if (signsNot || sharesNot) this.#keyless.add(String(name));
    return {
      ...fieldsOf<PeerConfig>(value),
      ...withoutPassword(xauth),
      ...(sharesNot ? { preSharedKey: 'ask' } : {}),
      ...(signsNot ? { credentials: { ...fieldsOf<Credentials>(credentials), privateKey: 'ask' } } : {}),
    };
  }

  /**
   * Whether what was done otherwise was done so for want of a key.
   * @throws RecordingError where it was not.
   */
  get #isAtSecret(): boolean {
    if (this.#script.difference === undefined) return false;
    const next = (): Question | undefined => this.#endpoint && IkeEndpoint.prototype.pollQuestion.call(this.#endpoint);
    for (let question = next(); question !== undefined; question = next()) {
      if (this.#keyless.has(question.peer)) return true;
    }
    throw this.#script.difference;
  }

  /** Fetches the outputs that were fetched then, in the same order. */
  #drain(): Pick<ReplayedStep, 'events' | 'transmits' | 'questions'> {
    const outputs: { events: IkeEvent[]; transmits: Transmit[]; questions: Question[] } = {
      events: [],
      transmits: [],
      questions: [],
    };
    for (;;) {
      const line = this.#script.difference === undefined ? this.#script.lines.peek() : undefined;
      const kind = line === undefined ? undefined : outputOf(line);
      if (kind === undefined) return outputs;
      const output = this.#endpoint && POLLS[kind](this.#endpoint);
      if (line === this.#script.lines.peek()) throw new RecordingError(line?.number ?? 0, 'damaged', 'is there twice');
      if (output === undefined) continue;
      if ('kind' in output && 'id' in output) outputs.questions.push(output);
      else if ('kind' in output) outputs.events.push(output);
      else outputs.transmits.push(output);
    }
  }
}

const POLLS: Readonly<Record<OutputKind, (endpoint: IkeEndpoint) => IkeEvent | Transmit | Question | undefined>> = {
  event: (endpoint) => endpoint.pollEvent(),
  transmit: (endpoint) => endpoint.pollTransmit(),
  question: (endpoint) => endpoint.pollQuestion(),
};

/** Which output a line tells of; undefined for a line that begins the next step. */
function outputOf({ value, number }: Line): OutputKind | undefined {
  if (Object.hasOwn(value, 'input')) return undefined;
  const { drained } = fieldsOf<Drained>(value);
  for (const kind of ['event', 'transmit', 'question'] as const) {
    if (Object.hasOwn(value, kind) || drained === kind) return kind;
  }
  throw new RecordingError(number, 'damaged', 'says what comes of nothing');
}

/** Asked for in its place, if a replay came so far. */
function withoutPassword(xauth: unknown): { readonly xauth?: unknown } {
  const { password, ...others } = fieldsOf<XAuthUser>(xauth);
  return password === HIDDEN ? { xauth: others } : {};
}

function inputOf({ value, number }: Line): Readonly<Record<string, unknown>> {
  try {
    return { ...fieldsOf<Record<string, unknown>>(fromJson(value)) };
  } catch (error) {
    throw new RecordingError(number, 'damaged', error instanceof Error ? error.message : 'cannot be read');
  }
}

function datagramOf(field: Field): Transmit {
  const datagram = field('datagram');
  const octets = datagram instanceof Uint8Array ? copyOctets('datagram', datagram) : new Uint8Array(0);
  return { source: end(field, 'from'), destination: end(field, 'to'), octets };
}

function refusalOf(result: unknown): string | undefined {
  const { reason } = fieldsOf<{ reason: unknown }>(result);
  return reason === undefined ? undefined : String(reason);
}
