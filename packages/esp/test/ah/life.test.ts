import { createCipheriv } from 'node:crypto';
import { ahSuite, keyLimits, nobleEngine } from '@espalier/crypto';
import { PacketPool } from '@espalier/esp';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { concat, seconds, spi, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inboundAh, keyOf, openAh, outboundAh, sealAh } from '../support/ah.ts';
import { ipv4Packet, ipv6Packet } from '../support/packets.ts';
import { ENGINE, inboundSa, NOW, NULL_SUITE, OUTER, outboundSa, seal } from '../support/sas.ts';

const SUBSPACE = 2n ** 32n;

/** Packets of AH with ESN from this number on. */
const packetsFrom = (firstSequence: bigint, count: number) => {
  const outbound = outboundAh({ esn: true, firstSequence });
  return Array.from({ length: count }, (_, i) => sealAh(outbound, ipv4Packet(i)));
};

describe('AH after 2^32 lost packets or more (RFC 4302 Appendix B3)', () => {
  const warm = (resynchronise = { failures: 3, attempts: 4 }) => {
    const sa = inboundAh({ esn: true, resynchronise });
    expect(openAh(sa, packetsFrom(1000n, 1)[0] ?? expect.fail())).toEqual(ipv4Packet(0));
    return sa;
  };

  it('tries the third bad packet in a row with higher halves, and all that follow are good', () => {
    const sa = warm();
    const seen = packetsFrom(3n * SUBSPACE + 5000n, 5).map((packet) => openAh(sa, packet));
    expect(seen).toEqual(['bad-icv', 'bad-icv', ipv4Packet(2), ipv4Packet(3), ipv4Packet(4)]);
    expect(sa.highestSequence).toBe(3n * SUBSPACE + 5004n);
  });

  it('reaches as far as it has attempts, and lets nothing in twice', () => {
    const sa = warm();
    for (const packet of packetsFrom(5n * SUBSPACE + 2000n, 12)) expect(openAh(sa, packet)).toBe('bad-icv');
    const old = packetsFrom(1001n, 3);
    for (const packet of old) expect(typeof openAh(sa, packet.slice())).toBe('object');
    for (const packet of packetsFrom(SUBSPACE + 9000n, 3)) openAh(sa, packet);
    expect(sa.highestSequence).toBe(SUBSPACE + 9002n);
    for (const packet of [...old, ...old]) expect(openAh(sa, packet)).toBe('bad-icv');
  });

  it('is done only where it is asked for, and only with ESN', () => {
    const sa = inboundAh({ esn: true });
    for (const packet of packetsFrom(SUBSPACE + 5000n, 20)) expect(openAh(sa, packet)).toBe('bad-icv');
    expect(() => inboundAh({ resynchronise: { failures: 1, attempts: 1 } })).toThrow(TypeError);
  });

  it('takes nothing that no kept snapshot covers', () => {
    const sa = inboundAh({ esn: true, resynchronise: { failures: 1, attempts: 9 }, keepAhead: true });
    sa.kept(sa.snapshot(5000));
    expect(openAh(sa, packetsFrom(SUBSPACE + 100n, 1)[0] ?? expect.fail())).toBe('bad-icv');
    expect(sa.highestSequence).toBe(0n);
  });
});

describe('the key of AH', () => {
  it('has the limits of its MAC: SP 800-38B for the block ciphers, none below the numbers for HMAC', () => {
    expect(keyLimits(ahSuite('aes-cmac-96'))).toEqual({ soft: { packets: 2 ** 46 }, hard: { packets: 2 ** 48 } });
    expect(keyLimits(ahSuite('hmac-sha1-96'))).toEqual({ soft: {}, hard: {} });
  });

  it('calls for a successor at the soft limit, and protects nothing beyond the hard one', () => {
    const limits = { soft: { packets: 2 }, hard: { packets: 3 } };
    const [out, sa] = [outboundAh({ keyLimits: limits }), inboundAh({ keyLimits: limits })];
    const states = [1, 2, 3].map(() => {
      openAh(sa, sealAh(out, ipv4Packet(5)));
      return [out.lifetimeState(NOW), sa.lifetimeState(NOW)];
    });
    expect(states).toEqual([
      ['fresh', 'fresh'],
      ['soft', 'soft'],
      ['hard', 'soft'],
    ]);
    expect(out.sealInto(NOW, ipv4Packet(5), new Uint8Array(200))).toEqual({ ok: false, reason: 'expired' });
  });
});

const form = fc.record({
  suite: fc.constantFrom('hmac-sha1-96', 'hmac-sha2-512-256', 'aes-xcbc-96'),
  esn: fc.boolean(),
  mode: fc.constantFrom('tunnel', 'transport'),
  hardPackets: fc.constantFrom(3, Number.POSITIVE_INFINITY),
});
const packet = fc.record({ octets: fc.nat(300), family: fc.constantFrom(4, 6), sa: fc.nat(), repeat: fc.boolean() });

