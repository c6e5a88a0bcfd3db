import { type Engine, nobleEngine } from '@espalier/crypto';
import { encodeIpv4, instant, parseAddress } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway, type GatewayOptions, type ManualSa, type Outcome, type PolicyConfig } from '../../src/index.ts';
import { ahSa, bundle, delivered, espSa, manual, mirrored, transmitted } from '../manual/hosts.ts';

const NOW = instant(1000);
const ACCEPTED: Outcome = { ok: true, action: 'accepted' };
const MISMATCH: Outcome = { ok: false, by: 'gateway', reason: 'selector-mismatch' };
/** Suites that alternate among the tunnels: neighbours in a batch are of different ones. */
const SUITES = ['null/hmac-sha1-96', 'aes-128-cbc/hmac-sha2-256-128', '3des-cbc/hmac-sha1-96'];

const suiteOf = (i: number): string => SUITES[i % SUITES.length] ?? expect.fail();
const espAlone = (spi: number, i: number): ManualSa => espSa(spi, suiteOf(i));
/** ESP, AH, and AH around ESP alternate. */
const layered = (spi: number, i: number): ManualSa =>
  [espAlone(spi, i), ahSa(spi), bundle(spi, spi + 500, suiteOf(i))][i % 3] ?? expect.fail();

interface Sites {
  readonly west: Gateway;
  readonly east: Gateway;
}

/** Two gateways with as many tunnels: behind the eastern one there is a net for each. */
function sites(tunnels: number, options: Partial<GatewayOptions> = {}, saOf = espAlone): Sites {
  const protection = (i: number) => manual({ inbound: saOf(1000 + i, i), outbound: saOf(2000 + i, i) });
  const policies = (side: keyof Sites): PolicyConfig[] =>
    Array.from({ length: tunnels }, (_, i) => ({
      name: `net-${i}`,
      selectors: side === 'west' ? { remote: `10.2.${i}.0/24` } : { local: `10.2.${i}.0/24` },
      action: { kind: 'manual', ...(side === 'west' ? protection(i) : mirrored(protection(i))) },
      ...(side === 'east' && { interface: `inside-${i}` }),
    }));
  const gateway = (side: keyof Sites) =>
    new Gateway({
      config: { peers: [], policies: policies(side) },
      engine: nobleEngine(),
      rng: seededRng(side === 'west' ? 1 : 2),
      ...options,
    });
  return { west: gateway('west'), east: gateway('east') };
}

const packetTo = (net: number, number: number, octets = 20) =>
  encodeIpv4({
    source: parseAddress('10.1.1.1'),
    destination: parseAddress(`10.2.${net}.7`),
    protocol: 17,
    identification: number,
    payload: new Uint8Array(octets),
  });

/** The engine, and a note of each of its calls: how many packets it was for. */
function counted(engine: Engine): { readonly engine: Engine; readonly sealed: number[]; readonly opened: number[] } {
  const sealed: number[] = [];
  const opened: number[] = [];
  const counting: Engine = {
    ...engine,
    createEspTransform: (options) => engine.createEspTransform(options),
    sealMany: (memory, jobs, transforms, iv) => {
      sealed.push(jobs.count);
      for (let i = 0; i < jobs.count; i++) transforms[i]?.seal(memory, one(jobs.words, i), iv);
    },
    openMany: (memory, jobs, transforms) => {
      opened.push(jobs.count);
      for (let i = 0; i < jobs.count; i++) transforms[i]?.open(memory, one(jobs.words, i));
    },
  };
  return { engine: counting, sealed, opened };
}

const one = (words: Int32Array, job: number) => ({ words: words.subarray(job * 4, job * 4 + 4), count: 1 });

