import { type Engine, nobleEngine } from '@espalier/crypto';
import { decodeIpv4, encodeIpv4, ipv4, parseAddress, readU16, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayTransmit, Outcome } from '../src/index.ts';
import { Bed, hostAddress, INSIDE, type Name, peerOf, STATISTICS, type Variation } from './support/bed.ts';

const PROTECTED: Outcome = { ok: true, action: 'protected' };
const ACCEPTED: Outcome = { ok: true, action: 'accepted' };
const NULL = 'null/hmac-sha1-96';

function upBed(variation: Variation = {}): Bed {
  const bed = new Bed({ suite: NULL, ...variation });
  bed.ping('R2', 0);
  bed.run(seconds(1));
  bed.site('R3').received.length = 0;
  return bed;
}

/** From a host behind `from` to one behind the other gateway, with its number as identification. */
function packet(number: number, payloadOctets = 20, from: Name = 'R2', fields: { dontFragment?: boolean } = {}) {
  return encodeIpv4({
    source: parseAddress(hostAddress(from)),
    destination: parseAddress(hostAddress(peerOf(from))),
    protocol: 17,
    identification: number,
    payload: new Uint8Array(payloadOctets).fill(number),
    ...fields,
  });
}

const packets = (count: number, octets?: number) => Array.from({ length: count }, (_, i) => packet(i, octets));

function sealed(bed: Bed, inner: Iterable<Uint8Array>): Uint8Array[] {
  const { gateway } = bed.site('R2');
  gateway.handleInsideBatch(bed.now, inner, INSIDE);
  return [...transmits(bed)].map(({ octets }) => octets);
}

function* transmits(bed: Bed): Generator<GatewayTransmit> {
  const { gateway } = bed.site('R2');
  for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) yield out;
}

function opened(bed: Bed, outer: Iterable<Uint8Array>, outcomes?: Outcome[]): Uint8Array[] {
  const { gateway } = bed.site('R3');
  gateway.handleOutsideBatch(bed.now, outer, outcomes);
  const inner: Uint8Array[] = [];
  for (let next = gateway.pollInside(); next !== undefined; next = gateway.pollInside()) inner.push(next.packet);
  return inner;
}

const numberOf = (inner: Uint8Array) => readU16(inner, 4);