describe('a batch of many SAs of AH', () => {
  it('is sealed and opened as by each SA alone', () => {
    const pool = new PacketPool(ENGINE, { slots: 60, headroom: 128 });
    const batch = pool.createBatch(60);
    fc.assert(
      fc.property(
        fc.array(form, { minLength: 1, maxLength: 6 }),
        fc.array(packet, { minLength: 1, maxLength: 30 }),
        (forms, packets) => {
          const own = forms.map(({ suite, esn, mode, hardPackets }, i) => {
            const lifetime = { establishedAt: NOW, hard: { packets: hardPackets } };
            return { suite, esn, mode, lifetime, spi: spi(600 + i) } as const;
          });
          const [many, alone] = [own.map(outboundAh), own.map(outboundAh)];
          const whose = (i: number) => (packets[i]?.sa ?? 0) % forms.length;
          const inner = packets.map(({ octets, family }) => (family === 4 ? ipv4Packet(octets) : ipv6Packet(octets)));
          for (const each of inner) batch.add(each);
          const sealed = OutboundAhSa.sealMany(
            NOW,
            batch,
            inner.map((_, i) => many[whose(i)] ?? expect.fail()),
          );
          const wire = Array.from(batch, ({ ok, octets, reason }) => (ok ? octets.slice() : reason));
          batch.clear();
          const wanted = inner.map((each, i) => {
            const sa = alone[whose(i)] ?? expect.fail();
            const result = sa.sealInto(NOW, each, new Uint8Array(sa.sealedOctets(each.length)));
            return result.ok ? result.octets : result.reason;
          });
          expect(wire).toEqual(wanted);
          expect(sealed).toBe(wire.filter((each) => typeof each !== 'string').length);
          expect(many.map(({ counters }) => counters)).toEqual(alone.map(({ counters }) => counters));

          const arrivals = wire.flatMap((octets, i) => {
            if (!(octets instanceof Uint8Array)) return [];
            const arrival = { octets, sa: whose(i) };
            return packets[i]?.repeat ? [arrival, arrival] : [arrival];
          });
          const [openers, lone] = [own.map(inboundAh), own.map(inboundAh)];
          const head = ({ length }: Uint8Array, first = 0) => (length === 0 ? 0 : first >> 4 === 4 ? 20 : 40);
          for (const { octets } of arrivals) batch.add(octets, 0, head(octets, octets[0]));
          const opened = InboundAhSa.openMany(
            NOW,
            batch,
            arrivals.map(({ sa }) => openers[sa] ?? expect.fail()),
          );
          const seen = Array.from(batch, ({ ok, octets, reason }) => (ok ? octets.slice() : reason));
          batch.clear();
          const expected = arrivals.map(({ octets, sa }) => openAh(lone[sa] ?? expect.fail(), octets.slice()));
          expect(seen).toEqual(expected);
          expect(opened).toBe(seen.filter((each) => typeof each !== 'string').length);
          expect(openers.map(({ counters }) => counters)).toEqual(lone.map(({ counters }) => counters));
        },
      ),
      { numRuns: 60 },
    );
    pool.release();
  });

  it('is refused as a whole, and nothing done, for an SA that is missing, wiped, or of another engine', () => {
    const pool = new PacketPool(ENGINE, { slots: 2, headroom: 128 });
    const batch = pool.createBatch(2);
    batch.add(ipv4Packet(1));
    batch.add(ipv4Packet(2));
    const [first, wiped, other] = [outboundAh(), outboundAh(), outboundAh({ engine: nobleEngine() })];
    wiped.wipe();
    expect(() => OutboundAhSa.sealMany(NOW, batch, [first])).toThrow('sas[1] must be an OutboundAhSa');
    expect(() => OutboundAhSa.sealMany(NOW, batch, [first, wiped])).toThrow('sas[1] is wiped');
    expect(() => OutboundAhSa.sealMany(NOW, batch, [first, other])).toThrow('sas[1] must be of the same engine');
    const small = new PacketPool(ENGINE, { slots: 1, headroom: 40 }).createBatch(1);
    small.add(ipv4Packet(1));
    expect(() => OutboundAhSa.sealMany(NOW, small, [first])).toThrow(RangeError);
    const [inbound, gone, foreign] = [inboundAh(), inboundAh(), inboundAh({ engine: nobleEngine() })];
    gone.wipe();
    expect(() => InboundAhSa.openMany(NOW, batch, [inbound])).toThrow('sas[1] must be an InboundAhSa');
    expect(() => InboundAhSa.openMany(NOW, batch, [inbound, gone])).toThrow('sas[1] is wiped');
    expect(() => InboundAhSa.openMany(NOW, batch, [inbound, foreign])).toThrow('sas[1] must be of the same engine');
    expect(first.counters.packets).toBe(0);
    expect(OutboundAhSa.sealMany(NOW, batch, [first, first])).toBe(2);
    pool.release();
  });

  it('takes a packet no more once its SA has come to its end by one before it in the batch', () => {
    const lifetime = { establishedAt: NOW, hard: { packets: 1, time: seconds(9) } };
    const [out, sa] = [outboundAh(), inboundAh({ lifetime })];
    const pool = new PacketPool(ENGINE, { slots: 2, headroom: 128 });
    const batch = pool.createBatch(2);
    for (const size of [1, 2]) batch.add(sealAh(out, ipv4Packet(size)), 0, 20);
    expect(sa.openBatch(NOW, batch)).toBe(1);
    expect(Array.from(batch, ({ reason }) => reason)).toEqual([undefined, 'expired']);
    pool.release();
  });
});

