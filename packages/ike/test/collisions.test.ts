import type { ChildInfo } from '@espalier/ike';
import { EXCHANGE, equalOctets, milliseconds, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../test/support/thorough.ts';
import { Pair, type Side, tunnelled } from './support/pair.ts';
import { traffic } from './support/traffic.ts';

/**
 * What may happen next on the way between two ends: the oldest datagram to one of them arrives, arrives twice, or is lost;
 * time passes until something is said again; or R3 begins as R2 has before.
 */
const CHOICES = ['R2', 'R3', 'R3 begins', 'R2 twice', 'R3 twice', 'R2 lost', 'R3 lost', 'time'] as const;
type Choice = (typeof CHOICES)[number];

/** How many of these one history may have: of what is rare in truth. */
const LOSSES = 1;
const REPETITIONS = 1;
const WAITS = 2;
/** How long histories are: four choices are some 500 each. */
const LENGTH = isThorough ? 4 : 2;
const A_REPETITION = milliseconds(700);

interface Collision {
  readonly name: string;
  readonly pair: () => Pair;
  /** What both ends begin. */
  readonly begin: (pair: Pair, side: Side) => void;
  /** Whether R3 begins when it likes, and not before it has heard anything. */
  readonly isLate: boolean;
  readonly isLossless: boolean;
}

const beginChild: Collision['begin'] = (pair, side) =>
  pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? expect.fail()));
const beginIke: Collision['begin'] = (pair, side) =>
  pair.on(side, (endpoint, now) => endpoint.rekeyIke(now, pair[side].peer));
const renewal = { pair: () => tunnelled(), isLossless: true } as const;

const COLLISIONS: readonly Collision[] = [
  {
    name: 'the first negotiation',
    pair: () => new Pair(),
    begin: (pair, side) => pair.initiate(side),
    isLate: false,
    isLossless: false,
  },
  { ...renewal, name: 'the renewal of a child', begin: beginChild, isLate: false },
  { ...renewal, name: 'the renewal of phase 1', begin: beginIke, isLate: false },
  // Of these the shorter histories are among those above.
  ...(isThorough
    ? [
        { ...renewal, name: 'the renewal of a child, late', begin: beginChild, isLate: true },
        { ...renewal, name: 'the renewal of phase 1, late', begin: beginIke, isLate: true },
      ]
    : []),
];

/** The one child that sends. */
function sending(endpoint: Pair['R2']['endpoint']): ChildInfo | undefined {
  const established = endpoint.children().filter(({ state }) => state === 'established');
  expect(established).toHaveLength(1);
  return established[0];
}

/** Both ends use the same IKE SA, and the same child. */
function expectSame(pair: Pair): void {
  const [r2, r3] = pair.nodes.map(({ endpoint }) => ({
    ikeSa: endpoint.ikeSas().find(({ state }) => state === 'ready')?.initiatorCookie,
    spis: [sending(endpoint)?.inbound, sending(endpoint)?.outbound],
  }));
  expect([r2?.ikeSa, r2?.spis]).toEqual([r3?.ikeSa, r3?.spis.toReversed()]);
}

/** A collision as far as some choices have led. */
class History {
  readonly #pair: Pair;
  readonly #collision: Collision;
  readonly #held: Record<Side, Pair['sent']> = { R2: [], R3: [] };

  constructor(collision: Collision, choices: readonly Choice[]) {
    this.#collision = collision;
    this.#pair = collision.pair();
    this.#pair.network = (flight) => {
      this.#held[flight.from === 'R2' ? 'R3' : 'R2'].push(flight);
      return [];
    };
    collision.begin(this.#pair, 'R2');
    if (!collision.isLate) collision.begin(this.#pair, 'R3');
    for (const choice of choices) this.#follow(choice);
  }

  isOpen(side: Side): boolean {
    return this.#held[side].length > 0;
  }

  /**
   * The network is itself again, and brings what it holds. Of what was superseded each end may think that it is the other's
   * to delete, where a message was lost: the next renewal clears it away.
   */
  end(): void {
    this.#pair.network = () => [10];
    for (const side of ['R2', 'R3'] as const) while (this.isOpen(side)) this.#deliver(side, 1);
    this.#pair.run(seconds(5));
    expect(traffic(this.#pair, seconds(60), seconds(12)).lost).toBe(0);
    this.#expectSame(2);
    this.#pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    this.#pair.run(seconds(40));
    this.#pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, sending(endpoint)?.inbound ?? expect.fail()));
    expect(traffic(this.#pair, seconds(36), seconds(12)).lost).toBe(0);
    this.#expectSame(1);
  }

  /** One IKE SA and one child are in use, the same at both ends; of either there are so many at most. */
  #expectSame(most: number): void {
    const [r2, r3] = this.#pair.nodes.map(({ endpoint }) => ({
      ikeSas: endpoint.ikeSas().map(({ initiatorCookie, state }) => `${initiatorCookie} ${state}`),
      children: endpoint.children().length,
      sending: sending(endpoint),
    }));
    expect(r2?.ikeSas.toSorted()).toEqual(r3?.ikeSas.toSorted());
    expect(r2?.ikeSas.filter((one) => one.endsWith('ready'))).toHaveLength(1);
    expect([r2?.sending?.inbound, r2?.sending?.outbound]).toEqual([r3?.sending?.outbound, r3?.sending?.inbound]);
    for (const count of [r2?.ikeSas.length, r2?.children, r3?.children]) expect(count).toBeLessThanOrEqual(most);
  }

  #follow(choice: Choice): void {
    if (choice === 'time') this.#pair.run(A_REPETITION);
    else if (choice === 'R3 begins') this.#collision.begin(this.#pair, 'R3');
    else if (choice === 'R2' || choice === 'R3') this.#deliver(choice, 1);
    else if (choice === 'R2 twice' || choice === 'R3 twice') this.#deliver(choice === 'R2 twice' ? 'R2' : 'R3', 2);
    else this.#held[choice === 'R2 lost' ? 'R2' : 'R3'].shift();
    if (this.#collision.isLossless) expect(traffic(this.#pair, milliseconds(20), milliseconds(20)).lost).toBe(0);
  }

  #deliver(side: Side, times: number): void {
    const flight = this.#held[side].shift();
    if (flight === undefined) return;
    const { octets, source, destination } = flight.transmit;
    for (let i = 0; i < times; i++) this.#pair.inject(side, octets, source, destination);
  }
}

