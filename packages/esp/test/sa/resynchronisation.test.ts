import type { EspTransform } from '@espalier/crypto';
import { InboundSa, type InboundSaOptions } from '@espalier/esp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import {
  ENGINE,
  inboundSa,
  keysFor,
  NOW,
  NULL_SUITE,
  open,
  outboundSa,
  poolOf,
  SPI,
  SUITES,
  seal,
} from '../support/sas.ts';

const SUBSPACE = 2n ** 32n;
const RESYNCHRONISE = { failures: 3, attempts: 4 };

/** Packets from this sequence number on. */
const packetsFrom = (firstSequence: bigint, count: number, suite = NULL_SUITE) => {
  const outbound = outboundSa(suite, { esn: true, firstSequence });
  return Array.from({ length: count }, (_, i) => seal(outbound, ipv4Packet(i)));
};

/** An SA that counts the ICVs that it computes. */
function counting(options: Partial<InboundSaOptions>) {
  const verified = { jobs: 0 };
  const engine = {
    ...ENGINE,
    createEspTransform: (given: Parameters<typeof ENGINE.createEspTransform>[0]): EspTransform => {
      const transform = ENGINE.createEspTransform(given);
      return {
        suite: transform.suite,
        constantTime: transform.constantTime,
        seal: (memory, jobs, iv) => transform.seal(memory, jobs, iv),
        open: (memory, jobs) => {
          verified.jobs += jobs.count;
          return transform.open(memory, jobs);
        },
        wipe: () => transform.wipe(),
      };
    },
  };
  const sa = new InboundSa({
    engine,
    suite: NULL_SUITE,
    keys: keysFor(NULL_SUITE),
    spi: SPI,
    esn: true,
    ...options,
  });
  return { sa, verified };
}

/** One that has opened packet 1000. */
function warm() {
  const { sa, verified } = counting({ resynchronise: RESYNCHRONISE });
  expect(open(sa, packetsFrom(1000n, 1)[0] ?? expect.fail())).toEqual(ipv4Packet(0));
  verified.jobs = 0;
  return { sa, verified };
}