describe('a batch', () => {
  it('brings what its packets bring one by one, and tells the same of each', () => {
    const size = fc.oneof(fc.nat(1400), fc.integer({ min: 1800, max: 2000 }), fc.integer({ min: 2000, max: 9000 }));
    const input = fc.record({ size, from: fc.constantFrom('good', 'malformed'), dontFragment: fc.boolean() });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (inputs, packetSlots) => {
        const variation: Variation = { protect: { mtu: 4000 }, options: { packetSlots } };
        const inner = inputs.map(({ size, from, dontFragment }, i) => {
          const whole = packet(i, size, 'R2', { dontFragment });
          return from === 'good' ? whole : whole.subarray(1);
        });
        const [one, many] = [upBed(variation), upBed(variation)];
        const expected = inner.map((each) => one.inside('R2', each));
        one.run(seconds(1));
        const outcomes: Outcome[] = [];
        const accepted = many.site('R2').gateway.handleInsideBatch(many.now, inner, INSIDE, outcomes);
        many.drain();
        many.run(seconds(1));
        expect(outcomes).toEqual(expected);
        expect(accepted).toBe(expected.filter(({ ok }) => ok).length);
        expect(many.site('R3').received.map(({ packet }) => packet)).toEqual(
          one.site('R3').received.map(({ packet }) => packet),
        );
        for (const name of ['R2', 'R3'] as const) {
          const [a, b] = [one.site(name).gateway, many.site(name).gateway];
          expect(b.statistics(STATISTICS)).toEqual(a.statistics(STATISTICS));
          expect(b.refusals).toEqual(a.refusals);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of nothing is no work', () => {
    const bed = upBed();
    for (const name of ['R2', 'R3'] as const) {
      const { gateway } = bed.site(name);
      expect(gateway.handleInsideBatch(bed.now, [], INSIDE)).toBe(0);
      expect(gateway.handleOutsideBatch(bed.now, [])).toBe(0);
      expect(gateway.handleDatagrams(bed.now, [])).toBe(0);
      expect([gateway.pollTransmit(), gateway.pollInside()]).toEqual([undefined, undefined]);
    }
  });

  it.each([1, 2, 63, 64, 127, 128, 129, 255, 256, 257, 700])(
    'of %i packets comes through whole and in order, whatever the size of the pool',
    (count) => {
      for (const packetSlots of [1, 128, 256]) {
        const bed = upBed({ options: { packetSlots } });
        const outcomes: Outcome[] = [];
        const inner = opened(bed, sealed(bed, packets(count)), outcomes);
        expect(inner).toEqual(packets(count));
        expect(outcomes).toEqual(Array(count).fill(ACCEPTED));
      }
    },
  );

  it('loses to a tampered packet nothing but that packet', () => {
    const bed = upBed();
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(29), { minLength: 1, maxLength: 30 }), fc.nat(), fc.nat(7), (bad, at, bit) => {
        const outer = sealed(bed, packets(30));
        const before = bed.site('R3').gateway.refusals.esp['bad-icv'];
        for (const index of bad) {
          const octets = outer[index] ?? new Uint8Array(0);
          const espAt = 28 + (at % (octets.length - 28));
          octets[espAt] = (octets[espAt] ?? 0) ^ (1 << bit);
        }
        const outcomes: Outcome[] = [];
        const inner = opened(bed, outer, outcomes);
        expect(inner.map(numberOf)).toEqual(Array.from({ length: 30 }, (_, i) => i).filter((i) => !bad.includes(i)));
        outcomes.forEach((outcome, i) => {
          expect(outcome).toEqual(bad.includes(i) ? { ok: false, by: 'esp', reason: 'bad-icv' } : ACCEPTED);
        });
        expect(bed.site('R3').gateway.refusals.esp['bad-icv']).toBe(before + bad.length);
      }),
      { numRuns: 50 },
    );
  });

  it('brings a packet that is in it twice once', () => {
    const bed = upBed();
    const outer = sealed(bed, packets(20));
    const outcomes: Outcome[] = [];
    expect(opened(bed, [...outer, ...outer], outcomes)).toEqual(packets(20));
    expect(outcomes.slice(20)).toEqual(Array(20).fill({ ok: false, by: 'esp', reason: 'replayed' }));
  });

  it('may be of packets that no SA knows, of clear ones and of rubbish: each is told apart', () => {
    const bed = upBed();
    const [good, strange] = sealed(bed, packets(2));
    strange?.fill(0, 20, 24);
    const outcomes: Outcome[] = [];
    const inner = opened(bed, [Uint8Array.of(0x45), strange ?? packet(0), packet(9), good ?? packet(0)], outcomes);
    expect(inner.map(numberOf)).toEqual([0]);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.action : outcome.reason))).toEqual([
      'malformed-packet',
      'unknown-spi',
      'no-policy',
      'accepted',
    ]);
  });

  it('takes Don’t Fragment from packets that fit, too, where the policy says so', () => {
    const bed = upBed({ protect: { clearDontFragment: true } });
    const given = [packet(1, 30, 'R2', { dontFragment: true }), packet(2, 2500, 'R2', { dontFragment: true })];
    const outer = sealed(bed, given);
    for (const octets of outer) expect(ipv4.dontFragment(octets, 0)).toBe(false);
    for (const inner of opened(bed, outer)) {
      expect(decodeIpv4(inner)).toMatchObject({ dontFragment: false, headerChecksumOk: true });
    }
    expect(given.map((each) => ipv4.dontFragment(each, 0))).toEqual([true, true]);
  });
});