describe('a batch that goes through ESP and AH', () => {
  const sas = () => ({
    esp: outboundSa(NULL_SUITE, { outer: OUTER }),
    ah: outboundAh({ mode: 'transport' }),
    espIn: inboundSa(NULL_SUITE),
    ahIn: inboundAh({ mode: 'transport' }),
  });

  it('is what its packets become one by one, and is opened in place', () => {
    const pool = new PacketPool(ENGINE, { slots: 4, headroom: 144 });
    const batch = pool.createBatch(4);
    const [together, alone] = [sas(), sas()];
    const packets = [0, 1, 60, 1300].map((octets) => ipv4Packet(octets));
    for (const each of packets) batch.add(each);
    together.esp.sealBatch(NOW, batch);
    for (const { index } of batch) batch.again(index);
    expect(together.ah.sealBatch(NOW, batch)).toBe(4);
    const wire = Array.from(batch, ({ octets }) => octets.slice());
    expect(wire).toEqual(packets.map((each) => sealAh(alone.ah, seal(alone.esp, each)).slice()));

    batch.clear();
    for (const each of wire) batch.add(each, 0, 20);
    expect(together.ahIn.openBatch(NOW, batch)).toBe(4);
    for (const { index } of batch) batch.again(index, 20);
    expect(together.espIn.openBatch(NOW, batch)).toBe(4);
    expect(Array.from(batch, ({ octets }) => octets.slice())).toEqual(packets);
    pool.release();
  });

  it('needs room in its slots for both, and waits again only for what was sealed or opened', () => {
    const pool = new PacketPool(ENGINE, { slots: 2, headroom: 40 });
    const batch = pool.createBatch(2);
    const { esp, ah } = sas();
    batch.add(ipv4Packet(9));
    batch.add(ipv4Packet(9).subarray(0, 20));
    esp.sealBatch(NOW, batch);
    const before = pool.memory.slice();
    batch.again(0);
    expect(batch.headroom).toBe(40 - esp.headOctets);
    expect(() => ah.sealBatch(NOW, batch)).toThrow(new RangeError('sealBatch: headroom must be 24 octets'));
    expect(pool.memory).toEqual(before);
    expect(() => batch.again(1)).toThrow(RangeError);
    expect(() => batch.again(0)).toThrow(RangeError);
    batch.clear();
    expect(batch.headroom).toBe(40);
    pool.release();
  });
});

describe('AES-GMAC (RFC 4543 §4)', () => {
  it.each(['aes-128-gmac', 'aes-192-gmac', 'aes-256-gmac'])('%s has IV and ICV in one field', (name) => {
    const suite = ahSuite(name);
    const sa = outboundAh({ suite, mode: 'transport', esn: true, firstSequence: SUBSPACE + 3n });
    const packet = ipv4Packet(33);
    const sealed = sealAh(sa, packet);
    const iv = sealed.slice(32, 40);
    expect(toHex(iv)).toBe('0000000100000003');
    const covered = sealed.slice();
    covered[1] = 0;
    covered.fill(0, 6, 9);
    covered.fill(0, 10, 12);
    covered.fill(0, 32, 56);
    const key = keyOf(suite);
    const bits = (key.length - 4) * 8;
    const nonce = concat(key.subarray(-4), iv);
    const cipher = createCipheriv(`aes-${bits}-gcm` as 'aes-128-gcm', key.subarray(0, -4), nonce);
    cipher.setAAD(concat(covered, Uint8Array.of(0, 0, 0, 1))).final();
    expect(sealed.slice(40, 56)).toEqual(new Uint8Array(cipher.getAuthTag()));
    const inbound = inboundAh({ suite, mode: 'transport', esn: true });
    expect(openAh(inbound, sealAh(outboundAh({ suite, mode: 'transport', esn: true }), packet))).toEqual(packet);
  });

  it('takes one IV once: its numbers end, and its key has the limits of GCM', () => {
    const suite = ahSuite('aes-128-gmac');
    expect(keyLimits(suite)).toEqual({ soft: { packets: 2 ** 30 }, hard: { packets: 2 ** 32 } });
    expect(() => outboundAh({ suite, antiReplay: false })).toThrow('antiReplay: aes-128-gmac has IVs');
    const last = outboundAh({ suite, firstSequence: SUBSPACE - 1n });
    sealAh(last, ipv4Packet(1));
    expect(last.sealInto(NOW, ipv4Packet(1), new Uint8Array(200))).toEqual({ ok: false, reason: 'sequence-exhausted' });
  });
});
