import { type Engine, nobleEngine } from '@espalier/crypto';
import type { HandleResult } from '@espalier/ike';
import { EXCHANGE, requireMembers, requireObject } from '@espalier/wire';
import fc from 'fast-check';
import { requireFunction, within } from '../arguments.ts';
import { Chance, seededChoices } from '../network/chance.ts';
import { keyedMutation, keylessMutation, sessionSpecification } from './arbitrary.ts';
import type { Between } from './between.ts';
import { type SessionEnd, sessionEnds } from './ends/ends.ts';
import { toyPublicKeys } from './ends/toy-public-keys.ts';
import { disagreement, foreignEstablishment, isEncrypted, isSameToReceiver } from './laws.ts';
import { isKeyless, type Mutation, mutate } from './mutation/mutation.ts';
import { type Door, isOfExchange, play, requireExchange } from './play.ts';
import type { Flight, Session } from './session.ts';
import { otherSide, type SessionSpecification, type Side } from './specification.ts';
import type { OpenedMessage } from './view/view.ts';

/** One session, the number of the datagram where it is attacked, and the seed of what it is attacked with. */
export interface AttackPlan {
  readonly specification: SessionSpecification;
  readonly step: number;
  readonly seed: number;
}

/** What must not be. `repeatAttack(plan)` shows it again. */
export interface Violation {
  readonly plan: AttackPlan;
  readonly law: 'exception' | 'false-accept' | 'not-atomic' | 'disagreement' | 'stranger' | 'slow';
  readonly what: string;
  /** Number of the datagram, from 0. */
  readonly step: number;
  readonly mutation: Mutation | undefined;
}

/** How often what was taken and what was refused. */
export interface DoorCount {
  accepted: number;
  refused: number;
}

/** What came of it. */
export interface AttackReport {
  sessions: number;
  readonly mutations: { keyless: number; keyed: number };
  /** By exchange and number of the message; encrypted ones are named so. */
  readonly doors: Map<string, DoorCount>;
  /** Of those with keys, by cipher and hash of the IKE SA, and then by exchange. */
  readonly suites: Map<string, Map<string, DoorCount>>;
  readonly refusals: Map<string, number>;
  readonly violations: Violation[];
  /** The longest that a datagram took, in milliseconds, when it was measured again. */
  slowest: number;
  /** Datagrams that took longer than the bound at first, and not when they were measured again. */
  disturbed: number;
}

/** How sessions are attacked. */
export interface AttackOptions {
  /** The same seed attacks the same sessions in the same order. */
  readonly seed: number;
  /** Milliseconds of a clock that never goes back: of how long a datagram takes. */
  readonly clock: () => number;
  /**
   * Another, which may be that of the wall, where asking `clock` is dear, as it is of the process's own time: what took no longer
   * by this one took no longer. Default: `clock`.
   */
  readonly quickClock?: () => number;
  /** What all sessions have in common. Default: nothing. */
  readonly only?: Partial<SessionSpecification>;
  /** Attacks each message of this exchange, and no other. Default: one of any, and those that come after it. */
  readonly exchange?: Door['exchange'];
  /** Mutants in the place of a datagram. Default 96. */
  readonly mutants?: number;
  /** Asked before each session. */
  readonly goesOn: (report: AttackReport) => boolean;
  /** Default: two endpoints of ours. */
  readonly ends?: (specification: SessionSpecification, engine: Engine) => Readonly<Record<Side, SessionEnd>>;
  /** Default: noble's; public-key work is replaced by a toy in any case: it takes what it takes. */
  readonly engine?: Engine;
  /** Milliseconds that no datagram may take. Default 5. */
  readonly bound?: number;
}

const BOUND = 5;
/** UDP over IPv4 carries no more. */
const DATAGRAM_MOST = 65_507;
/** Mutants in the place of the datagram that a session is attacked at, and so many times fewer of each after it. */
const MUTANTS = 96;
const FEWER_AFTER = 16;
/** Of one exchange, so many datagrams of a session are attacked: what is taken may bring repetitions without end. */
const PLACES = 12;
/** One mutation of so many needs no key. */
const KEYLESS_ONE_OF = 8;
const MEASURED_AGAIN = 10;
/** Mutants between two looks at a clock that is dear: all of them take less than the bound, as a rule. */
const BETWEEN_LOOKS = 24;
/** As a rule a session has so many datagrams up to its first child, and so many more with each act. */
const STEPS = 11;
const STEPS_AN_ACT = 4;
/** One session of so many is between ends that do not share a key. */
const STRANGERS = 12;

