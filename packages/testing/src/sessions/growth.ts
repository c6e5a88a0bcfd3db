import { type Engine, nobleEngine } from '@espalier/crypto';
import { EXCHANGE, PAYLOAD, requireObject, toHex } from '@espalier/wire';
import { requireArray, requireFunction, within } from '../arguments.ts';
import { toyPublicKeys } from './ends/toy-public-keys.ts';
import { type Mutation, mutate } from './mutation/mutation.ts';
import type { PayloadChange } from './mutation/payload-change.ts';
import { playTo } from './play.ts';
import { otherSide, PLAIN_SESSION, type SessionSpecification } from './specification.ts';

/** How often something stands in a message. */
export const GROWTH_SIZES: readonly number[] = [10, 100, 1000];

/** What one thing costs in one message, when it stands there as often as `GROWTH_SIZES` says. */
export interface Growth {
  /** Number of the datagram, and its exchange. */
  readonly door: string;
  readonly thing: string;
  /** How often it stood there: `GROWTH_SIZES`, or as often as one datagram has room for. */
  readonly sizes: readonly number[];
  /** Milliseconds of one datagram, the least of several. */
  readonly times: readonly number[];
  /** The most that were taken; 0 where none were. */
  readonly taken: number;
}

/** What is measured, and how. */
export interface GrowthOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  /** Default: sessions that between them have every exchange. */
  readonly specifications?: readonly SessionSpecification[];
  /** Numbers of the datagrams that are measured. Default: all. */
  readonly steps?: readonly number[];
  /** How often each is measured: the least counts, since whatever else a machine does takes time too. Default 3. */
  readonly times?: number;
  /** Default: noble's; public-key work is replaced by a toy. */
  readonly engine?: Engine;
}

/** What is repeated in a message, from how often. */
interface Repeated {
  readonly thing: string;
  readonly change: (times: number) => PayloadChange;
}

/** Sessions that between them have every exchange. */
const SESSIONS: readonly SessionSpecification[] = [
  { ...PLAIN_SESSION, acts: [{ by: 'left', act: 'delete-child' }] },
  { ...PLAIN_SESSION, mode: 'aggressive', authentication: 'rsa-signature', natTraversal: 'auto' },
  { ...PLAIN_SESSION, authentication: 'xauth-initiator-pre-shared-key', modeConfig: true, pfsGroup: 2 },
];

/** Payloads by their type, with a body that has the right form. */
const SAMPLES: readonly (readonly [name: string, type: number, body: string])[] = [
  ['KE', PAYLOAD.ke, '11'.repeat(32)],
  ['ID', PAYLOAD.id, '01000000c0000201'],
  ['CERT', PAYLOAD.cert, `04${'30'.repeat(24)}`],
  ['CERTREQ', PAYLOAD.certRequest, `04${'30'.repeat(24)}`],
  ['HASH', PAYLOAD.hash, '22'.repeat(20)],
  ['SIG', PAYLOAD.signature, '33'.repeat(32)],
  ['NONCE', PAYLOAD.nonce, '44'.repeat(16)],
  ['N', PAYLOAD.notification, '0000000101006002'],
  ['D', PAYLOAD.delete, '000000010304000100001234'],
  ['VID', PAYLOAD.vendorId, '55'.repeat(16)],
  ['ATTR', PAYLOAD.configuration, '0100000100010000'],
  ['NAT-D', PAYLOAD.natD, '66'.repeat(20)],
  ['NAT-OA', PAYLOAD.natOa, '01000000c0000201'],
  ['a fragment', PAYLOAD.fragment, '000101000000'],
  ['an unknown payload', 99, '77'],
];

const TIMES = 3;
/** UDP over IPv4 carries no more. */
const DATAGRAM_MOST = 65_507;
/** For what stands there beside. */
const ROOM = 3000;

/**
 * Puts everything that can be repeated into each message of sessions that have every exchange, 10, 100 and 1,000 times,
 * inside the encryption and sealed with the right HASH, and says what each datagram costs.
 * @throws TypeError or RangeError that names the option which is bad.
 */
