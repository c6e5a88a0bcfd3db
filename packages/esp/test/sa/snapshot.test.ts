import { espSuite } from '@espalier/crypto';
import type { InboundSa, InboundSaOptions, OutboundSa, OutboundSaOptions, SaSnapshot } from '@espalier/esp';
import type { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { readU32, seconds, spi, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inboundAh, outboundAh, sealAh } from '../support/ah.ts';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, keysFor, NOW, NULL_SUITE, open, outboundSa, poolOf, seal } from '../support/sas.ts';

const GCM = espSuite('aes-128-gcm-16');
const CTR = espSuite('aes-128-ctr/hmac-sha1-96');
const room = new Uint8Array(400);

/** What may happen to an SA that is kept: the program's steps, and its end between any two of them. */
type Step =
  | { readonly do: 'send'; readonly packets: number }
  | { readonly do: 'batch'; readonly packets: number }
  | { readonly do: 'snapshot'; readonly ahead: number }
  | { readonly do: 'keep' | 'allow' | 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('send', 'batch'), packets: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('snapshot'), ahead: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('keep', 'allow', 'crash') }) },
) as fc.Arbitrary<Step>;

/** What an SA of ESP or AH is made with anew after each crash. */
type Life = Pick<OutboundSaOptions, 'keepAhead' | 'resume' | 'esn' | 'firstSequence'>;

/** An SA with its disk. A crash leaves what is on the disk, and the keys. */
class Kept {
  readonly #make: (life: Life) => OutboundSa | OutboundAhSa;
  readonly #life: Life;
  readonly sent: Uint8Array[] = [];
  sa: OutboundSa | OutboundAhSa;
  #inHand: SaSnapshot | undefined;
  #onDisk: string | undefined;

  constructor(make: (life: Life) => OutboundSa | OutboundAhSa, life: Life) {
    this.#make = make;
    this.#life = life;
    this.sa = make({ ...life, keepAhead: true });
  }