/** Every history of so many choices, each done from its beginning; what went wrong is told with its history. */
function explore(collision: Collision): number {
  let histories = 0;
  const follow = (choices: readonly Choice[]): void => {
    const history = new History(collision, choices);
    const next =
      choices.length === LENGTH ? [] : CHOICES.filter((one) => mayFollow(history, choices, one, collision.isLate));
    if (next.length > 0) {
      for (const choice of next) follow([...choices, choice]);
      return;
    }
    histories += 1;
    try {
      history.end();
    } catch (cause) {
      throw new Error(`after ${choices.join(', ')}`, { cause });
    }
  };
  follow([]);
  return histories;
}

function mayFollow(history: History, before: readonly Choice[], choice: Choice, isLate: boolean): boolean {
  const count = (kind: string): number => before.filter((one) => one.endsWith(kind)).length;
  if (choice === 'time') return count('time') < WAITS;
  if (choice === 'R3 begins') return isLate && count('begins') === 0;
  if (!history.isOpen(choice.startsWith('R2') ? 'R2' : 'R3')) return false;
  if (choice.endsWith('lost')) return count('lost') < LOSSES;
  return !choice.endsWith('twice') || count('twice') < REPETITIONS;
}

describe('both ends begin', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'an IKE SA: what follows goes by the one that stays, be it older or newer: seed %i',
    (seed) => {
      const pair = tunnelled({ seed });
      for (const side of ['R2', 'R3'] as const) beginIke(pair, side);
      pair.run(seconds(5));
      for (const side of ['R2', 'R3'] as const) {
        const ready = pair[side].endpoint.ikeSas().filter(({ state }) => state === 'ready');
        const sent = pair.sent.length;
        pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, sending(endpoint)?.inbound ?? expect.fail()));
        const quick = pair.sent
          .slice(sent)
          .map(({ transmit: { octets } }) => [octets[18], toHex(octets.subarray(0, 8))]);
        expect(quick).toEqual(ready.map(({ initiatorCookie }) => [EXCHANGE.quick, initiatorCookie]));
        pair.run(seconds(1));
      }
    },
  );

  // The other end went on using what this end had deleted.
  it.each([
    { name: 'a child', begin: beginChild },
    { name: 'phase 1', begin: beginIke },
  ])(
    'a collision over $name that one end alone has seen, and of whose end the first Delete is lost: no packet is',
    (one) => {
      for (const seed of [1, 2]) {
        const pair = tunnelled({ seed });
        const begun = pair.sent.length;
        pair.network = () => [];
        one.begin(pair, 'R2');
        const [first = expect.fail()] = pair.sent.slice(begun);
        pair.network = ({ transmit: { octets } }) => (equalOctets(octets, first.transmit.octets) ? [] : [10]);
        one.begin(pair, 'R3');
        pair.run(milliseconds(100));
        let isTold = false;
        pair.network = ({ from, transmit: { octets } }) => {
          const isLost = octets[18] === EXCHANGE.informational && from === 'R2' && !isTold;
          isTold ||= isLost;
          return isLost ? [] : [10];
        };
        expect(traffic(pair, seconds(20), seconds(1)).lost, `seed ${seed}`).toBe(0);
        // It is heard when it is said again, half a second later.
        pair.runUntil(() => isTold, seconds(20));
        pair.run(seconds(1));
        expectSame(pair);
        expect(traffic(pair, seconds(20), seconds(1)).lost, `seed ${seed}`).toBe(0);
        expectSame(pair);
        const [r2, r3] = pair.nodes.map(({ endpoint }) => ({
          ikeSa: endpoint.ikeSas().find(({ state }) => state === 'ready')?.initiatorCookie,
          spis: [sending(endpoint)?.inbound, sending(endpoint)?.outbound],
        }));
        expect([r2?.ikeSa, r2?.spis], `seed ${seed}`).toEqual([r3?.ikeSa, r3?.spis.toReversed()]);
      }
    },
  );

  it.each(COLLISIONS)(
    '$name: in every order of what arrives, twice or not, the same is left at both',
    (collision) => {
      expect(explore(collision)).toBeGreaterThan(10);
    },
    300_000,
  );
});
