import type { IkeEvent, Question, Transmit } from '@espalier/ike';
import type { LearnedSystem } from '@espalier/testing/learning';
import {
  KeyBook,
  type OpenedMessage,
  type OurEnd,
  otherSide,
  SIDES,
  type Side,
  View,
} from '@espalier/testing/sessions';
import { EXCHANGE, type Instant, ISAKMP_HEADER_OCTETS, instant, PAYLOAD, toHex } from '@espalier/wire';

type Ends = Readonly<Record<Side, OurEnd>>;

/** What an end is told to do. */
export interface Command {
  readonly by: Side;
  readonly name: string;
  readonly act: (end: OurEnd, now: Instant) => void;
}

export interface Scenario {
  /** The end that is learned. */
  readonly side: Side;
  readonly ends: () => Ends;
  readonly commands: readonly Command[];
  /** The machine is learned from this command or message on. Default: from the beginning. */
  readonly from?: string;
  /** Of which exchanges messages are symbols. */
  readonly exchanges: readonly string[];
  /** Whether each message comes altered as well. */
  readonly isAltered: boolean;
}

/** What is done to the end that is learned. */
type Step =
  | { readonly kind: 'message'; readonly octets: Uint8Array; readonly opened: OpenedMessage | undefined }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'answer' }
  /** Where the other end was told to do something. */
  | { readonly kind: 'told'; readonly name: string };

const ANSWER = 'the answer';
const NO_MESSAGE = { exchange: undefined, payloads: [] } as const;
const NOBODY = new KeyBook();
const NOW = instant(1_000_000);
const STEPS_MOST = 200;

/** What a symbol is, beside its name: for who compares. */
export interface Asked {
  readonly kind: 'message' | 'altered' | 'command' | 'answer';
  /** Of a message. */
  readonly exchange: string | undefined;
  /** Its payloads, behind HDR or HDR*. */
  readonly payloads: readonly string[];
}

/** Both ends talk to each other once, honestly; then what one of them was told is what the other is asked, in any order. */
export class Conversation implements LearnedSystem {
  readonly symbols: ReadonlyMap<string, Asked>;
  readonly #scenario: Scenario;
  readonly #before: readonly Step[];
  readonly #steps = new Map<string, Step>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const all = record(scenario);
    const at = scenario.from === undefined ? 0 : all.findIndex((step) => nameOf(step) === scenario.from);
    if (at < 0) throw new RangeError(`scenario.from: there is no ${scenario.from}`);
    this.#before = all.slice(0, at);
    const symbols = new Map<string, Asked>();
    const add = (name: string, step: Step, symbol: Asked): void => {
      let unique = name;
      for (let count = 2; symbols.has(unique); count++) unique = `${name}, of exchange ${count}`;
      symbols.set(unique, symbol);
      this.#steps.set(unique, step);
    };
    for (const step of all.slice(at)) {
      if (step.kind === 'answer' && !symbols.has(ANSWER)) add(ANSWER, step, { ...NO_MESSAGE, kind: 'answer' });
      if (step.kind === 'command') add(step.command.name, step, { ...NO_MESSAGE, kind: 'command' });
      if (step.kind !== 'message' || step.opened === undefined) continue;
      const { opened, octets } = step;
      const exchange = exchangeOf(opened);
      const name = nameOf(step) ?? '';
      if (!scenario.exchanges.includes(exchange) && name !== scenario.from) continue;
      const message = { exchange, payloads: payloadsOf(opened) };
      add(name, step, { kind: 'message', ...message });
      if (scenario.isAltered)
        add(`${name} altered`, { ...step, octets: altered(octets, opened) }, { kind: 'altered', ...message });
    }
    this.symbols = symbols;
  }

  get alphabet(): readonly string[] {
    return [...this.symbols.keys()];
  }

  run(word: readonly string[]): readonly string[] {
    const learned = new Learned(this.#scenario);
    for (const step of this.#before) learned.take(step);
    return word.map((symbol) => {
      const step = this.#steps.get(symbol);
      if (step === undefined) throw new RangeError(`word: ${symbol} is no symbol`);
      return JSON.stringify(learned.take(step));
    });
  }
}

/** What the end that is learned does at one step. */
export interface Output {
  /** What it sends: the exchange, and the payloads behind HDR or HDR*; `again` where it is what was sent before. */
  readonly sends: readonly {
    readonly exchange: string;
    readonly payloads: readonly string[];
    readonly again: boolean;
  }[];
  readonly asks: Question['kind'] | undefined;
  readonly events: readonly IkeEvent['kind'][];
}

/** What is told of an exchange: its state is at its end. */
const TOLD: readonly IkeEvent['kind'][] = ['ike-established', 'child-negotiated', 'child-established', 'group-agreed'];

class Learned {
  readonly #end: OurEnd;
  readonly #other: OurEnd;
  readonly #side: Side;
  readonly #view: View;
  readonly #sent = new Set<string>();
  #question: Question | undefined;

  constructor({ side, ends }: Scenario) {
    const both = ends();
    this.#side = side;
    this.#end = both[side];
    this.#other = both[otherSide(side)];
    const { keys } = this.#end;
    if (keys === undefined) throw new Error('an end without keys');
    this.#view = new View(keys, keys);
  }

  take(step: Step): Output {
    const { endpoint } = this.#end;
    if (step.kind === 'command') step.command.act(this.#end, NOW);
    else if (step.kind === 'message') this.#receive(step.octets);
    else if (step.kind === 'answer' && this.#question !== undefined) {
      const answer = this.#end.answer?.(this.#question);
      if (answer !== undefined) endpoint.answer(NOW, this.#question.id, answer);
      this.#question = undefined;
    }
    return this.#drain();
  }

  #receive(octets: Uint8Array): void {
    const opened = this.#view.open(octets);
    const { ok } = this.#end.endpoint.handleDatagram(NOW, this.#other.address, this.#end.address, octets);
    const name = `in ${toHex(octets)}`;
    if (ok && opened !== undefined && !this.#sent.has(name)) this.#view.learn(otherSide(this.#side), octets, opened);
    if (ok) this.#sent.add(name);
  }

  #drain(): Output {
    const { endpoint, heed } = this.#end;
    const events: IkeEvent['kind'][] = [];
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      heed?.(event);
      if (TOLD.includes(event.kind)) events.push(event.kind);
    }
    const sends: Output['sends'][number][] = [];
    for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit())
      sends.push(this.#send(sent));
    const asked = endpoint.pollQuestion();
    this.#question = asked ?? this.#question;
    return { sends, asks: asked?.kind, events };
  }

  #send({ octets }: Transmit): Output['sends'][number] {
    const opened = this.#view.open(octets);
    const name = toHex(octets);
    const again = this.#sent.has(name);
    this.#sent.add(name);
    if (opened === undefined || again)
      return { exchange: opened === undefined ? 'unknown' : exchangeOf(opened), payloads: [], again };
    this.#view.learn(this.#side, octets, opened);
    return { exchange: exchangeOf(opened), payloads: payloadsOf(opened), again };
  }
}

