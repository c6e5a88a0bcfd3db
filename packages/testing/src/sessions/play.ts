import { EXCHANGE, requireObject, seconds } from '@espalier/wire';
import { oneOf, within } from '../arguments.ts';
import { Between } from './between.ts';
import { type EndsOptions, type SessionEnd, sessionEnds } from './ends/ends.ts';
import { requireMutation } from './mutation/check.ts';
import { isKeyless, type Mutation, mutate } from './mutation/mutation.ts';
import { type Delivered, type Flight, Session } from './session.ts';
import { otherSide, requireSpecification, type SessionSpecification, type Side } from './specification.ts';
import type { OpenedMessage } from './view/view.ts';

/** A message by its exchange: the same one in sessions that differ in what goes before. */
export interface Door {
  readonly exchange: 'phase-1' | 'transaction' | 'quick' | 'new-group' | 'informational';
  /** From 1. */
  readonly message: number;
  /** How many like it go by before. Default 0. */
  readonly skip?: number;
}

/** What is changed, and where: in one datagram, by its number from 0 or by what it is, as it goes by first. */
export interface Step {
  readonly step: number | Door;
  readonly mutation: Mutation;
}

/** A session, and what was opened of it on its way. */
export interface PlayedSession {
  readonly session: Session;
  /** Of each datagram that was delivered, what its sender put into it; undefined for what is no message. */
  readonly opened: readonly (OpenedMessage | undefined)[];
  /** The datagram that was changed; undefined where the session had none of this number, or it could not be changed so. */
  readonly mutant: Delivered | undefined;
}

/** How a session is played. */
export interface PlayOptions extends EndsOptions {
  /** Default: two endpoints of ours. */
  readonly ends?: Readonly<Record<Side, SessionEnd>>;
  /** Sees each datagram before it is delivered. */
  readonly arriving?: (flight: Flight, opened: OpenedMessage | undefined, between: Between, session: Session) => void;
}

/** Time for repetitions to go by, and for whoever has lost something to find out. */
const LASTS_ALTERED = seconds(30);
const LASTS = seconds(3);

/**
 * Plays a session between two ends of ours. `changed`: what is changed on its way. After a change that is sealed with the
 * right HASH the session goes on as with a peer that misbehaves so, each end being told what its own keys and IVs open;
 * after any other, as with somebody on the way who has no key.
 * @throws TypeError or RangeError that names what is bad of either.
 */
export function play(specification: SessionSpecification, changed?: Step, options: PlayOptions = {}): PlayedSession {
  requireSpecification(specification);
  if (changed !== undefined) requireStep(changed);
  const { ends = sessionEnds(specification, options) } = options;
  const lasts = changed === undefined ? LASTS : LASTS_ALTERED;
  const session = new Session(ends, specification.acts, { lasts });
  const between = new Between(ends);
  const all: (OpenedMessage | undefined)[] = [];
  const isMeant = isAt(changed?.step);
  let mutant: Delivered | undefined;
  for (let flight = session.next(); flight !== undefined; flight = session.next()) {
    const { from, octets, index } = flight;
    const isRepeated = between.isRepeated(from, octets);
    const opened = isRepeated ? undefined : between.opened(from, octets);
    all.push(opened);
    options.arriving?.(flight, opened, between, session);
    const usual = between.carry(from, octets, opened);
    const receiver = between.views[otherSide(from)];
    const other =
      changed !== undefined && !isRepeated && isMeant(index, opened)
        ? mutate(usual, changed.mutation, opened, (message, sealing) => receiver.seal(from, message, sealing))
        : undefined;
    between.sent(from, octets, opened);
    const arrives = other ?? usual;
    const { ok } = session.deliver(flight, arrives);
    if (other !== undefined) mutant = session.delivered.at(-1);
    if (ok) between.taken(from, arrives, other !== undefined && isOfPeer(changed?.mutation));
  }
  return { session, opened: all, mutant };
}

/** Says of each datagram, in order, whether it is the one. */
function isAt(step: Step['step'] | undefined): (index: number, opened: OpenedMessage | undefined) => boolean {
  if (step === undefined || typeof step === 'number') return (index) => index === step;
  let left = step.skip ?? 0;
  return (_, opened) => opened !== undefined && isAtDoor(step, opened) && left-- === 0;
}

/** Whether a message is the one that a door says, however many like it went by. */
export function isAtDoor({ exchange, message }: Door, opened: OpenedMessage): boolean {
  return isOfExchange(exchange, opened) && opened.ordinal === message;
}

export function isOfExchange(exchange: Door['exchange'], { header }: OpenedMessage): boolean {
  return EXCHANGES[exchange].includes(header.exchange);
}

const EXCHANGES: Readonly<Record<Door['exchange'], readonly number[]>> = {
  'phase-1': [EXCHANGE.main, EXCHANGE.aggressive],
  transaction: [EXCHANGE.transaction],
  quick: [EXCHANGE.quick],
  'new-group': [EXCHANGE.newGroup],
  informational: [EXCHANGE.informational],
};

function isOfPeer(mutation: Mutation | undefined): boolean {
  if (mutation === undefined || isKeyless(mutation)) return false;
  return !('hash' in mutation) || mutation.hash === 'right';
}

function requireStep({ step, mutation }: Step): void {
  if (typeof step === 'number') within('changed.step', step, 0);
  else requireDoor('changed.step', step);
  requireMutation('changed.mutation', mutation);
}

/** @throws TypeError or RangeError that names what of it is bad. */
export function requireDoor(argument: string, door: Door): void {
  requireObject(argument, door);
  requireExchange(`${argument}.exchange`, door.exchange);
  within(`${argument}.message`, door.message, 1);
  if (door.skip !== undefined) within(`${argument}.skip`, door.skip, 0);
}

/** @throws RangeError unless it is one that messages are of. */
export function requireExchange(argument: string, exchange: Door['exchange']): void {
  oneOf(argument, exchange, Object.keys(EXCHANGES));
}

/** A session up to a datagram that is not delivered yet. */
export interface StoppedSession {
  readonly session: Session;
  readonly between: Between;
  readonly flight: Flight;
  readonly opened: OpenedMessage | undefined;
}

/**
 * Plays a session as it should go, up to the datagram of a number; undefined where it has none.
 * @throws TypeError or RangeError that names what is bad.
 */
export function playTo(
  specification: SessionSpecification,
  step: number,
  options: Pick<PlayOptions, 'ends' | 'engine'> = {},
): StoppedSession | undefined {
  requireSpecification(specification);
  within('step', step, 0);
  const { ends = sessionEnds(specification, options) } = options;
  const session = new Session(ends, specification.acts);
  const between = new Between(ends);
  for (let flight = session.next(); flight !== undefined; flight = session.next()) {
    const { from, octets, index } = flight;
    const opened = between.isRepeated(from, octets) ? undefined : between.opened(from, octets);
    if (index === step) return { session, between, flight, opened };
    between.carry(from, octets, opened);
    between.sent(from, octets, opened);
    if (session.deliver(flight).ok) between.taken(from, octets, false);
  }
  return undefined;
}
