import { seconds } from '@espalier/wire';
import { Between } from './between.ts';
import { type EndsOptions, type SessionEnd, sessionEnds } from './ends.ts';
import { type Mutation, mutate } from './mutation.ts';
import { type Delivered, type Flight, Session } from './session.ts';
import { otherSide, type SessionSpecification, type Side } from './specification.ts';
import type { OpenedMessage } from './view.ts';

/** What is changed, and where: in the datagram of this number, as it goes by first. */
export interface Step {
  readonly step: number;
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
 * Plays a session between two ends of ours. `changed`: what is changed on its way; from there on the session goes on, each
 * end being told what its own keys and IVs open: as it would with a peer that misbehaves so. What is changed without a key
 * is followed by what was sent, as it was.
 */
export function play(specification: SessionSpecification, changed?: Step, options: PlayOptions = {}): PlayedSession {
  const { ends = sessionEnds(specification, options) } = options;
  const lasts = changed === undefined ? LASTS : LASTS_ALTERED;
  const session = new Session(ends, specification.acts, { lasts });
  const between = new Between(ends);
  const all: (OpenedMessage | undefined)[] = [];
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
      changed?.step === index && !isRepeated
        ? mutate(usual, changed.mutation, opened, (message, sealing) => receiver.seal(from, message, sealing))
        : undefined;
    between.sent(from, octets, opened);
    const arrives = other ?? usual;
    const { ok } = session.deliver(flight, arrives);
    if (other !== undefined) mutant = session.delivered.at(-1);
    if (ok) between.taken(from, arrives, other !== undefined);
  }
  return { session, opened: all, mutant };
}

/** A session up to a datagram that is not delivered yet. */
export interface StoppedSession {
  readonly session: Session;
  readonly between: Between;
  readonly flight: Flight;
  readonly opened: OpenedMessage | undefined;
}

/** Plays a session as it should go, up to the datagram of a number; undefined where it has none. */
export function playTo(
  specification: SessionSpecification,
  step: number,
  options: Pick<PlayOptions, 'ends' | 'engine'> = {},
): StoppedSession | undefined {
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
