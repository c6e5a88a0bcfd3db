import { readFileSync } from 'node:fs';
import { EXCHANGE, milliseconds, type Spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { type Flight, type Pair, type Side, tunnelled } from '../support/pair.ts';

/**
 * As `npm run models -- --write` has kept it; `lives`: what R2 has of each SA after the step, and R3, a letter each: d for one that
 * is superseded, receives, and of which a Delete has been said.
 */
type Step = readonly [
  at: number,
  what: 'begins' | '1' | '2' | '3' | 'delete' | 'sends' | 'packet' | 'waits',
  sa: number,
  end: number,
  nonce: number,
  ...lives: readonly [string, string],
];

const RUNS: readonly (readonly Step[])[] = JSON.parse(readFileSync(new URL('runs.json', import.meta.url), 'utf8'));
const SIDES: readonly Side[] = ['R2', 'R3'];
const LETTERS = { offered: 'o', negotiated: 'n', established: 'e', superseded: 's', gone: 'g' } as const;
const NONCE_OCTETS = 32;

/** Two ends that do as a run of the model has done, with its nonces and by its clock. */
class Renewals {
  readonly #pair: Pair;
  readonly #seeded = seededRng(11);
  /** What was said of which SA, for it to arrive when it is to. */
  readonly #said = new Map<string, Flight>();
  /** The SPI with which each end receives by an SA. */
  readonly #inbound: Readonly<Record<Side, Map<number, Spi>>> = { R2: new Map(), R3: new Map() };
  /** Those of which a Delete has been said that still receive: each is of one end. */
  readonly #left = new Set<number>();
  #fresh: Flight[] = [];
  #nonce = 0;
  #now = 1;

  constructor() {
    this.#pair = tunnelled({ endpoint: { rng: { fill: (out) => this.#fill(out) } } });
    this.#pair.network = (flight) => {
      this.#fresh.push(flight);
      return [];
    };
    for (const side of SIDES) this.#learn(side, 0);
  }

  follow([at, what, sa, end, nonce, ...lives]: Step): void {
    const side = SIDES[end] ?? expect.fail();
    this.#fresh = [];
    this.#nonce = nonce;
    const before = this.#pair[side].events.length;
    this.#pair.run(milliseconds(at - this.#now));
    this.#now = at;
    if (what === 'begins') this.#pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, this.#sending(side)));
    else if (what === 'packet') this.#receive(side, sa);
    else if (what === 'waits') this.#hearDeletes(lives);
    else if (what === 'sends') expect(this.#inbound[side].get(sa)).toBe(this.#sending(side));
    else this.#deliver(what, side, sa);
    if (what === 'begins') this.#hear('1', sa);
    if (what === '1' || what === '2') {
      this.#learn(side, sa);
      this.#hear(what === '1' ? '2' : '3', sa);
    }
    const told = this.#pair[side].events.slice(before).filter(({ kind }) => kind === 'child-failed');
    expect(told).toEqual([]);
  }

  /** What an end has of each SA, as the model has it: of what is only offered an endpoint does not tell. */
  lives(end: number, count: number): string {
    const side = SIDES[end] ?? expect.fail();
    const states = new Map(this.#pair[side].endpoint.children().map(({ inbound, state }) => [inbound, state]));
    const letterOf = (sa: number): string => {
      const inbound = this.#inbound[side].get(sa);
      return inbound === undefined ? '.' : LETTERS[states.get(inbound) ?? 'gone'];
    };
    return Array.from({ length: count }, (_, sa) => letterOf(sa)).join('');
  }

  #fill(out: Uint8Array): void {
    this.#seeded.fill(out);
    if (out.length === NONCE_OCTETS) out[0] = this.#nonce;
  }

  #sending(side: Side): Spi {
    const [one] = this.#pair[side].endpoint.children().filter(({ state }) => state === 'established');
    return one?.inbound ?? expect.fail();
  }

  #deliver(what: string, side: Side, sa: number): void {
    const { octets, source, destination } = this.#said.get(`${what} of ${sa} to ${side}`)?.transmit ?? expect.fail();
    this.#pair.inject(side, octets, source, destination);
  }

  /** A gateway says so of every SA that was not told to be established. */
  #receive(side: Side, sa: number): void {
    const inbound = this.#inbound[side].get(sa) ?? expect.fail();
    this.#pair.on(side, (endpoint, now) => endpoint.confirmChild(now, inbound));
  }

  /** A child that was not there before is this. */
  #learn(side: Side, sa: number): void {
    const known = [...this.#inbound[side].values()];
    const fresh = this.#pair[side].endpoint.children().find(({ inbound }) => !known.includes(inbound));
    if (fresh !== undefined) this.#inbound[side].set(sa, fresh.inbound);
  }

  /** What is said again is what was said. */
  #hear(what: string, sa: number): void {
    const flight = this.#fresh.findLast(({ transmit }) => exchangeOf(transmit.octets) === EXCHANGE.quick);
    if (flight === undefined) return;
    const to = this.#pair[flight.from].peer;
    const key = `${what} of ${sa} to ${to}`;
    if (!this.#said.has(key)) this.#said.set(key, flight);
  }

  /** Each side says first which of its SAs still receives, then of what is gone, in the order in which it tells of that. */
  #hearDeletes(lives: readonly string[]): void {
    for (const [end, side] of SIDES.entries()) {
      const deletes = this.#fresh.filter(
        ({ from, transmit, sentAt }) =>
          from === side && sentAt === this.#pair.now && exchangeOf(transmit.octets) === EXCHANGE.informational,
      );
      const leaving = [...this.#inbound[side].keys()].filter((sa) => lives[end]?.[sa] === 'd' && !this.#left.has(sa));
      const ended = this.#pair[side].of('child-deleted').filter(({ reason }) => reason === 'replaced');
      const gone = ended.slice(ended.length - deletes.length + leaving.length).map(({ inbound }) => {
        const [sa] = [...this.#inbound[side]].find(([, own]) => own === inbound) ?? expect.fail();
        return sa;
      });
      for (const sa of leaving) this.#left.add(sa);
      for (const [i, sa] of [...leaving, ...gone].entries())
        this.#said.set(`delete of ${sa} to ${this.#pair[side].peer}`, deletes[i] ?? expect.fail());
    }
  }
}