  take(next: Step): void {
    switch (next.do) {
      case 'send':
        for (let i = 0; i < next.packets; i++) {
          const result = this.sa.sealInto(NOW, ipv4Packet(20), room);
          if (result.ok) this.sent.push(result.octets.slice());
          else expect(['not-kept', 'sequence-exhausted']).toContain(result.reason);
        }
        break;
      case 'batch': {
        const batch = poolOf(12).createBatch(next.packets);
        while (batch.add(ipv4Packet(20)));
        this.sa.sealBatch(NOW, batch);
        for (const { ok, octets } of batch) if (ok) this.sent.push(octets.slice());
        break;
      }
      case 'snapshot':
        this.#inHand = this.sa.snapshot(next.ahead);
        break;
      case 'keep':
        if (this.#inHand !== undefined) this.#onDisk = JSON.stringify(this.#inHand);
        break;
      case 'allow':
        if (this.#onDisk !== undefined) this.sa.kept(JSON.parse(this.#onDisk));
        break;
      case 'crash':
        // What was never kept never sent.
        this.#inHand = undefined;
        this.sa = this.#make(
          this.#onDisk === undefined
            ? { ...this.#life, keepAhead: true }
            : { ...without(this.#life), resume: JSON.parse(this.#onDisk) },
        );
    }
  }
}

function without({ firstSequence: _, ...rest }: Life): Life {
  return rest;
}

function sealedBy<Sa>(sa: Sa, sealWith: (sa: Sa, packet: Uint8Array) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: 60 }, () => sealWith(sa, ipv4Packet(8)));
}

describe('an SA that outlives its program', () => {
  it.each([
    { suite: GCM, esn: false, first: 1n },
    { suite: GCM, esn: true, first: 2n ** 32n - 40n },
    { suite: CTR, esn: false, first: 1n },
    { suite: GCM, esn: false, first: 2n ** 32n - 60n },
    { suite: GCM, esn: true, first: 2n ** 64n - 60n },
  ])(
    'repeats no number and no IV under its key, wherever its program ends: $suite.name from $first, ESN $esn',
    ({ suite, esn, first }) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const kept = new Kept((life) => outboundSa(suite, life), { esn, firstSequence: first });
          for (const next of steps) kept.take(next);
          const ivs = kept.sent.map((packet) => toHex(packet.subarray(8, 8 + suite.ivOctets)));
          const numbers = kept.sent.map((packet) => readU32(packet, 4));
          expect(new Set(ivs).size).toBe(ivs.length);
          expect(new Set(numbers).size).toBe(numbers.length);
        }),
        { numRuns: 150 },
      );
    },
  );

  it.each([
    { mode: 'tunnel', esn: false, first: 1n },
    { mode: 'transport', esn: true, first: 2n ** 32n - 40n },
    { mode: 'transport', esn: false, first: 2n ** 32n - 60n },
  ] as const)('repeats no number of AH either: in $mode mode from $first, ESN $esn', ({ mode, esn, first }) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const kept = new Kept((life) => outboundAh({ mode, ...life }), { esn, firstSequence: first });
        for (const next of steps) kept.take(next);
        // IPv4 without options, then AH up to its number.
        const numbers = kept.sent.map((packet) => readU32(packet, 20 + 8));
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 150 },
    );
  });

  it('sends nothing that no kept snapshot covers, and all that one covers', () => {
    const sa = outboundSa(GCM, { keepAhead: true });
    expect(sa.packetsAhead).toBe(0);
    expect(sa.sealInto(NOW, ipv4Packet(1), room)).toEqual({ ok: false, reason: 'not-kept' });
    sa.kept(sa.snapshot(3));
    expect(sa.packetsAhead).toBe(3);
    for (let i = 0; i < 3; i++) seal(sa, ipv4Packet(1));
    expect(sa.sealInto(NOW, ipv4Packet(1), room)).toEqual({ ok: false, reason: 'not-kept' });
    expect(sa.lifetimeState(NOW)).toBe('fresh');
    sa.kept(sa.snapshot(1));
    expect(readU32(seal(sa, ipv4Packet(1)), 4)).toBe(4);
    expect(sa.counters.refusals['not-kept']).toBe(2);
  });

  it('is not set back by an older snapshot', () => {
    const sa = outboundSa(GCM, { keepAhead: true });
    const older = sa.snapshot(1);
    sa.kept(sa.snapshot(5));
    sa.kept(older);
    expect(sa.packetsAhead).toBe(5);
  });

  it('goes on behind all that was covered, its lifetime with what it may have carried', () => {
    const lifetime = { establishedAt: NOW, soft: { packets: 15 }, hard: { packets: 22, time: seconds(100) } };
    const sa = outboundSa(GCM, { keepAhead: true, lifetime });
    sa.kept(sa.snapshot(20));
    for (let i = 0; i < 5; i++) seal(sa, ipv4Packet(100));
    const snapshot = sa.snapshot();
    expect(snapshot).toMatchObject({ sequence: '20', packets: 20, octets: 5 * 120 + 15 * 65535 });

    const resumed = outboundSa(GCM, { resume: snapshot, lifetime });
    expect(resumed.lifetimeState(NOW)).toBe('soft');
    resumed.kept(resumed.snapshot(10));
    expect(readU32(seal(resumed, ipv4Packet(1)), 4)).toBe(21);
    seal(resumed, ipv4Packet(1));
    expect(resumed.sealInto(NOW, ipv4Packet(1), room)).toEqual({ ok: false, reason: 'expired' });
  });

  it('ends with its numbers: a snapshot that reaches their end leaves none', () => {
    const sa = outboundSa(GCM, { keepAhead: true, firstSequence: 2n ** 32n - 2n });
    const snapshot = sa.snapshot(1000);
    expect(snapshot.sequence).toBe(String(2n ** 32n - 1n));
    const resumed = outboundSa(GCM, { resume: snapshot });
    resumed.kept(resumed.snapshot(5));
    expect(resumed.sealInto(NOW, ipv4Packet(1), room)).toEqual({ ok: false, reason: 'sequence-exhausted' });
  });

  it('takes every number that a kept snapshot covers, the last one too, and none above', () => {
    const outbound = outboundSa(NULL_SUITE);
    const packets = Array.from({ length: 4 }, () => seal(outbound, ipv4Packet(8)));
    const sa = inboundSa(NULL_SUITE, { keepAhead: true });
    sa.kept(sa.snapshot(3));
    const taken = packets.map((packet) => open(sa, packet)).map((result) => typeof result !== 'string');
    expect(taken).toEqual([true, true, true, false]);
    expect(sa.counters.refusals['not-kept']).toBe(1);
  });

  it.each([
    {
      protocol: 'ESP',
      packets: sealedBy(outboundSa(NULL_SUITE), seal),
      make: (life: Pick<InboundSaOptions, 'keepAhead' | 'resume'>) => inboundSa(NULL_SUITE, life),
      taken: (sa: InboundSa | InboundAhSa, packet: Uint8Array) =>
        sa.openInto(NOW, packet, new Uint8Array(packet.length)).ok,
    },
    {
      protocol: 'AH',
      packets: sealedBy(outboundAh(), sealAh),
      make: (life: Pick<InboundSaOptions, 'keepAhead' | 'resume'>) => inboundAh(life),
      taken: (sa: InboundSa | InboundAhSa, packet: Uint8Array) =>
        sa.openInto(NOW, packet, new Uint8Array(packet.length), 0, 20).ok,
    },
  ])('takes no packet of $protocol twice, wherever its program ends', ({ packets, make, taken: isTaken }) => {
    const arrival = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive'), packet: fc.nat(59) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot'), packet: fc.nat(30) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('keep', 'allow', 'crash'), packet: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 80 }), (steps) => {
        const taken: number[] = [];
        let sa: InboundSa | InboundAhSa = make({ keepAhead: true });
        let inHand: SaSnapshot | undefined;
        let onDisk: SaSnapshot | undefined;
        for (const { do: what, packet } of steps) {
          if (what === 'arrive' && isTaken(sa, packets[packet] ?? expect.fail())) taken.push(packet);
          if (what === 'snapshot') inHand = sa.snapshot(packet);
          if (what === 'keep') onDisk = inHand;
          if (what === 'allow' && onDisk !== undefined) sa.kept(onDisk);
          if (what !== 'crash') continue;
          inHand = undefined;
          sa = make(onDisk === undefined ? { keepAhead: true } : { resume: onDisk });
        }
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 300 },
    );
  });

  it('takes what is behind its snapshot, and tells the rest apart', () => {
    const outbound = outboundSa(NULL_SUITE);
    const packets = Array.from({ length: 30 }, () => seal(outbound, ipv4Packet(8)));
    const at = (i: number) => packets[i - 1] ?? expect.fail();
    const before = inboundSa(NULL_SUITE, { keepAhead: true });
    expect(open(before, at(1))).toBe('not-kept');
    before.kept(before.snapshot(10));
    expect(open(before, at(4))).toEqual(ipv4Packet(8));
    expect(before.packetsAhead).toBe(6);
    expect(open(before, at(11))).toBe('not-kept');

    const resumed = inboundSa(NULL_SUITE, { resume: before.snapshot() });
    expect(resumed.highestSequence).toBe(10n);
    expect([open(resumed, at(4)), open(resumed, at(9)), open(resumed, at(11))]).toEqual([
      'replayed',
      'replayed',
      'not-kept',
    ]);
    resumed.kept(resumed.snapshot(5));
    expect(open(resumed, at(12))).toEqual(ipv4Packet(8));
    expect(open(resumed, at(11))).toEqual(ipv4Packet(8));
    expect(open(resumed, at(16))).toBe('not-kept');
  });
});

