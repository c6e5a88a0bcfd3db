import { ESP_REFUSALS, type EspRefusal, type InboundSa } from '@espalier/esp';
import { after, type Instant, PROTOCOL, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from './support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, OUTER, open, outboundSa, poolOf, SPI } from './support/sas.ts';
import { sealRaw, withTrailer } from './support/sealer.ts';

const LATE = after(NOW, seconds(100));
const CONGESTION_EXPERIENCED = 3;
const USED = 200;
const FRESH = 201;

/** The faults that one packet can have all at once, in the order of the checks (RFC 4303 §3.4). */
const FAULTS = [
  'malformed',
  'wrong-spi',
  'expired',
  'replay',
  'bad-icv',
  'bad-padding',
  'bad-next-header',
  'bad-inner',
  'congested',
] as const;
type Fault = (typeof FAULTS)[number];

/** How each fault of the replay window comes about. */
const REPLAYS = [
  { replay: 'sequence-zero', sequence: 0 },
  { replay: 'replayed', sequence: USED },
  { replay: 'too-old', sequence: USED - 64 },
] as const;

interface Crafted {
  readonly octets: Uint8Array;
  readonly tos: number;
  readonly now: Instant;
}

function craft(faults: ReadonlySet<Fault>, usedSequence: number = USED): Crafted {
  const inner = ipv4Packet(52);
  if (faults.has('bad-inner')) inner[3] = 200;
  const nextHeader = faults.has('bad-next-header') ? PROTOCOL.udp : PROTOCOL.ipip;
  const plaintext = withTrailer(NULL_SUITE, inner, nextHeader, 4);
  if (faults.has('bad-padding')) plaintext[plaintext.length - 4] = 99;
  const sealed = sealRaw(NULL_SUITE, {
    spi: faults.has('wrong-spi') ? SPI + 1 : SPI,
    sequence: faults.has('replay') ? usedSequence : FRESH,
    plaintext,
  });
  if (faults.has('bad-icv')) sealed[sealed.length - 2] = (sealed[sealed.length - 2] ?? 0) ^ 1;
  return {
    octets: faults.has('malformed') ? sealed.subarray(0, -1) : sealed,
    tos: faults.has('congested') ? CONGESTION_EXPERIENCED : 0,
    now: faults.has('expired') ? LATE : NOW,
  };
}

/** An SA that has taken packet `USED`. */
function usedSa(): InboundSa {
  const sa = inboundSa(NULL_SUITE, { lifetime: { establishedAt: NOW, hard: { time: seconds(100) } } });
  const plaintext = withTrailer(NULL_SUITE, ipv4Packet(0), PROTOCOL.ipip);
  expect(open(sa, sealRaw(NULL_SUITE, { sequence: USED, plaintext }))).toBeInstanceOf(Uint8Array);
  return sa;
}

function openInBatch(sa: InboundSa, { octets, tos, now }: Crafted): EspRefusal | undefined {
  const batch = poolOf(1).createBatch(1);
  batch.add(octets, tos);
  sa.openBatch(now, batch);
  return batch.at(0).reason;
}

const SUBSETS = Array.from({ length: 2 ** FAULTS.length }, (_, bits) => FAULTS.filter((_, i) => (bits >> i) & 1));

describe('of several faults of a packet the first is named', () => {
  it.each(REPLAYS)('in every combination, the sequence number being $sequence: $replay', ({ replay, sequence }) => {
    for (const subset of SUBSETS) {
      const packet = craft(new Set(subset), sequence);
      const [first] = subset;
      const expected = first === 'replay' ? replay : first;
      const single = usedSa();
      const opened = open(single, packet.octets, packet.tos, packet.now);
      expect(typeof opened === 'string' ? opened : undefined, subset.join()).toBe(expected);
      const batched = usedSa();
      expect(openInBatch(batched, packet), subset.join()).toBe(expected);
      expect(batched.counters).toEqual(single.counters);
    }
  });

  it('and a refused packet leaves the window where it was, and nothing but one counter behind', () => {
    for (const subset of SUBSETS.filter(({ length }) => length > 0)) {
      const sa = usedSa();
      const before = sa.counters;
      const packet = craft(new Set(subset));
      const reason = open(sa, packet.octets, packet.tos, packet.now);
      if (typeof reason !== 'string') expect.fail(`opened with ${subset}`);
      expect(sa.counters).toEqual({
        ...before,
        refusals: { ...before.refusals, [reason]: before.refusals[reason] + 1 },
      });
      if (subset.includes('expired')) continue;
      expect(open(sa, craft(new Set()).octets), subset.join()).toEqual(ipv4Packet(52));
    }
  });

  it('on the way out too', () => {
    const lifetime = { establishedAt: NOW, hard: { time: seconds(100) } };
    const spent = () => {
      const sa = outboundSa(NULL_SUITE, { firstSequence: 0xffffffffn, lifetime, outer: OUTER });
      sa.sealInto(NOW, ipv4Packet(0), new Uint8Array(200));
      return sa;
    };
    const out = new Uint8Array(70_000);
    const huge = ipv4Packet(65_515);
    const cut = huge.subarray(0, -1);
    expect(spent().sealInto(LATE, cut, out)).toMatchObject({ ok: false, reason: 'bad-inner' });
    expect(spent().sealInto(LATE, huge, out)).toMatchObject({ ok: false, reason: 'expired' });
    expect(spent().sealInto(NOW, huge, out)).toMatchObject({ ok: false, reason: 'sequence-exhausted' });
    const young = outboundSa(NULL_SUITE, { outer: OUTER });
    expect(young.sealInto(NOW, huge, out)).toMatchObject({ ok: false, reason: 'too-long' });
    expect(young.counters).toMatchObject({ packets: 0, octets: 0, refusals: { 'too-long': 1 } });
  });
});

describe('a refusal', () => {
  it('is one frozen value for each reason, on every SA', () => {
    const [one, other] = [inboundSa(NULL_SUITE), inboundSa(NULL_SUITE)];
    const out = new Uint8Array(10);
    const refusal = one.openInto(NOW, new Uint8Array(10), out);
    expect(Object.isFrozen(refusal)).toBe(true);
    expect(other.openInto(NOW, new Uint8Array(9), out)).toBe(refusal);
  });

  it('has a counter for each reason', () => {
    expect(Object.keys(inboundSa(NULL_SUITE).counters.refusals).sort()).toEqual([...ESP_REFUSALS].sort());
    expect(new Set(ESP_REFUSALS).size).toBe(ESP_REFUSALS.length);
  });
});