/**
 * Attacks sessions: each goes on as it should up to one datagram, chosen by chance, in whose place come mutants of it, with
 * and without the keys, and then itself. Then it goes on, with a few mutants beside each datagram, to its end.
 * @throws TypeError or RangeError that names the option which is bad.
 */
export function attackSessions(options: AttackOptions): AttackReport {
  requireObject('options', options);
  within('options.seed', options.seed, Number.MIN_SAFE_INTEGER);
  requireFunction('options.goesOn', options.goesOn);
  const chance = new Chance(seededChoices(options.seed));
  const report = newReport();
  const setting = settingOf(options);
  while (options.goesOn(report)) attackOnce(planOf(chance, options.only), setting, report);
  return report;
}

/** One attack again, as it was. @throws TypeError or RangeError that names the option which is bad. */
export function repeatAttack(plan: AttackPlan, options: Omit<AttackOptions, 'seed' | 'goesOn'>): AttackReport {
  const report = newReport();
  attackOnce(plan, settingOf(options), report);
  return report;
}

const MEMBERS: Readonly<Record<keyof AttackOptions, true>> = {
  seed: true,
  clock: true,
  quickClock: true,
  only: true,
  exchange: true,
  mutants: true,
  goesOn: true,
  ends: true,
  engine: true,
  bound: true,
};

function settingOf(options: Omit<AttackOptions, 'seed' | 'goesOn'>): Setting {
  requireObject('options', options);
  requireMembers('options', options, MEMBERS);
  const usual: Setting['ends'] = (specification, toy) => sessionEnds(specification, { engine: toy });
  const { ends = usual, clock, quickClock = clock, exchange, mutants = MUTANTS, bound = BOUND } = options;
  const { engine = nobleEngine() } = options;
  requireFunction('options.clock', clock);
  requireFunction('options.quickClock', quickClock);
  requireFunction('options.ends', ends);
  if (exchange !== undefined) requireExchange('options.exchange', exchange);
  within('options.mutants', mutants, 1);
  if (!(bound >= 0)) throw new RangeError('options.bound must be a number from 0');
  return { engine: toyPublicKeys(engine), ends, clock, quickClock, exchange, mutants, bound };
}

function attackOnce(plan: AttackPlan, setting: Setting, report: AttackReport): void {
  const { bound } = setting;
  const found = attack(plan, setting, report);
  report.sessions++;
  report.violations.push(...found.filter(({ law }) => law !== 'slow'));
  const slow = found.filter(({ law }) => law === 'slow');
  if (slow.length === 0) return;
  const again = measureAgain(plan, setting, slow);
  report.slowest = Math.max(report.slowest, ...again.map(({ took }) => took));
  report.disturbed += slow.length - again.filter(({ took }) => took > bound).length;
  report.violations.push(...again.filter(({ took }) => took > bound).map(({ violation }) => violation));
}

interface Setting {
  readonly engine: Engine;
  readonly ends: NonNullable<AttackOptions['ends']>;
  readonly clock: () => number;
  readonly quickClock: () => number;
  readonly exchange: Door['exchange'] | undefined;
  readonly mutants: number;
  readonly bound: number;
}

/** How long something may have taken: asks the dear clock now and then, and where the other says that it was long. */
class Stopwatch {
  readonly #clock: () => number;
  readonly #quickClock: () => number;
  readonly #bound: number;
  #looked = 0;
  #since = 0;
  #began = 0;

  constructor({ clock, quickClock, bound }: Pick<Setting, 'clock' | 'quickClock' | 'bound'>) {
    this.#clock = clock;
    this.#quickClock = quickClock;
    this.#bound = bound;
  }

