import { espSuite } from '@espalier/crypto';
import type { Lifetime } from '@espalier/esp';
import { after, instant, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, open, outboundSa, poolOf, SPI, seal } from '../support/sas.ts';

const out = new Uint8Array(3000);
const at = (count: number) => after(NOW, seconds(count));
/** An inner packet of 100 octets. */
const PACKET = ipv4Packet(80);

const byTime: Lifetime = { establishedAt: NOW, soft: { time: seconds(60) }, hard: { time: seconds(100) } };
const byOctets: Lifetime = { establishedAt: NOW, soft: { octets: 150 }, hard: { octets: 300 } };
const byPackets: Lifetime = { establishedAt: NOW, soft: { packets: 2 }, hard: { packets: 4 } };

describe('a lifetime (RFC 4301 §4.4.2.1)', () => {
  it('in seconds ends both directions at the same instant', () => {
    const outbound = outboundSa(NULL_SUITE, { lifetime: byTime });
    const inbound = inboundSa(NULL_SUITE, { lifetime: byTime });
    const [first, second] = [seal(outbound, PACKET), seal(outbound, PACKET)];
    for (const sa of [outbound, inbound]) {
      expect(sa.lifetimeState(at(0))).toBe('fresh');
      expect(sa.lifetimeState(at(59.999))).toBe('fresh');
      expect(sa.lifetimeState(at(60))).toBe('soft');
      expect(sa.lifetimeState(at(99.999))).toBe('soft');
    }
    expect(outbound.sealInto(at(99.999), PACKET, out).ok).toBe(true);
    expect(open(inbound, first, 0, at(99.999))).toEqual(PACKET);
    expect(outbound.sealInto(at(100), PACKET, out)).toMatchObject({ ok: false, reason: 'expired' });
    expect(open(inbound, second, 0, at(100))).toBe('expired');
    for (const sa of [outbound, inbound]) expect(sa.lifetimeState(at(100))).toBe('hard');
  });

  it('does not begin anew when the clock is set back', () => {
    const inbound = inboundSa(NULL_SUITE, { lifetime: byTime });
    const sealed = seal(outboundSa(NULL_SUITE), PACKET);
    expect(inbound.lifetimeState(at(100))).toBe('hard');
    expect(inbound.lifetimeState(at(0))).toBe('hard');
    expect(open(inbound, sealed, 0, instant(0))).toBe('expired');
  });

  it('in octets counts those of inner packets', () => {
    const outbound = outboundSa(NULL_SUITE, { lifetime: byOctets });
    const inbound = inboundSa(NULL_SUITE, { lifetime: byOctets });
    for (const state of ['fresh', 'soft', 'hard']) {
      expect(open(inbound, seal(outbound, PACKET))).toEqual(PACKET);
      expect([outbound.lifetimeState(NOW), inbound.lifetimeState(NOW)]).toEqual([state, state]);
    }
    expect(outbound.sealInto(NOW, PACKET, out)).toMatchObject({ ok: false, reason: 'expired' });
    expect(outbound.counters).toMatchObject({ packets: 3, octets: 300, refusals: { expired: 1 } });
  });

  it('in packets ends within a batch, in both directions', () => {
    const outbound = outboundSa(NULL_SUITE, { lifetime: byPackets });
    const batch = poolOf(6).createBatch(6);
    for (let i = 0; i < 6; i++) batch.add(PACKET);
    expect(outbound.sealBatch(NOW, batch)).toBe(4);
    expect(Array.from(batch, ({ reason }) => reason).slice(4)).toEqual(['expired', 'expired']);
    batch.clear();

    const endless = outboundSa(NULL_SUITE);
    const inbound = inboundSa(NULL_SUITE, { lifetime: byPackets });
    for (let i = 0; i < 6; i++) batch.add(seal(endless, PACKET));
    expect(inbound.openBatch(NOW, batch)).toBe(4);
    expect(Array.from(batch, ({ reason }) => reason).slice(4)).toEqual(['expired', 'expired']);
    expect(inbound.lifetimeState(NOW)).toBe('hard');
  });

  it('is used up by nothing that was refused', () => {
    const outbound = outboundSa(NULL_SUITE);
    const inbound = inboundSa(NULL_SUITE, { lifetime: byOctets });
    const sealed = seal(outbound, PACKET);
    const forged = sealed.slice();
    forged[20] = 1;
    for (let i = 0; i < 10; i++) expect(open(inbound, forged)).toBe('bad-icv');
    expect(open(inbound, sealed)).toEqual(PACKET);
    for (let i = 0; i < 10; i++) expect(open(inbound, sealed)).toBe('replayed');
    expect(inbound.lifetimeState(NOW)).toBe('fresh');
    expect(inbound.counters).toMatchObject({ packets: 1, octets: 100 });
    expect(inbound.counters.refusals).toMatchObject({ replayed: 10, 'bad-icv': 10 });
  });

  it('that is not given never ends', () => {
    const outbound = outboundSa(NULL_SUITE);
    expect(outbound.lifetimeState(instant(Number.MAX_SAFE_INTEGER))).toBe('fresh');
  });

  it('has no negative limits', () => {
    for (const limits of [{ octets: -1 }, { packets: Number.NaN }]) {
      expect(() => outboundSa(NULL_SUITE, { lifetime: { establishedAt: NOW, hard: limits } })).toThrow(RangeError);
      expect(() => inboundSa(NULL_SUITE, { lifetime: { establishedAt: NOW, soft: limits } })).toThrow(RangeError);
    }
  });
});

