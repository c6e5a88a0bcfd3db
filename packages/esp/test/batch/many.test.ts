import { type Engine, ESP_SUITES, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import {
  type Batch,
  type EspCounters,
  InboundSa,
  type InboundSaOptions,
  OutboundSa,
  type OutboundSaOptions,
  PacketPool,
} from '@espalier/esp';
import { spi } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { ipv4Packet, ipv6Packet } from '../support/packets.ts';
import { ENGINE, inboundSa, keysFor, NOW, NULL_SUITE, OUTER, outboundSa, poolOf, seal } from '../support/sas.ts';

const ENGINES: readonly Engine[] = [nobleEngine(), wasmEngine(), nodeEngine()];
const GUARD = 0xa7;
const SLOT_OCTETS = 2304;

/** How one tunnel of a batch is made: its suite by a number, and what else makes SAs differ. */
interface Form {
  readonly suite: number;
  readonly esn: boolean;
  readonly around: 'nothing' | 'ipv4' | 'udp6' | 'transport';
  readonly hardPackets: number;
}

const form: fc.Arbitrary<Form> = fc.record({
  suite: fc.nat(),
  esn: fc.boolean(),
  around: fc.constantFrom('nothing', 'ipv4', 'udp6', 'transport'),
  hardPackets: fc.constantFrom(3, Number.POSITIVE_INFINITY),
});

const OUTER6 = { source: '2001:db8::1', destination: '2001:db8::2', udp: { sourcePort: 4500, destinationPort: 4500 } };

function optionsOf(engine: Engine, { suite: number, esn, around, hardPackets }: Form, index: number) {
  const suites = ESP_SUITES.filter((suite) => engine.supports(suite));
  const suite = suites[number % suites.length] ?? expect.fail();
  const lifetime = { establishedAt: NOW, hard: { packets: hardPackets } };
  const common = { engine, suite, keys: keysFor(suite, index + 1), spi: spi(1000 + index), esn, lifetime };
  const mode = around === 'transport' ? 'transport' : 'tunnel';
  const outer = { nothing: {}, ipv4: { outer: OUTER }, udp6: { outer: OUTER6 }, transport: {} }[around];
  const outbound: OutboundSaOptions = { ...common, mode, ...outer, rng: seededRng(index + 1) };
  const inbound: InboundSaOptions = { ...common, mode };
  return { outbound, inbound };
}

const makers = (engine: Engine, forms: readonly Form[]) => forms.map((each, i) => optionsOf(engine, each, i));
const outboundSas = (engine: Engine, forms: readonly Form[]) =>
  makers(engine, forms).map(({ outbound }) => new OutboundSa(outbound));
const inboundSas = (engine: Engine, forms: readonly Form[]) =>
  makers(engine, forms).map(({ inbound }) => new InboundSa(inbound));

/** What a batch shows of its packets. */
function outcomes(batch: Batch) {
  return Array.from(batch, ({ ok, reason, length, nextHeader }) => ({ ok, reason, length, nextHeader }));
}

const counters = (sas: readonly (OutboundSa | InboundSa)[]): EspCounters[] => sas.map((sa) => sa.counters);

/** What each SA makes of its packets alone, told in the order of all. */
function oneByOne<Told>(
  size: number,
  whose: (index: number) => number,
  of: (indices: readonly number[]) => readonly Told[],
): Told[] {
  const indices = Array.from({ length: size }, (_, i) => i);
  const told = new Map<number, Told>();
  for (const sa of new Set(indices.map(whose))) {
    const mine = indices.filter((i) => whose(i) === sa);
    of(mine).forEach((each, k) => {
      told.set(mine[k] ?? -1, each);
    });
  }
  return indices.map((i) => told.get(i) ?? expect.fail());
}

/** An octet of the pool that no packet may have touched, or -1. Each packet lies in a slot of its own. */
function touched(pool: PacketPool, spans: readonly (readonly [from: number, end: number])[]): number {
  const seen = pool.memory.slice();
  for (const [from, end] of spans) seen.fill(GUARD, from, end);
  return seen.findIndex((octet) => octet !== GUARD);
}

const packet = fc.record({
  octets: fc.oneof(fc.nat(100), fc.nat(1500)),
  family: fc.constantFrom(4, 6),
  isWhole: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  sa: fc.nat(),
});

describe.each(ENGINES.map((engine) => ({ engine, name: engine.name })))(
  'a batch of many SAs, by $name',
  ({ engine }) => {
    it('is sealed and opened as by each SA alone, and nothing beside its packets is touched', () => {
      const pool = new PacketPool(engine, { slots: 40, slotOctets: SLOT_OCTETS });
      const batch = pool.createBatch(40);
      fc.assert(
        fc.property(
          fc.array(form, { minLength: 1, maxLength: 12 }),
          fc.array(packet, { minLength: 1, maxLength: 40 }),
          fc.array(fc.record({ index: fc.nat(), at: fc.nat(), bit: fc.nat(7) }), { maxLength: 6 }),
          fc.array(fc.nat(), { maxLength: 5 }),
          (forms, packets, flips, repeats) => {
            const whose = (i: number) => (packets[i]?.sa ?? 0) % forms.length;
            const inner = packets.map(({ octets, family, isWhole }) => {
              const whole = family === 4 ? ipv4Packet(octets) : ipv6Packet(octets);
              return isWhole ? whole : whole.subarray(0, -1);
            });

            const [many, alone] = [outboundSas(engine, forms), outboundSas(engine, forms)];
            const sas = packets.map((_, i) => many[whose(i)] ?? expect.fail());
            pool.memory.fill(GUARD);
            for (const each of inner) batch.add(each);
            const sealed = OutboundSa.sealMany(NOW, batch, sas);
            const told = outcomes(batch);
            const wire = Array.from(batch, ({ octets, ok }) => (ok ? octets.slice() : undefined));
            const spans = Array.from(batch, ({ offset, length }) => [offset, offset + length] as const);
            expect(touched(pool, spans)).toBe(-1);
            expect(sealed).toBe(told.filter(({ ok }) => ok).length);
            batch.clear();

            const expected = oneByOne(packets.length, whose, (mine) => {
              for (const i of mine) batch.add(inner[i] ?? expect.fail());
              alone[whose(mine[0] ?? 0)]?.sealBatch(NOW, batch);
              const told = outcomes(batch);
              batch.clear();
              return told;
            });
            expect(told).toEqual(expected);
            expect(counters(many)).toEqual(counters(alone));

            const arrivals = wire.flatMap((octets, i) => (octets === undefined ? [] : [{ octets, sa: whose(i) }]));
            if (arrivals.length === 0) return;
            for (const again of repeats) {
              const copy = arrivals[again % arrivals.length];
              if (copy !== undefined && arrivals.length < 40) arrivals.push({ ...copy, octets: copy.octets.slice() });
            }
            for (const { index, at, bit } of flips) {
              const octets = arrivals[index % arrivals.length]?.octets ?? expect.fail();
              octets[at % octets.length] = (octets[at % octets.length] ?? 0) ^ (1 << bit);
            }
            const head = (sa: number) =>
              ({ nothing: 0, ipv4: 20, udp6: 48, transport: -1 })[forms[sa]?.around ?? 'nothing'];
            const headOf = (i: number) => {
              const { octets, sa } = arrivals[i] ?? expect.fail();
              const known = head(sa);
              return known >= 0 ? known : (octets[0] ?? 0) >> 4 === 4 ? 20 : 40;
            };
            const of = (i: number) => arrivals[i]?.sa ?? 0;
            const add = (i: number) => batch.add(arrivals[i]?.octets ?? expect.fail(), 0, headOf(i));

            const [openers, lone] = [inboundSas(engine, forms), inboundSas(engine, forms)];
            pool.memory.fill(GUARD);
            arrivals.forEach((_, i) => {
              expect(add(i)).toBe(true);
            });
            const came = Array.from(
              batch,
              ({ offset, length, index }) => [offset - headOf(index), offset + length] as const,
            );
            const opened = InboundSa.openMany(
              NOW,
              batch,
              arrivals.map(({ sa }) => openers[sa] ?? expect.fail()),
            );
            const seen = outcomes(batch);
            const contents = Array.from(batch, ({ octets }) => octets.slice());
            expect(touched(pool, came)).toBe(-1);
            expect(opened).toBe(seen.filter(({ ok }) => ok).length);
            batch.clear();
            const wanted = oneByOne(arrivals.length, of, (mine) => {
              for (const i of mine) add(i);
              lone[of(mine[0] ?? 0)]?.openBatch(NOW, batch);
              const told = outcomes(batch).map((outcome, k) => ({ outcome, octets: batch.at(k).octets.slice() }));
              batch.clear();
              return told;
            });
            expect(seen).toEqual(wanted.map(({ outcome }) => outcome));
            expect(contents).toEqual(wanted.map(({ octets }) => octets));
            expect(counters(openers)).toEqual(counters(lone));
            expect(openers.map((sa) => sa.highestSequence)).toEqual(lone.map((sa) => sa.highestSequence));
            for (const sa of [...many, ...alone, ...openers, ...lone]) sa.wipe();
          },
        ),
        { numRuns: 25 },
      );
      pool.release();
    });
  },
);

describe('a batch of many SAs', () => {
  const sas = (count: number) => Array.from({ length: count }, (_, i) => outboundSa(NULL_SUITE, { spi: spi(500 + i) }));

  it('is left as it was, and every SA with it, when one is wiped, is none, or is of another engine', () => {
    const wiped = outboundSa(NULL_SUITE);
    wiped.wipe();
    const foreign = outboundSa(NULL_SUITE, { engine: nobleEngine() });
    const faults: [fault: unknown, message: string][] = [
      [wiped, 'sas[2] is wiped'],
      [foreign, 'sas[2] must be of the same engine as the others'],
      [undefined, 'sas[2] must be an OutboundSa'],
      [inboundSa(NULL_SUITE), 'sas[2] must be an OutboundSa'],
    ];
    for (const [fault, message] of faults) {
      const four: unknown[] = sas(4);
      four[2] = fault;
      const batch = poolOf(4).createBatch(4);
      for (let i = 0; i < 4; i++) batch.add(ipv4Packet(i));
      expect(() => OutboundSa.sealMany(NOW, batch, four as OutboundSa[])).toThrow(new TypeError(message));
      expect(Array.from(batch, ({ octets }) => octets)).toEqual([0, 1, 2, 3].map((i) => ipv4Packet(i)));
      expect(Array.from(batch, ({ ok, reason }) => ok || reason)).toEqual(Array(4).fill(undefined));
      for (const sa of four) if (sa instanceof OutboundSa) expect(sa.counters.packets).toBe(0);
    }
  });

  it('is not opened when one of its SAs is wiped: the others keep their windows', () => {
    const outbound = sas(3);
    const inbound = outbound.map(({ spi }) => inboundSa(NULL_SUITE, { spi }));
    const batch = poolOf(3).createBatch(3);
    for (const sa of outbound) batch.add(seal(sa, ipv4Packet(8)));
    inbound[1]?.wipe();
    expect(() => InboundSa.openMany(NOW, batch, inbound)).toThrow(new TypeError('sas[1] is wiped'));
    expect(inbound.map((sa) => sa.highestSequence)).toEqual([0n, 0n, 0n]);
    expect(
      InboundSa.openMany(
        NOW,
        batch,
        [0, 2, 2].flatMap((i) => inbound[i] ?? []),
      ),
    ).toBe(2);
    expect(batch.at(1).reason).toBe('wrong-spi');
  });

  it('needs an SA for each packet, and none without packets', () => {
    const batch = poolOf(2).createBatch(2);
    expect(OutboundSa.sealMany(NOW, batch, [])).toBe(0);
    expect(InboundSa.openMany(NOW, batch, [])).toBe(0);
    batch.add(ipv4Packet(1));
    batch.add(ipv4Packet(2));
    expect(() => OutboundSa.sealMany(NOW, batch, sas(1))).toThrow('sas[1] must be an OutboundSa');
    expect(() => InboundSa.openMany(NOW, batch, [])).toThrow('sas[0] must be an InboundSa');
  });

  it('needs the room that each of its SAs needs', () => {
    const batch = new PacketPool(ENGINE, { slots: 2, slotOctets: 500, headroom: 27 }).createBatch(2);
    batch.add(ipv4Packet(1));
    batch.add(ipv4Packet(2));
    const [bare, around] = [outboundSa(NULL_SUITE), outboundSa(NULL_SUITE, { outer: OUTER })];
    expect(() => OutboundSa.sealMany(NOW, batch, [bare, around])).toThrow(RangeError);
    expect(bare.counters.packets).toBe(0);
  });

  it('may hold packets that were sealed before, which are left alone', () => {
    const [one, other] = sas(2);
    if (one === undefined || other === undefined) expect.fail();
    const batch = poolOf(3).createBatch(3);
    batch.add(ipv4Packet(1));
    expect(OutboundSa.sealMany(NOW, batch, [one])).toBe(1);
    const before = batch.at(0).octets.slice();
    batch.add(ipv4Packet(2));
    batch.add(ipv4Packet(3));
    expect(OutboundSa.sealMany(NOW, batch, [one, other, one])).toBe(2);
    expect(batch.at(0).octets).toEqual(before);
    expect([one.counters.packets, other.counters.packets]).toEqual([2, 1]);
  });
});