export function measureGrowth(options: GrowthOptions): readonly Growth[] {
  requireObject('options', options);
  const { clock, specifications = SESSIONS, steps, times = TIMES, engine = nobleEngine() } = options;
  requireFunction('options.clock', clock);
  requireArray('options.specifications', specifications);
  if (steps !== undefined) requireArray('options.steps', steps);
  within('options.times', times, 1);
  const toy = toyPublicKeys(engine);
  return specifications.flatMap((specification) => {
    const rows: Growth[] = [];
    for (let step = 0; ; step++) {
      const stopped = playTo(specification, step, { engine: toy });
      if (stopped === undefined) return rows;
      const { opened, flight } = stopped;
      if (opened === undefined || steps?.includes(step) === false) continue;
      const kinds = opened.chain.payloads.map(({ type }) => type);
      const door = `${specification.mode} session, datagram ${flight.index} (${exchangeName(opened.header.exchange)})`;
      for (const { thing, change } of repeatedIn(kinds)) {
        const sizes = GROWTH_SIZES.map((size) =>
          measure({ specification, step, engine: toy, change, clock, times, size }),
        );
        rows.push({
          ...{ door, thing, sizes: sizes.map(({ size }) => size), times: sizes.map(({ took }) => took) },
          taken: Math.max(...sizes.map(({ isTaken, size }) => (isTaken ? size : 0))),
        });
      }
    }
  });
}

/**
 * Whether ten times as many took much more than ten times as long. What takes less than `floor` milliseconds is not told
 * from what else happens.
 */
export function isSuperlinear({ sizes, times }: Growth, floor = 1): boolean {
  const [, few = 1, many = 1] = sizes;
  const [, hundred = 0, thousand = 0] = times;
  const linear = Math.max(hundred, (floor * few) / many) * (many / few);
  return thousand > floor && thousand > 2.5 * linear;
}

interface Measuring {
  readonly specification: SessionSpecification;
  readonly step: number;
  readonly engine: Engine;
  readonly change: Repeated['change'];
  readonly clock: () => number;
  readonly times: number;
  readonly size: number;
}

function measure({ specification, step, engine, change, clock, times, size }: Measuring): {
  readonly size: number;
  readonly took: number;
  readonly isTaken: boolean;
} {
  let [fits, isTaken] = [size, false];
  const all = Array.from({ length: times }, () => {
    const stopped = playTo(specification, step, { engine });
    if (stopped === undefined) return 0;
    const { session, between, flight, opened } = stopped;
    const view = between.views[otherSide(flight.from)];
    const mutantOf = (count: number): Uint8Array | undefined => {
      const mutation: Mutation = { where: 'payloads', payloads: change(count), hash: 'right' };
      return mutate(flight.octets, mutation, opened, (message, sealing) => view.seal(flight.from, message, sealing));
    };
    const whole = mutantOf(size);
    if (whole === undefined) return 0;
    if (whole.length > DATAGRAM_MOST) fits = Math.floor((size * (DATAGRAM_MOST - ROOM)) / whole.length);
    const mutant = fits === size ? whole : (mutantOf(fits) ?? whole);
    const began = clock();
    isTaken = session.inject(flight, mutant).ok;
    return clock() - began;
  });
  return { size: fits, took: Math.min(...all), isTaken };
}

/** Each payload that is there, what is within an SA, and each kind that there is, at the end. */
function repeatedIn(kinds: readonly number[]): readonly Repeated[] {
  const there = kinds.map((type, at) => ({
    thing: `payload ${at} (type ${type})`,
    change: (times: number): PayloadChange => ({ change: 'repeat', at, times }),
  }));
  const sa = kinds.indexOf(PAYLOAD.sa);
  const within =
    sa < 0 ? [] : ['proposals', 'transforms', 'attributes'].map((thing, depth) => repeatedWithin(sa, thing, depth));
  const inserted = SAMPLES.map(([thing, type, octets]) => ({
    thing: `${thing} at the end`,
    change: (times: number): PayloadChange => ({ change: 'insert', at: kinds.length, type, octets, times }),
  }));
  return [...there, ...within, ...inserted, ...listsAtTheEnd(kinds.length)];
}

function repeatedWithin(sa: number, thing: string, depth: number): Repeated {
  const nest = (times: number, left: number): PayloadChange =>
    left === 0 ? { change: 'repeat', at: 0, times } : { change: 'within', at: 0, inner: nest(times, left - 1) };
  return { thing, change: (times) => ({ change: 'within', at: sa, inner: nest(times, depth) }) };
}

/** One payload with a long list in it. */
function listsAtTheEnd(at: number): readonly Repeated[] {
  const octets = (count: number): string => toHex(Uint8Array.of(count >>> 8, count));
  return [
    {
      thing: 'SPIs of one D',
      change: (count) => {
        const body = `000000010304${octets(count)}${'00001234'.repeat(count)}`;
        return { change: 'insert', at, type: PAYLOAD.delete, octets: body };
      },
    },
    {
      thing: 'attributes of one ATTR',
      change: (count) => {
        const body = `01000001${'00010000'.repeat(count)}`;
        return { change: 'insert', at, type: PAYLOAD.configuration, octets: body };
      },
    },
  ];
}

function exchangeName(number: number): string {
  return Object.entries(EXCHANGE).find(([, value]) => value === number)?.[0] ?? `${number}`;
}