describe('after 2^32 lost packets or more (RFC 4303 Appendix A3)', () => {
  it.each(SUITES.map((suite) => ({ suite, name: suite.name })))(
    'the third bad packet in a row of $name is tried with higher halves, and all that follow are good',
    ({ suite }) => {
      const sa = inboundSa(suite, { esn: true, resynchronise: RESYNCHRONISE });
      expect(open(sa, packetsFrom(1000n, 1, suite)[0] ?? expect.fail())).toEqual(ipv4Packet(0));
      const seen = packetsFrom(3n * SUBSPACE + 5000n, 6, suite).map((packet) => open(sa, packet));
      expect(seen).toEqual(['bad-icv', 'bad-icv', ipv4Packet(2), ipv4Packet(3), ipv4Packet(4), ipv4Packet(5)]);
      expect(sa.highestSequence).toBe(3n * SUBSPACE + 5005n);
    },
  );

  it('works in a batch as it does one by one', () => {
    const packets = packetsFrom(2n * SUBSPACE + 2000n, 20);
    const alone = warm().sa;
    const expected = packets.map((packet) => typeof open(alone, packet) !== 'string');
    const { sa } = warm();
    const batch = poolOf(20).createBatch(4);
    const seen: boolean[] = [];
    for (let from = 0; from < 20; from += 4) {
      for (const packet of packets.slice(from, from + 4)) batch.add(packet);
      sa.openBatch(NOW, batch);
      for (const { ok } of batch) seen.push(ok);
      batch.clear();
    }
    // The rest of the batch was verified before its third packet told better.
    expect(seen.slice(4)).toEqual(expected.slice(4));
    expect(seen.slice(0, 4)).toEqual([false, false, true, false]);
    expect(sa.highestSequence).toBe(alone.highestSequence);
  });

  it('reaches as far as it has attempts, and no further', () => {
    const { sa } = warm();
    // 1000 lies in subspace 0, and low numbers above it are taken for the same: attempts reach to subspace 4.
    for (const packet of packetsFrom(5n * SUBSPACE + 2000n, 30)) expect(open(sa, packet)).toBe('bad-icv');
    expect(open(sa, packetsFrom(4n * SUBSPACE + 2000n, 40).at(-1) ?? expect.fail())).toBe('bad-icv');
    expect(open(sa, packetsFrom(4n * SUBSPACE + 2000n, 40).at(-1) ?? expect.fail())).toBe('bad-icv');
    expect(open(sa, packetsFrom(4n * SUBSPACE + 2000n, 40).at(-1) ?? expect.fail())).toEqual(ipv4Packet(39));
  });

  it('is not begun while good packets come between: the row must be unbroken', () => {
    const { sa } = warm();
    const good = packetsFrom(1001n, 20);
    const far = packetsFrom(SUBSPACE + 9000n, 20);
    for (let i = 0; i < 20; i++) {
      expect(open(sa, far[i] ?? expect.fail())).toBe('bad-icv');
      if (i % 2 === 1) expect(open(sa, good[i] ?? expect.fail())).toEqual(ipv4Packet(i));
    }
    expect(sa.highestSequence).toBe(1020n);
  });

  it('costs forged packets four ICVs more for every three, and moves nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(), bit: fc.nat(7) }), { minLength: 1, maxLength: 40 }), (flips) => {
        const { sa, verified } = warm();
        for (const { at, bit } of flips) {
          const forged = (packetsFrom(1001n, 1)[0] ?? expect.fail()).slice();
          const place = 8 + (at % (forged.length - 8));
          forged[place] = (forged[place] ?? 0) ^ (1 << bit);
          expect(open(sa, forged)).toBe('bad-icv');
        }
        expect(verified.jobs).toBe(flips.length + 4 * Math.floor(flips.length / 3));
        expect(sa.highestSequence).toBe(1000n);
        expect(open(sa, packetsFrom(1001n, 1)[0] ?? expect.fail())).toEqual(ipv4Packet(0));
      }),
      { numRuns: 30 },
    );
  });

  it('lets nothing in twice: what was opened before lies far below the window then', () => {
    const { sa } = warm();
    const old = packetsFrom(1001n, 3);
    for (const packet of old) open(sa, packet);
    for (const packet of packetsFrom(SUBSPACE + 9000n, 3)) open(sa, packet);
    expect(sa.highestSequence).toBe(SUBSPACE + 9002n);
    for (let round = 0; round < 4; round++) for (const packet of old) expect(open(sa, packet)).toBe('bad-icv');
  });

  it('knows no subspace behind the last', () => {
    const resynchronise = { failures: 1, attempts: 256 };
    const subject = { direction: 'inbound', spi: SPI, suite: NULL_SUITE.name, mode: 'tunnel', esn: true } as const;
    const resume = { ...subject, sequence: String((SUBSPACE - 2n) * SUBSPACE + 1000n), packets: 0, octets: 0 };
    const { sa, verified } = counting({ resynchronise, resume });
    for (let i = 0; i < 2; i++) sa.kept(sa.snapshot(2 ** 32));
    const forged = packetsFrom(1001n, 1)[0] ?? expect.fail();
    expect(open(sa, forged)).toBe('bad-icv');
    expect(verified.jobs).toBe(2);
    expect(open(sa, packetsFrom((SUBSPACE - 1n) * SUBSPACE + 1001n, 1)[0] ?? expect.fail())).toEqual(ipv4Packet(0));
  });

  it('takes nothing that no kept snapshot covers', () => {
    const sa = inboundSa(NULL_SUITE, { esn: true, resynchronise: { failures: 1, attempts: 9 }, keepAhead: true });
    sa.kept(sa.snapshot(5000));
    expect(open(sa, packetsFrom(SUBSPACE + 100n, 1)[0] ?? expect.fail())).toBe('bad-icv');
    expect(sa.highestSequence).toBe(0n);
  });

  it('is done only where it is asked for, within bounds, and only with ESN', () => {
    const { sa } = counting({});
    for (const packet of packetsFrom(SUBSPACE + 5000n, 50)) expect(open(sa, packet)).toBe('bad-icv');
    expect(() => inboundSa(NULL_SUITE, { resynchronise: RESYNCHRONISE })).toThrow(TypeError);
    for (const wrong of [
      { failures: 0, attempts: 1 },
      { failures: 1.5, attempts: 1 },
      { failures: 1, attempts: 0 },
      { failures: 1, attempts: 257 },
    ]) {
      expect(() => inboundSa(NULL_SUITE, { esn: true, resynchronise: wrong })).toThrow(RangeError);
    }
    expect(() => inboundSa(NULL_SUITE, { esn: true, resynchronise: null as never })).toThrow(TypeError);
  });
});