describe('a snapshot', () => {
  const kept = () => outboundSa(GCM, { keepAhead: true });

  it('holds no keys, and goes through JSON as it is', () => {
    const sa = kept();
    sa.kept(sa.snapshot(7));
    const snapshot = sa.snapshot(2);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot).toEqual({
      direction: 'outbound',
      spi: 0x12345678,
      suite: 'aes-128-gcm-16',
      mode: 'tunnel',
      esn: false,
      sequence: '9',
      packets: 9,
      octets: 9 * 65535,
    });
    const keys = keysFor(GCM);
    for (const secret of [keys.encryption, keys.salt]) expect(JSON.stringify(snapshot)).not.toContain(toHex(secret));
  });

  it('is of one SA: that of another is refused, and so is what is none', () => {
    const snapshot = kept().snapshot(5);
    const faults: [Partial<Record<keyof SaSnapshot, unknown>>, string][] = [
      [{ spi: spi(777) }, 'snapshot.spi'],
      [{ suite: 'aes-256-gcm-16' }, 'snapshot.suite'],
      [{ direction: 'inbound' }, 'snapshot.direction'],
      [{ mode: 'transport' }, 'snapshot.mode'],
      [{ esn: true }, 'snapshot.esn'],
      [{ sequence: '4294967296' }, 'snapshot.sequence'],
      [{ sequence: '-1' }, 'snapshot.sequence'],
      [{ sequence: 5 }, 'snapshot.sequence'],
      [{ packets: -1 }, 'snapshot.packets'],
      [{ octets: Number.NaN }, 'snapshot.octets'],
    ];
    for (const [fault, message] of faults) {
      const sa = kept();
      const damaged = { ...snapshot, ...fault } as SaSnapshot;
      expect(() => sa.kept(damaged)).toThrow(message);
      expect(sa.packetsAhead).toBe(0);
      expect(() => outboundSa(GCM, { resume: damaged })).toThrow(message.replace('snapshot', 'resume'));
    }
    for (const none of [undefined, null, 'text', 7]) {
      expect(() => kept().kept(none as unknown as SaSnapshot)).toThrow(TypeError);
    }
  });

  it('is for SAs that are kept, and has a bound', () => {
    for (const sa of [outboundSa(GCM), inboundSa(GCM)]) {
      expect(() => sa.snapshot()).toThrow(new TypeError('snapshot: this SA was made without keepAhead'));
      expect(() => sa.kept(kept().snapshot())).toThrow(new TypeError('kept: this SA was made without keepAhead'));
    }
    for (const ahead of [-1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => kept().snapshot(ahead)).toThrow(RangeError);
    expect(() => outboundSa(GCM, { resume: kept().snapshot(), firstSequence: 9n })).toThrow('firstSequence');
    expect(() => inboundSa(GCM, { keepAhead: true, replayWindow: 'off' })).toThrow('keepAhead needs a replayWindow');
    expect(inboundSa(GCM).packetsAhead).toBeUndefined();
  });
});