describe('a batch for several SAs', () => {
  const NETS = ['10.2.0.0/24', '10.2.1.0/24', '10.2.2.0/24'];

  /** A policy for each net behind R3, which are behind R2 as seen from there. */
  function netsBed(packetSlots = 256): Bed {
    const variation = (key: 'local' | 'remote'): Variation => ({
      suite: NULL,
      spd: 'common',
      options: { packetSlots },
      alter: (policies) =>
        policies.flatMap((policy) =>
          NETS.map((net, i) => ({ ...policy, name: `net-${i}`, selectors: { [key]: net } })),
        ),
    });
    const bed = new Bed({ R2: variation('remote'), R3: variation('local') });
    for (let net = 0; net < NETS.length; net++) bed.inside('R2', toNet(net, 0));
    bed.run(seconds(1));
    bed.site('R3').received.length = 0;
    return bed;
  }

  const toNet = (net: number, number: number) =>
    encodeIpv4({
      source: parseAddress(hostAddress('R2')),
      destination: parseAddress(`10.2.${net}.7`),
      protocol: 17,
      identification: number,
      payload: new Uint8Array(30),
    });

  it.each([1, 2, 5, 100, 256])('keeps the order within each SA, and none is lost, in a pool for %i', (packetSlots) => {
    const bed = netsBed(packetSlots);
    fc.assert(
      fc.property(fc.array(fc.nat(NETS.length - 1), { maxLength: 400 }), (nets) => {
        const inner = nets.map((net, i) => toNet(net, i));
        const outcomes: Outcome[] = [];
        expect(bed.site('R2').gateway.handleInsideBatch(bed.now, inner, undefined, outcomes)).toBe(nets.length);
        expect(outcomes).toEqual(Array(nets.length).fill(PROTECTED));
        const came = opened(
          bed,
          [...transmits(bed)].map(({ octets }) => octets),
        );
        for (let net = 0; net < NETS.length; net++) {
          const mine = (each: Uint8Array) => each[18] === net;
          expect(came.filter(mine)).toEqual(inner.filter(mine));
        }
        expect(came).toHaveLength(inner.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what an SA brings', () => {
  it('is held against its selectors packet by packet', () => {
    const bed = new Bed({ R2: { suite: NULL }, R3: { suite: NULL, spd: 'common' } });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const stranger = encodeIpv4({
      source: parseAddress('192.0.2.1'),
      destination: parseAddress(hostAddress('R3')),
      protocol: 17,
      payload: new Uint8Array(8),
    });
    const outcomes: Outcome[] = [];
    const inner = opened(bed, sealed(bed, [packet(1), stranger, packet(2), stranger]), outcomes);
    expect(inner.slice(-2)).toEqual([packet(1), packet(2)]);
    const mismatch = { ok: false, by: 'gateway', reason: 'selector-mismatch' };
    expect(outcomes).toEqual([ACCEPTED, mismatch, ACCEPTED, mismatch]);
    expect(opened(bed, sealed(bed, [stranger, stranger]))).toEqual([]);
    expect(opened(bed, sealed(bed, packets(5)))).toEqual(packets(5));
  });
});

describe('a source of packets that fails', () => {
  it('fails the call, but not the packets before', () => {
    const bed = upBed();
    function* failing(): Generator<Uint8Array> {
      yield* packets(3);
      throw new Error('no more');
    }
    const { gateway } = bed.site('R2');
    expect(() => gateway.handleInsideBatch(bed.now, failing(), INSIDE)).toThrow('no more');
    expect(
      opened(
        bed,
        [...transmits(bed)].map(({ octets }) => octets),
      ),
    ).toEqual(packets(3));
  });
});

describe('lifetimes hold within a batch', () => {
  it('what an SA may carry no more waits for its successor: nothing is lost, nothing exceeds', () => {
    const bed = upBed({ ipsecKilobytes: 8 });
    const outcomes: Outcome[] = [];
    bed.site('R2').gateway.handleInsideBatch(bed.now, packets(30, 480), INSIDE, outcomes);
    bed.drain();
    expect(outcomes.map((outcome) => outcome.ok && outcome.action)).toEqual(
      outcomes.map((_, i) => (i < 17 ? 'protected' : 'queued')),
    );
    bed.run(seconds(5));
    expect(bed.site('R3').received.map(({ packet }) => numberOf(packet))).toEqual(packets(30).map(numberOf));
  });
});

describe('what is shown where it lies', () => {
  it('is what would have been handed over', () => {
    const [one, other] = [upBed(), upBed()];
    const polled = sealed(one, packets(40));
    const shown: Uint8Array[] = [];
    const { gateway } = other.site('R2');
    gateway.handleInsideBatch(other.now, packets(40), INSIDE);
    gateway.drainTransmit((out) => {
      expect(out.kind).toBe('packet');
      expect(out.memory.subarray(out.offset, out.offset + out.length)).toEqual(out.octets);
      shown.push(out.octets.slice());
    });
    expect(shown).toEqual(polled);
    expect(gateway.pollTransmit()).toBeUndefined();

    const inside: unknown[] = [];
    other.site('R3').gateway.handleOutsideBatch(other.now, shown);
    other.site('R3').gateway.drainInside(({ packet, insideInterface }) => {
      inside.push({ packet: packet.slice(), insideInterface });
    });
    expect(inside).toEqual(packets(40).map((packet) => ({ packet, insideInterface: INSIDE })));
  });

  it.each([
    ['whole packets', 'ip', ['packet', 'packet']],
    ['payloads of UDP', 'udp', ['packet', 'datagram']],
  ] as const)(
    'is what would have been handed over of IKE, and of what passes in the clear: %s',
    (_, outside, kinds) => {
      const bypass: NonNullable<Variation['alter']> = (list) => [...list, { name: 'rest', action: { kind: 'bypass' } }];
      const [one, other] = [0, 1].map(() => new Bed({ spd: 'common', alter: bypass, options: { outside } }));
      if (one === undefined || other === undefined) throw new Error('no bed');
      for (const { now, gateway } of [one, other].map((bed) => ({ now: bed.now, gateway: bed.site('R2').gateway }))) {
        gateway.handleInsideBatch(now, [packet(1), packet(2, 20, 'R3')]);
      }
      const shown: GatewayTransmit[] = [];
      other.site('R2').gateway.drainTransmit((out) => {
        const octets = out.octets.slice();
        const { kind } = out;
        if (kind === 'packet') shown.push({ kind, octets });
        else shown.push({ kind, source: out.source, destination: out.destination, octets });
      });
      expect(shown).toEqual([...transmits(one)]);
      expect(shown.map(({ kind }) => kind)).toEqual(kinds);
    },
  );

  it('stays in its place until the next input', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    gateway.handleInsideBatch(bed.now, packets(200), INSIDE);
    const views: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    gateway.drainTransmit(({ octets }) => {
      views.push(octets);
      copies.push(octets.slice());
    });
    expect(views).toEqual(copies);
    expect(opened(bed, views)).toEqual(packets(200));
  });

  it('may be answered while it is shown', () => {
    const bed = upBed({ options: { packetSlots: 8 } });
    const outer = sealed(bed, packets(50));
    const { gateway } = bed.site('R3');
    gateway.handleOutsideBatch(bed.now, outer);
    const came: number[] = [];
    gateway.drainInside(({ packet: inner }) => {
      came.push(numberOf(inner));
      gateway.handleInside(bed.now, packet(numberOf(inner), 20, 'R3'), INSIDE);
    });
    expect(came).toEqual(packets(50).map(numberOf));
    bed.drain();
    bed.run(seconds(1));
    expect(bed.site('R2').received.map(({ packet }) => numberOf(packet))).toEqual(came);
  });

  it('and what was handed over before it, and IKE between, come in one order', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    gateway.handleInsideBatch(bed.now, packets(5), INSIDE);
    const first = gateway.pollTransmit();
    const rest: Uint8Array[] = [];
    gateway.drainTransmit(({ octets }) => rest.push(octets.slice()));
    expect(opened(bed, [first?.octets ?? packet(0), ...rest])).toEqual(packets(5));
  });
});

describe('closing', () => {
  it('leaves what was to be sent, then the Deletes, and takes nothing more', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    gateway.handleInsideBatch(bed.now, packets(10), INSIDE);
    const first = gateway.pollTransmit();
    gateway.handleInside(bed.now, packet(10), INSIDE);
    gateway.close(bed.now);
    const rest = [...transmits(bed)].map(({ octets }) => octets);
    expect(opened(bed, [first?.octets ?? packet(0), ...rest.slice(0, 10)])).toEqual(packets(11));
    expect(rest.length).toBeGreaterThan(10);
    const outcomes: Outcome[] = [];
    expect(gateway.handleInsideBatch(bed.now, packets(3), INSIDE, outcomes)).toBe(0);
    expect(outcomes).toEqual(Array(3).fill({ ok: false, by: 'gateway', reason: 'closed' }));
  });
});

describe('the memory of a gateway', () => {
  it('is given back to the engine when it closes', () => {
    const engine = nobleEngine();
    const arenas: Uint8Array[] = [];
    const released: Uint8Array[] = [];
    const counting: Engine = {
      ...engine,
      allocate: (octets) => {
        const memory = engine.allocate(octets);
        arenas.push(memory);
        return memory;
      },
      release: (memory) => released.push(memory),
    };
    const bed = upBed({ options: { engine: counting } });
    sealed(bed, packets(10));
    expect(arenas.some((memory) => memory.some((octet) => octet !== 0))).toBe(true);
    for (const name of ['R2', 'R3'] as const) bed.site(name).gateway.close(bed.now);
    expect(released).toHaveLength(2);
    expect(released.every((memory, i) => memory === arenas[i])).toBe(true);
    for (const memory of released) expect(memory.every((octet) => octet === 0)).toBe(true);
  });
});

describe('a gateway without room for a packet', () => {
  it('cannot be made', () => {
    expect(() => new Bed({ options: { packetSlots: 0 } })).toThrow(RangeError);
  });
});