function nameOf(step: Step): string | undefined {
  if (step.kind === 'command') return step.command.name;
  if (step.kind === 'told') return step.name;
  const opened = step.kind === 'message' ? step.opened : undefined;
  return opened && `${exchangeOf(opened)} ${opened.ordinal}`;
}

/** What is done to one end while both talk to each other, and nothing is lost. */
function record({ side, ends: make, commands }: Scenario): readonly Step[] {
  const ends = make();
  const steps: Step[] = [];
  const flights: { readonly from: Side; readonly octets: Uint8Array }[] = [];
  const questions = new Map<Side, Question>();
  const keys = ends[side].keys;
  const view = new View(keys ?? NOBODY, ends[otherSide(side)].keys ?? NOBODY);
  const drain = (): void => {
    for (const by of SIDES) {
      const { endpoint, heed } = ends[by];
      for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) heed?.(event);
      for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit())
        flights.push({ from: by, octets: sent.octets });
      const question = endpoint.pollQuestion();
      if (question !== undefined) questions.set(by, question);
    }
  };
  const waiting = [...commands];
  for (let count = 0; count < STEPS_MOST; count++) {
    const flight = flights.shift();
    const [asked] = questions;
    if (flight !== undefined) {
      const to = otherSide(flight.from);
      const opened = view.open(flight.octets);
      if (to === side) steps.push({ kind: 'message', octets: flight.octets, opened });
      if (opened !== undefined) view.learn(flight.from, flight.octets, opened);
      ends[to].endpoint.handleDatagram(NOW, ends[flight.from].address, ends[to].address, flight.octets);
    } else if (asked !== undefined) {
      const [by, question] = asked;
      questions.delete(by);
      if (by === side) steps.push({ kind: 'answer' });
      const answer = ends[by].answer?.(question);
      if (answer === undefined) throw new Error(`nobody answers ${question.kind}`);
      ends[by].endpoint.answer(NOW, question.id, answer);
    } else {
      const command = waiting.shift();
      if (command === undefined) return steps;
      steps.push(command.by === side ? { kind: 'command', command } : { kind: 'told', name: command.name });
      command.act(ends[command.by], NOW);
    }
    drain();
  }
  throw new Error('the ends never come to an end');
}

const EXCHANGES = new Map<number, string>(Object.entries(EXCHANGE).map(([name, number]) => [number, name]));
const PAYLOADS = new Map<number, string>(
  Object.entries(PAYLOAD).map(([name, number]) => [number, name.replace('Draft', '')]),
);

function exchangeOf({ header }: OpenedMessage): string {
  return EXCHANGES.get(header.exchange) ?? `exchange ${header.exchange}`;
}

function payloadsOf({ isEncrypted, chain }: OpenedMessage): readonly string[] {
  const names = chain.payloads.map(({ type }) => PAYLOADS.get(type) ?? `payload ${type}`);
  return [isEncrypted ? 'HDR*' : 'HDR', ...names];
}

/** Of what is encrypted an octet of the first block is another; what is in clear is cut off. */
function altered(octets: Uint8Array, { marker, isEncrypted }: OpenedMessage): Uint8Array {
  if (!isEncrypted) return octets.slice(0, -1);
  const other = octets.slice();
  const at = marker.length + ISAKMP_HEADER_OCTETS;
  other[at] = (other[at] ?? 0) ^ 0x55;
  return other;
}