describe('a limit of nothing', () => {
  it.each([{ time: seconds(0) }, { octets: 0 }, { packets: 0 }])('is over before the first packet: %o', (limits) => {
    const lifetime = { establishedAt: NOW, hard: limits };
    const [outbound, inbound] = [outboundSa(NULL_SUITE, { lifetime }), inboundSa(NULL_SUITE, { lifetime })];
    expect(outbound.sealInto(NOW, PACKET, out)).toMatchObject({ ok: false, reason: 'expired' });
    expect(open(inbound, seal(outboundSa(NULL_SUITE), PACKET))).toBe('expired');
    expect([outbound.lifetimeState(NOW), inbound.lifetimeState(NOW)]).toEqual(['hard', 'hard']);
    const soft = outboundSa(NULL_SUITE, { lifetime: { establishedAt: NOW, soft: limits } });
    expect(soft.lifetimeState(NOW)).toBe('soft');
    expect(soft.sealInto(NOW, PACKET, out)).toMatchObject({ ok: true });
  });
});

describe('what a key protects at most', () => {
  const SMALL = { soft: { packets: 2, octets: 1000 }, hard: { packets: 4, octets: 350 } };

  it('calls for a successor, and ends an SA that sends, whatever its lifetime', () => {
    for (const lifetime of [undefined, { establishedAt: NOW, hard: { packets: 1000, octets: 1e9 } }]) {
      const outbound = outboundSa(NULL_SUITE, { keyLimits: SMALL, ...(lifetime && { lifetime }) });
      const states = Array.from({ length: 4 }, () => {
        seal(outbound, PACKET);
        return outbound.lifetimeState(NOW);
      });
      expect(states).toEqual(['fresh', 'soft', 'soft', 'hard']);
      expect(outbound.sealInto(NOW, PACKET, out)).toMatchObject({ ok: false, reason: 'expired' });
    }
  });

  it('leaves a shorter lifetime what it is', () => {
    const lifetime = { establishedAt: NOW, soft: { packets: 1 }, hard: { packets: 3 } };
    const outbound = outboundSa(NULL_SUITE, { keyLimits: SMALL, lifetime });
    const states = Array.from({ length: 3 }, () => {
      seal(outbound, PACKET);
      return outbound.lifetimeState(NOW);
    });
    expect(states).toEqual(['soft', 'soft', 'hard']);
  });

  it('only calls for a successor where packets come in: to stop is for who sends', () => {
    const [outbound, inbound] = [outboundSa(NULL_SUITE), inboundSa(NULL_SUITE, { keyLimits: SMALL })];
    for (let i = 0; i < 9; i++) expect(open(inbound, seal(outbound, PACKET))).toEqual(PACKET);
    expect(inbound.lifetimeState(NOW)).toBe('soft');
  });

  it('is what the suite says, unless told otherwise: no packet of GCM behind 2^32, of 3DES behind 4 GiB', () => {
    const resume = (suite: string, packets: number, octets: number) => {
      const subject = { direction: 'outbound', spi: SPI, suite, mode: 'tunnel', esn: true } as const;
      return { ...subject, sequence: String(packets), packets, octets };
    };
    const cases = [
      ['aes-128-gcm-16', 2 ** 32, 2 ** 40],
      ['3des-cbc/hmac-sha1-96', 2 ** 23, 2 ** 32],
    ] as const;
    for (const [name, packets, octets] of cases) {
      const suite = espSuite(name);
      const before = resume(name, packets - 2, octets - 200);
      const outbound = outboundSa(suite, { esn: true, resume: before });
      outbound.kept(outbound.snapshot(10));
      expect(outbound.lifetimeState(NOW)).toBe('soft');
      for (let i = 0; i < 2; i++) seal(outbound, PACKET);
      expect(outbound.sealInto(NOW, PACKET, out)).toMatchObject({ ok: false, reason: 'expired' });
      const free = outboundSa(suite, { esn: true, resume: before, keyLimits: { soft: {}, hard: {} } });
      free.kept(free.snapshot(10));
      for (let i = 0; i < 9; i++) seal(free, PACKET);
    }
    expect(
      outboundSa(NULL_SUITE, { esn: true, resume: resume(NULL_SUITE.name, 2 ** 50, 2 ** 52) }).lifetimeState(NOW),
    ).toBe('fresh');
  });

  it('has no negative limits', () => {
    expect(() => outboundSa(NULL_SUITE, { keyLimits: { soft: { packets: -1 }, hard: {} } })).toThrow(
      new RangeError('keyLimits.soft.packets: must be a number from 0'),
    );
  });
});