function exchangeOf(octets: Uint8Array): number | undefined {
  return octets[18];
}

describe('runs of the model in collision.qnt', () => {
  it('have all that may happen, and ends that have seen a collision', () => {
    expect(RUNS.length).toBeGreaterThan(10);
    const steps = RUNS.flat();
    // One end alone has seen a collision: it still receives what it has deleted, and the other sends by that.
    expect(steps.some(([, , , , , r2, r3]) => r3[r2.indexOf('e')] === 'd' || r2[r3.indexOf('e')] === 'd')).toBe(true);
    expect(steps.some(([, , , , , r2, r3]) => r3[r2.indexOf('e')] === 'g' || r2[r3.indexOf('e')] === 'g')).toBe(false);
    const happened = new Set(steps.map(([, what]) => what));
    for (const one of ['begins', '1', '2', '3', 'delete', 'sends', 'packet', 'waits']) expect(happened).toContain(one);
    // An end that has begun one and has answered another, of which neither is over.
    expect(
      steps.filter(([, , , , , ...lives]) => lives.some((life) => /o.*n|n.*o|n.*n/.test(life))).length,
    ).toBeGreaterThan(20);
  });

  it.each(RUNS.map((steps) => ({ steps })))('are the same of our endpoints, run %#', ({ steps }) => {
    const renewals = new Renewals();
    for (const step of steps) {
      const [at, what, sa, end, , ...lives] = step;
      renewals.follow(step);
      const told = lives.map((_, i) => renewals.lives(i, lives[0].length));
      expect([at, what, sa, end, ...told]).toEqual([
        at,
        what,
        sa,
        end,
        ...lives.map((life) => life.replaceAll('o', '.').replaceAll('d', 's')),
      ]);
    }
  });
});