  begin(): void {
    const isOneClock = this.#clock === this.#quickClock;
    if (!isOneClock && this.#looked++ % BETWEEN_LOOKS === 0) this.#since = this.#clock();
    this.#began = this.#quickClock();
  }

  /** At most so many milliseconds. */
  end(): number {
    const took = this.#quickClock() - this.#began;
    if (took <= this.#bound || this.#clock === this.#quickClock) return took;
    return Math.min(took, this.#clock() - this.#since);
  }
}

function newReport(): AttackReport {
  return {
    ...{ sessions: 0, mutations: { keyless: 0, keyed: 0 }, violations: [] },
    ...{ doors: new Map<string, DoorCount>(), suites: new Map<string, Map<string, DoorCount>>() },
    ...{ refusals: new Map<string, number>(), slowest: 0, disturbed: 0 },
  };
}

const SPECIFICATIONS = sessionSpecification();
const KEYLESS = keylessMutation();
const KEYED = keyedMutation();

function planOf(chance: Chance, only: Partial<SessionSpecification> = {}): AttackPlan {
  const [any] = fc.sample(SPECIFICATIONS, { seed: chance.below(2 ** 31), numRuns: 1 });
  if (any === undefined) throw new Error('there is always a session');
  const specification = { ...any, ...only };
  const isStranger = chance.below(STRANGERS) === 0;
  const step = chance.below(STEPS + STEPS_AN_ACT * specification.acts.length);
  return { specification: { ...specification, isStranger }, step, seed: chance.below(2 ** 31) };
}

/** A few times more, and the least of it counts: whatever else runs on the machine takes time too. */
function measureAgain(
  plan: AttackPlan,
  setting: Setting,
  slow: readonly Violation[],
): readonly { readonly violation: Violation; readonly took: number }[] {
  const exactly = { ...setting, quickClock: setting.clock, bound: 0 };
  const keyOf = ({ step, mutation }: Violation): string => `${step} ${JSON.stringify(mutation)}`;
  let measured = slow.map((violation) => ({ violation, took: Number.POSITIVE_INFINITY }));
  for (let left = MEASURED_AGAIN; left > 0 && measured.some(({ took }) => took > setting.bound); left--) {
    const times = new Map<string, number>();
    for (const one of attack(plan, exactly, newReport())) {
      if (one.law !== 'slow') continue;
      times.set(keyOf(one), Math.max(times.get(keyOf(one)) ?? 0, Number.parseFloat(one.what)));
    }
    measured = measured.map(({ violation, took }) => {
      return { violation, took: Math.min(took, times.get(keyOf(violation)) ?? 0) };
    });
  }
  return measured;
}

function attack(plan: AttackPlan, setting: Setting, report: AttackReport): readonly Violation[] {
  const { engine, ends, bound, exchange, mutants } = setting;
  const stopwatch = new Stopwatch(setting);
  const found: Violation[] = [];
  const { specification } = plan;
  const chance = new Chance(seededChoices(plan.seed));
  let places = 0;
  let isMeddledWith = false;
  const note = (law: Violation['law'], what: string, step: number, mutation?: Mutation): void => {
    found.push({ plan, law, what, step, mutation });
  };

  const arriving = (flight: Flight, opened: OpenedMessage | undefined, between: Between, session: Session): void => {
    const { index, from } = flight;
    const isOf = exchange !== undefined && opened !== undefined && isOfExchange(exchange, opened);
    const isHere = exchange === undefined ? index === plan.step : isOf && places++ < PLACES;
    const isAfter = exchange === undefined && index > plan.step;
    if (!isHere && !isAfter) return;
    const receiver = between.views[otherSide(from)];
    const usual = between.carry(from, flight.octets, opened);
    let children = childrenOf(session, flight);
    for (const mutation of mutationsOf(chance, isHere ? mutants : Math.ceil(mutants / FEWER_AFTER))) {
      // Whoever has the keys of an end that takes nobody for a friend is one.
      if (specification.isStranger && !isKeyless(mutation)) continue;
      const mutant = mutate(usual, mutation, opened, (message, sealing) => receiver.seal(from, message, sealing));
      if (mutant === undefined || mutant.length > DATAGRAM_MOST) continue;
      report.mutations[isKeyless(mutation) ? 'keyless' : 'keyed']++;
      stopwatch.begin();
      const result = handed(session, flight, mutant, (error) => note('exception', error, index, mutation));
      const took = stopwatch.end();
      if (took > bound) note('slow', `${took} ms`, index, mutation);
      if (result === undefined) continue;
      count(report, opened, result);
      if (!isKeyless(mutation)) countSuite(report, specification, opened, result);
      const childrenBefore = children;
      children = childrenOf(session, flight);
      if (!result.ok) {
        if (children !== childrenBefore) note('not-atomic', result.reason, index, mutation);
        continue;
      }
      const isAsSent = isSameToReceiver(usual, mutant);
      const arrived = receiver.openAsProved(from, mutant);
      const isProved = arrived?.isEncrypted === true && receiver.isProved(from, arrived);
      if (isEncrypted(mutant) && !isAsSent && !isProved) note('false-accept', 'HASH is not right', index, mutation);
      if (!isAsSent && arrived !== undefined) {
        const byPeer = !isKeyless(mutation) && needsKey(opened);
        between.taken(from, mutant, byPeer);
        isMeddledWith ||= byPeer;
      }
    }
  };

  try {
    const { session } = play(specification, undefined, { ends: ends(specification, engine), arriving });
    const last = session.delivered.length;
    const foreign = specification.isStranger ? foreignEstablishment(session, specification) : undefined;
    if (foreign !== undefined) note('stranger', foreign, last);
    const differs = isMeddledWith ? undefined : disagreement(session);
    if (differs !== undefined) note('disagreement', differs, last);
  } catch (error) {
    note('exception', nameOf(error), -1);
  }
  return found;
}

function mutationsOf(chance: Chance, count: number): readonly Mutation[] {
  const keyless = Math.floor(count / KEYLESS_ONE_OF);
  const keyed = fc.sample(KEYED, { seed: chance.below(2 ** 31), numRuns: count - keyless });
  return [...keyed, ...fc.sample(KEYLESS, { seed: chance.below(2 ** 31), numRuns: keyless })];
}

function handed(
  session: Session,
  flight: Flight,
  mutant: Uint8Array,
  fault: (what: string) => void,
): HandleResult | undefined {
  try {
    return session.inject(flight, mutant);
  } catch (error) {
    fault(nameOf(error));
    return undefined;
  }
}

/** Whether a change inside is one that only the sender itself can make: of what is encrypted, or proves who it is. */
function needsKey(opened: OpenedMessage | undefined): boolean {
  if (opened === undefined) return false;
  return opened.isEncrypted || (opened.header.exchange === EXCHANGE.aggressive && opened.ordinal > 1);
}

function childrenOf({ ends }: Session, { from }: Flight): string {
  return JSON.stringify(ends[otherSide(from)].endpoint.children());
}

function count(report: AttackReport, message: OpenedMessage | undefined, result: HandleResult): void {
  const door = message === undefined ? 'no message' : doorOf(message);
  const counts = report.doors.get(door) ?? { accepted: 0, refused: 0 };
  report.doors.set(door, counts);
  if (result.ok) counts.accepted++;
  else {
    counts.refused++;
    report.refusals.set(result.reason, (report.refusals.get(result.reason) ?? 0) + 1);
  }
}

function countSuite(
  { suites }: AttackReport,
  { encryption, keyOctets, hash }: SessionSpecification,
  message: OpenedMessage | undefined,
  { ok }: HandleResult,
): void {
  if (message === undefined) return;
  const bits = keyOctets === undefined ? '' : `-${8 * keyOctets}`;
  const suite = `${encryption}${bits}/${hash}`;
  const exchange = EXCHANGE_NAMES.get(message.header.exchange) ?? 'another';
  const exchanges = suites.get(suite) ?? new Map<string, DoorCount>();
  const counts = exchanges.get(exchange) ?? { accepted: 0, refused: 0 };
  suites.set(suite, exchanges.set(exchange, counts));
  if (ok) counts.accepted++;
  else counts.refused++;
}

const EXCHANGE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EXCHANGE).map(([name, number]) => [number, name]),
);

/** How many messages an exchange has; more are repetitions that were made of them. */
const MESSAGES: ReadonlyMap<number, number> = new Map([
  [EXCHANGE.main, 6],
  [EXCHANGE.informational, 1],
  [EXCHANGE.newGroup, 2],
]);
const MESSAGES_OTHERWISE = 3;

/** The exchange, the number of the message, and a star where it is encrypted, as RFC 2409 writes it. */
function doorOf({ header, ordinal, isEncrypted: isSealed }: OpenedMessage): string {
  const name = EXCHANGE_NAMES.get(header.exchange) ?? 'another exchange';
  const isLater = ordinal > (MESSAGES.get(header.exchange) ?? MESSAGES_OTHERWISE);
  return `${name} ${isLater ? 'later' : ordinal}${isSealed ? '*' : ''}`;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
}
