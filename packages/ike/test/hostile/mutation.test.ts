import type { ExchangeMode, HandleResult, IkeEvent } from '@espalier/ike';
import { EXCHANGE, FLAG, ISAKMP_HEADER_OCTETS, seconds, toHex, writeU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../../test/support/thorough.ts';
import { UNDECIPHERABLE_MOST } from '../../src/limits.ts';
import { flipped } from '../support/forger.ts';
import { stride } from '../support/handing.ts';
import { type Flight, type Node, Pair, type PeerChanges } from '../support/pair.ts';

/** A whole session: phase 1, Quick Mode, and an Informational exchange with a Delete. */
interface Session {
  readonly mode: ExchangeMode;
  readonly datagrams: readonly string[];
  /** How many of the first datagrams nothing protects as a whole. */
  readonly unprotected: number;
  /** The first that is encrypted, and so a guess at the key. */
  readonly guess: number;
  /** Of message 5, octets behind the hash that nothing covers: those of INITIAL-CONTACT, which is read or not. */
  readonly uncovered: number;
  readonly events: readonly IkeEvent['kind'][];
}

const AFTER_PHASE_1 = ['child-negotiated', 'child-established', 'child-deleted'] as const;

const SESSIONS: readonly Session[] = [
  {
    mode: 'main',
    datagrams: ['MM1', 'MM2', 'MM3', 'MM4', 'MM5', 'MM6', 'QM1', 'QM2', 'QM3', 'Delete'],
    unprotected: 4,
    guess: 4,
    uncovered: 24,
    events: ['ike-established', ...AFTER_PHASE_1],
  },
  {
    mode: 'aggressive',
    datagrams: ['AM1', 'AM2', 'AM3', 'INITIAL-CONTACT', 'QM1', 'QM2', 'QM3', 'Delete'],
    unprotected: 2,
    guess: 2,
    uncovered: 0,
    events: ['ike-established', 'notified', ...AFTER_PHASE_1],
  },
];

type Meddle = (pair: Pair, receiver: Node, flight: Flight) => void;

/** Runs the whole session; `meddle` may do what it likes just before datagram `index` arrives. */
function runSession(mode: ExchangeMode, index = -1, meddle: Meddle = () => {}): Pair {
  // HASH_I covers no NAT-D beside it (RFC 2409 §5.4): there is none to alter in message 3 of Aggressive Mode.
  const changes: PeerChanges = mode === 'main' ? { mode } : { mode, natTraversal: 'off' };
  const pair = new Pair({ R2: changes, R3: changes });
  pair.arriving = (flight) => {
    if (flight.index === index) meddle(pair, flight.from === 'R2' ? pair.R3 : pair.R2, flight);
  };
  pair.initiate().run(seconds(0.5));
  const child = pair.R2.endpoint.children()[0];
  if (child !== undefined) pair.on('R2', (endpoint, now) => endpoint.deleteChild(now, child.inbound));
  return pair.run(seconds(0.5));
}

function transcript(pair: Pair): readonly string[] {
  return pair.sent.map(({ from, transmit }) => `${from} ${toHex(transmit.octets)}`);
}

/** With each octet changed, or each of some, by `masks` of its place. */
function alterations(octets: Uint8Array, ...masks: readonly ((at: number) => number)[]): readonly Uint8Array[] {
  return alterationsOf(octets, [0, octets.length], ...masks);
}

/** Likewise, of octets from `from` to `to`. */
function alterationsOf(
  octets: Uint8Array,
  [from, to]: readonly [from: number, to: number],
  ...masks: readonly ((at: number) => number)[]
): readonly Uint8Array[] {
  const places = Array.from(octets, (_, at) => at).filter((at) => at >= from && at < to && at % stride() === 0);
  return masks.flatMap((mask) => places.map((at) => flipped(octets, at, mask(at))));
}

/** Cut off after each octet, with the length that the header had and with the one that is left. */
function truncations(octets: Uint8Array): readonly Uint8Array[] {
  const lengths = Array.from(octets, (_, at) => at).filter((at) => at % stride() === 0);
  const truncated = lengths.map((length) => octets.subarray(0, length));
  return [...truncated, ...truncated.slice(ISAKMP_HEADER_OCTETS).map(withItsLength)];
}

const everyBit = (): number => 0xff;
const oneBit = (at: number): number => 1 << (at % 8);

function withItsLength(octets: Uint8Array): Uint8Array {
  const copy = octets.slice();
  writeU32(copy, 24, copy.length);
  return copy;
}

function visible({ endpoint }: Node): string {
  return JSON.stringify([endpoint.ikeSas(), endpoint.children(), endpoint.pollTimeout()]);
}

function refused({ endpoint }: Node): number {
  return Object.values(endpoint.counters).reduce((sum, count) => sum + count);
}

describe.each(SESSIONS)('a session of $mode mode of which one datagram is altered on the way', (session) => {
  const { mode, datagrams, unprotected, guess, uncovered, events: expected } = session;
  const reference = runSession(mode);
  const octetsOf = (index: number): Uint8Array => reference.sent[index]?.transmit.octets ?? new Uint8Array(0);
  const numbered = datagrams.map((name, i) => [name, i] as const);

  it('is of so many datagrams when none is', () => {
    expect(reference.sent).toHaveLength(datagrams.length);
    expect(reference.R3.events.map(({ kind }) => kind)).toEqual(expected);
  });

  /** Injects datagrams that must all be refused, and lets the session go on with the original. */
  const expectAllRefused = (index: number, mutants: (octets: Uint8Array) => readonly Uint8Array[]): void => {
    // A half-open IKE SA ends after a few messages that it cannot open, so those come to one of their own.
    const size = index === guess ? UNDECIPHERABLE_MOST - 1 : Number.POSITIVE_INFINITY;
    const all = mutants(octetsOf(index));
    for (let first = 0; first < all.length; first += size) {
      const pair = runSession(mode, index, (under, receiver) => {
        const [before, events, sent] = [visible(receiver), receiver.events.length, under.sent.length];
        for (const mutant of all.slice(first, first + size)) {
          const count = refused(receiver);
          const result: HandleResult = under.inject(receiver.side, mutant);
          if (result.ok) expect.fail(`accepted ${toHex(mutant)}`);
          expect(refused(receiver)).toBe(count + 1);
        }
        expect(visible(receiver)).toBe(before);
        expect(receiver.events).toHaveLength(events);
        expect(under.sent).toHaveLength(sent);
      });
      expect(transcript(pair)).toEqual(transcript(reference));
    }
  };

  it.each(numbered)(
    'refuses %s cut off after any octet, changes nothing, and goes on with the original octet for octet',
    (_name, index) => expectAllRefused(index, truncations),
  );

  it.each(numbered.slice(unprotected))(
    'refuses %s with any octet altered, changes nothing, and goes on with the original octet for octet',
    (_name, index) =>
      expectAllRefused(index, (octets) => {
        const covered = octets.length - (index === guess ? uncovered : 0);
        return alterationsOf(octets, [0, covered], everyBit, ...(isThorough ? [oneBit] : []));
      }),
  );

  it.runIf(uncovered > 0)('takes no altered notification behind HASH_I, and never ends in a false SA', () => {
    const whole = octetsOf(guess);
    for (const mutant of alterationsOf(whole, [whole.length - uncovered, whole.length], everyBit)) {
      expectNoFalseSa(mode, guess, mutant);
    }
  });

  it.each(numbered.slice(0, unprotected))(
    "refuses what can be seen to be wrong with %s, which nothing protects, and never ends in an SA that is not the peers'",
    (_name, index) => {
      const accepted: Uint8Array[] = [];
      // Each alteration that is taken for the real thing changes the session, so a fresh one shows what comes of it.
      for (const mutant of everyThird(alterations(octetsOf(index), index === 1 ? oneBit : everyBit))) {
        runSession(mode, index, (under, receiver) => {
          const [before, events] = [visible(receiver), receiver.events.length];
          const { ok } = under.inject(receiver.side, mutant);
          if (ok) accepted.push(mutant);
          else expect([visible(receiver), receiver.events.length]).toEqual([before, events]);
        });
      }
      expect(accepted.length).toBeGreaterThan(0);
      for (const mutant of accepted.filter((_, i) => i % 3 === 0)) expectNoFalseSa(mode, index, mutant);
    },
  );
});

/** Neighbours are of the same payload, as a rule: each third tells as much, in a third of the time. */
function everyThird<T>(all: readonly T[]): readonly T[] {
  return isThorough ? all : all.filter((_, i) => i % 3 === 0);
}

/** With an altered datagram first, nothing is established but what both ends agree on, and in the end they do. */
function expectNoFalseSa(mode: ExchangeMode, index: number, mutant: Uint8Array): void {
  const pair = runSession(mode, index, (under, receiver) => {
    under.inject(receiver.side, mutant);
  });
  pair.run(seconds(100));
  pair.initiate().run(seconds(1));
  const [r2, r3] = pair.nodes.map(({ endpoint }) => endpoint.ikeSas().filter(({ state }) => state === 'ready'));
  const cookies = (sas: typeof r2): unknown => sas?.map((sa) => [sa.initiatorCookie, sa.responderCookie]);
  expect(cookies(r2)).toEqual(cookies(r3));
  expect(pair.R2.endpoint.children().map(({ inbound, outbound }) => [inbound, outbound])).toEqual(
    pair.R3.endpoint.children().map(({ inbound, outbound }) => [outbound, inbound]),
  );
  expect(pair.R2.endpoint.children()).toHaveLength(1);
}

describe('the commit flag', () => {
  it('which is not protected, changes nothing but when the initiator sends', () => {
    const reference = runSession('main');
    for (const [index, flight] of reference.sent.entries()) {
      const octets = flight.transmit.octets.slice();
      octets[19] = (octets[19] ?? 0) | FLAG.commit;
      const pair = runSession('main', index, (under, receiver) => {
        under.inject(receiver.side, octets);
      });
      if (octets[18] !== EXCHANGE.main)
        expect(pair.R3.events.map(({ kind }) => kind)).toEqual(reference.R3.events.map(({ kind }) => kind));
    }
  });
});
