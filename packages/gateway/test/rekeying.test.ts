import { after, type Instant, instant, ipv4, milliseconds, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, cutLink, type Link, type Name, plainLink, STATISTICS } from './support/bed.ts';

const rekeys = (bed: Bed, name: Name) =>
  bed.site(name).events.filter((event) => event.kind === 'ipsec-established' && event.replaces !== undefined).length;
const renewals = (bed: Bed, name: Name) =>
  bed.site(name).events.filter((event) => event.kind === 'ike-established').length - 1;
const shownPairs = (bed: Bed, name: Name) => bed.site(name).gateway.ipsecSas().length;

/** A ping both ways every `every` for `duration`; how many were lost in each direction. */
function pingThrough(bed: Bed, every: number, duration: number): readonly [number, number] {
  const [r2, r3] = [bed.pings('R2').length, bed.pings('R3').length];
  const count = Math.floor(duration / every);
  for (let i = 0; i < count; i++) {
    bed.ping('R2', i & 0xffff);
    bed.ping('R3', i & 0xffff);
    bed.run(seconds(every));
  }
  bed.run(seconds(1));
  return [count - (bed.pings('R3').length - r3), count - (bed.pings('R2').length - r2)];
}

describe('a day of traffic', () => {
  it('passes through every rekeying of both phases without a loss, and leaves no SA behind', () => {
    const bed = new Bed();
    expect(pingThrough(bed, 30, 86_400)).toEqual([0, 0]);
    for (const name of ['R2', 'R3'] as const) {
      expect(rekeys(bed, name)).toBeGreaterThanOrEqual(3);
      expect(renewals(bed, name)).toBeGreaterThanOrEqual(24);
      expect(shownPairs(bed, name)).toBeLessThanOrEqual(2);
      expect(bed.site(name).events.filter(({ kind }) => kind === 'ike-failed' || kind === 'ipsec-failed')).toEqual([]);
    }
    const r2 = bed.site('R2').gateway.statistics(STATISTICS);
    const r3 = bed.site('R3').gateway.statistics(STATISTICS);
    expect(r2?.espEncryptedBytes).toBe(r3?.espDecryptedBytes);
    expect(r3?.espEncryptedBytes).toBe(r2?.espDecryptedBytes);
  });
});

describe('rekeying', () => {
  const shortLived = { suite: 'aes-128-cbc/hmac-sha2-256-128' };
  const bedOf = (ipsecSeconds: number, link: Link = plainLink) => {
    const bed = new Bed({ ...shortLived, ipsecLifetime: seconds(ipsecSeconds) });
    bed.link = link;
    return bed;
  };

  it('loses nothing on a link that takes its time', () => {
    const bed = bedOf(300, (_, octets) => [{ delay: milliseconds(400), octets }]);
    expect(pingThrough(bed, 0.25, 650)).toEqual([0, 0]);
    expect(rekeys(bed, 'R2')).toBeGreaterThanOrEqual(2);
  });

  it('loses nothing on a link that reorders and repeats', () => {
    let turn = 0;
    const bed = bedOf(300, (_, octets) => {
      turn += 1;
      const once = { delay: milliseconds(1 + (turn % 7) * 60), octets };
      return turn % 5 === 0 ? [once, { delay: milliseconds(900), octets }] : [once];
    });
    expect(pingThrough(bed, 0.25, 650)).toEqual([0, 0]);
    expect(rekeys(bed, 'R2')).toBeGreaterThanOrEqual(2);
  });

  it('sends on the new SA from the moment it is established, and receives on the old one still', () => {
    const bed = bedOf(300);
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const held: { readonly from: Name; readonly octets: Uint8Array; readonly at: Instant }[] = [];
    bed.link = (from, octets) => {
      if (ipv4.protocol(octets, 0) !== 50) return plainLink(from, octets);
      held.push({ from, octets, at: bed.now });
      return [];
    };
    bed.ping('R2', 1);
    while (rekeys(bed, 'R2') === 0) bed.run(seconds(1));
    bed.ping('R2', 2);
    const [old, fresh] = held.filter(({ from }) => from === 'R2');
    expect(spiOf(old?.octets)).not.toBe(spiOf(fresh?.octets));
    for (const packet of [fresh, old]) bed.outside('R3', packet?.octets ?? new Uint8Array(0));
    expect(bed.pings('R3')).toEqual([0, 2, 1]);
  });

  it('comes when enough octets have passed, before the hard lifetime in octets stops the SA', () => {
    const bed = new Bed({ ...shortLived, ipsecKilobytes: 10 });
    expect(pingThrough(bed, 1, 600)).toEqual([0, 0]);
    expect(rekeys(bed, 'R2')).toBeGreaterThan(4);
  });

  it('is begun by who receives as well, though it sends nothing', () => {
    const bed = new Bed({ ...shortLived, ipsecKilobytes: 10 });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    for (let i = 1; rekeys(bed, 'R2') === 0 && i < 200; i++) {
      bed.ping('R3', i);
      bed.run(seconds(0.1));
    }
    const sas = bed.site('R2').gateway.ipsecSas();
    expect(sas.filter(({ role }) => role === 'initiator')).toHaveLength(2);
  });

  it('that does not come in time leaves the SA to stop at its hard lifetime in octets', () => {
    const bed = new Bed({ ...shortLived, ipsecKilobytes: 10 });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    bed.link = cutLink;
    const outcomes = Array.from({ length: 130 }, (_, i) => bed.ping('R2', i));
    const sealed = outcomes.filter((outcome) => outcome.ok && outcome.action === 'protected');
    expect(sealed).toHaveLength(Math.ceil(10_240 / 84) - 1);
    expect(outcomes.at(-1)).toEqual({ ok: true, action: 'queued' });
  });

  it('is not missed where the clock is asked late: an SA past its hard lifetime seals nothing', () => {
    const bed = bedOf(300);
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const late = after(bed.now, seconds(301));
    const packet = bed.site('R3').received[0]?.packet ?? new Uint8Array(0);
    const { gateway } = bed.site('R2');
    expect(gateway.handleInside(late, packet)).toEqual({ ok: true, action: 'queued' });
    // An earlier time counts as the latest seen.
    expect(gateway.handleInside(instant(0), packet)).toEqual({ ok: true, action: 'queued' });
  });

  it('that cannot reach the peer ends with the SA, and the next packet finds a new one once it can', () => {
    const bed = bedOf(300);
    bed.ping('R2', 0);
    bed.run(seconds(1));
    bed.link = cutLink;
    bed.run(seconds(400));
    expect(shownPairs(bed, 'R2')).toBe(0);
    expect(shownPairs(bed, 'R3')).toBe(0);
    bed.link = plainLink;
    bed.run(seconds(120));
    bed.ping('R3', 5);
    bed.run(seconds(10));
    expect(bed.pings('R2').at(-1)).toBe(5);
  });
});

function spiOf(packet: Uint8Array | undefined): string {
  return String(packet?.subarray(20, 24));
}