describe('a batch over many tunnels', () => {
  it('is one call of the engine to seal, and one to open', () => {
    const { engine, sealed, opened } = counted(nobleEngine());
    const { west, east } = sites(64, { engine });
    const inner = Array.from({ length: 64 }, (_, i) => packetTo((i * 7) % 64, i));
    expect(west.handleInsideBatch(NOW, inner)).toBe(64);
    expect(sealed).toEqual([64]);
    expect(east.handleOutsideBatch(NOW, transmitted(west))).toBe(64);
    expect(opened).toEqual([64]);
    expect(delivered(east)).toEqual(inner);
  });

  it.each([
    { layers: 'ESP', saOf: espAlone },
    { layers: 'ESP, AH, and AH around ESP', saOf: layered },
  ])('of $layers brings what its packets bring one by one, in order, each out of its own interface', ({ saOf }) => {
    const arrival = fc.record({ net: fc.nat(5), octets: fc.oneof(fc.nat(300), fc.integer({ min: 1700, max: 2500 })) });
    const fault = fc.record({ index: fc.nat(), at: fc.nat(), bit: fc.nat(7) });
    fc.assert(
      fc.property(
        fc.array(arrival, { minLength: 1, maxLength: 200 }),
        fc.array(fault, { maxLength: 6 }),
        fc.constantFrom(1, 3, 64, 256),
        (arrivals, faults, packetSlots) => {
          const [many, single] = [sites(6, { packetSlots }, saOf), sites(6, {}, saOf)];
          const inner = arrivals.map(({ net, octets }, i) => packetTo(net, i, octets));
          expect(many.west.handleInsideBatch(NOW, inner)).toBe(inner.length);
          const wire = transmitted(many.west);
          for (const each of inner) single.west.handleInside(NOW, each);
          expect(transmitted(single.west).map(({ length }) => length)).toEqual(wire.map(({ length }) => length));

          for (const { index, at, bit } of faults) {
            const octets = wire[index % wire.length] ?? expect.fail();
            const place = 20 + (at % (octets.length - 20));
            octets[place] = (octets[place] ?? 0) ^ (1 << bit);
          }
          const expected: Outcome[] = wire.map((each) => single.east.handleOutside(NOW, each));
          const outcomes: Outcome[] = [];
          many.east.handleOutsideBatch(NOW, wire, outcomes);
          expect(outcomes).toEqual(expected);
          expect(many.east.refusals).toEqual(single.east.refusals);
          const out: unknown[] = [];
          many.east.drainInside(({ packet, insideInterface }) => {
            out.push([packet.slice(), insideInterface]);
          });
          const wanted: unknown[] = [];
          single.east.drainInside(({ packet, insideInterface }) => {
            wanted.push([packet.slice(), insideInterface]);
          });
          expect(out).toEqual(wanted);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['AH', (spi: number) => ahSa(spi)],
    ['AH around ESP', (spi: number) => bundle(spi, spi + 500)],
  ])('of %s leaves from the slots where its packets were added, and is opened where they lie', (_, saOf) => {
    const { west, east } = sites(64, {}, saOf);
    const inner = Array.from({ length: 64 }, (_, i) => packetTo(i, i));
    west.handleInsideBatch(NOW, inner);
    const memories = new Set<Uint8Array>();
    const wire: Uint8Array[] = [];
    west.drainTransmit(({ memory, offset, length }) => {
      memories.add(memory);
      wire.push(memory.slice(offset, offset + length));
    });
    expect(memories.size).toBe(1);
    memories.clear();
    expect(east.handleOutsideBatch(NOW, wire)).toBe(64);
    const out: Uint8Array[] = [];
    east.drainInside(({ memory, offset, length }) => {
      memories.add(memory);
      out.push(memory.slice(offset, offset + length));
    });
    expect(memories.size).toBe(1);
    expect(out).toEqual(inner);
  });

  it('loses to one tunnel whose packets are of no good nothing of the others', () => {
    const { west, east } = sites(3);
    const inner = Array.from({ length: 30 }, (_, i) => packetTo(i % 3, i));
    west.handleInsideBatch(NOW, inner);
    const wire = transmitted(west);
    wire.forEach((octets, i) => {
      if (i % 3 === 1) octets[octets.length - 1] = (octets[octets.length - 1] ?? 0) ^ 1;
    });
    const outcomes: Outcome[] = [];
    expect(east.handleOutsideBatch(NOW, wire, outcomes)).toBe(20);
    expect(outcomes.map(({ ok }) => ok)).toEqual(inner.map((_, i) => i % 3 !== 1));
    expect(delivered(east)).toEqual(inner.filter((_, i) => i % 3 !== 1));
  });
});

describe('packets that no selector takes', () => {
  /** The western end sends into tunnel 0 what the eastern one takes from nobody. */
  function mismatching(packetSlots: number): Sites {
    const protection = manual({
      inbound: espSa(1000, SUITES[0]),
      outbound: espSa(2000, SUITES[0]),
    });
    const gateway = (policy: PolicyConfig, seed: number) =>
      new Gateway({
        config: { peers: [], policies: [policy] },
        engine: nobleEngine(),
        rng: seededRng(seed),
        packetSlots,
      });
    return {
      west: gateway({ name: 'all', action: { kind: 'manual', ...protection } }, 1),
      east: gateway(
        { name: 'net', selectors: { local: '10.2.0.0/24' }, action: { kind: 'manual', ...mirrored(protection) } },
        2,
      ),
    };
  }

  it('leave the room that they took: a run of them alone is given back', () => {
    const { west, east } = mismatching(8);
    const place = (): ArrayBufferLike => {
      west.handleInside(NOW, packetTo(0, 1));
      expect(east.handleOutside(NOW, transmitted(west)[0] ?? expect.fail())).toEqual(ACCEPTED);
      let buffer: ArrayBufferLike = new ArrayBuffer(0);
      east.drainInside((inner) => {
        ({ buffer } = inner.memory);
      });
      return buffer;
    };
    const before = place();
    for (let round = 0; round < 20; round++) {
      west.handleInsideBatch(NOW, [packetTo(9, 1), packetTo(9, 2)]);
      const outcomes: Outcome[] = [];
      expect(east.handleOutsideBatch(NOW, transmitted(west), outcomes)).toBe(0);
      expect(outcomes).toEqual([MISMATCH, MISMATCH]);
      expect(delivered(east)).toEqual([]);
    }
    // What finds no room is opened in memory of its own.
    expect(place()).toBe(before);
  });
});
