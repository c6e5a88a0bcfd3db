import { ESP_REFUSALS } from '@espalier/esp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, octetsOf } from './support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, open, outboundSa, poolOf, SHAPES, seal } from './support/sas.ts';

const grid = SHAPES.map((suite) => ({ suite, name: suite.name }));

describe.each(grid)('$name', ({ suite }) => {
  it('refuses a packet with any octet changed, and then still takes the packet itself', () => {
    const inner = ipv4Packet(40);
    const sealed = seal(outboundSa(suite), inner);
    const inbound = inboundSa(suite);
    for (let at = 0; at < sealed.length; at++) {
      const forged = sealed.slice();
      forged[at] = (sealed[at] ?? 0) ^ (1 << (at & 7));
      const before = forged.slice();
      const out = forged;
      expect(inbound.openInto(NOW, forged, out)).toMatchObject({ reason: at < 4 ? 'wrong-spi' : 'bad-icv' });
      expect(out).toEqual(before);
    }
    expect(inbound.counters).toMatchObject({
      packets: 0,
      octets: 0,
      refusals: { 'wrong-spi': 4, 'bad-icv': sealed.length - 4 },
    });
    expect(open(inbound, sealed)).toEqual(inner);
  });

  it('refuses every truncation and every extension', () => {
    const inner = ipv4Packet(30);
    const sealed = seal(outboundSa(suite), inner);
    const inbound = inboundSa(suite);
    for (let length = 0; length < sealed.length + 33; length++) {
      if (length === sealed.length) continue;
      const octets = new Uint8Array(length);
      octets.set(sealed.subarray(0, length));
      const least = 8 + suite.ivOctets + suite.alignmentOctets + suite.icvOctets;
      const whole = length >= least && (length - least) % suite.alignmentOctets === 0;
      expect(open(inbound, octets), `${length}`).toBe(whole ? 'bad-icv' : 'malformed');
    }
    expect(open(inbound, sealed)).toEqual(inner);
  });

  it('refuses the tampered packets of a batch one by one and takes the rest', () => {
    const inbound = inboundSa(suite);
    const outbound = outboundSa(suite);
    const batch = poolOf(16).createBatch(16);
    const packets = Array.from({ length: 16 }, (_, i) => ipv4Packet(16 * i));
    for (const [i, packet] of packets.entries()) {
      const sealed = seal(outbound, packet);
      if (i % 3 === 1) sealed[8 + i] = (sealed[8 + i] ?? 0) ^ 0x10;
      batch.add(sealed);
    }
    expect(inbound.openBatch(NOW, batch)).toBe(11);
    for (const { index, ok, reason, octets } of batch) {
      expect(reason).toBe(index % 3 === 1 ? 'bad-icv' : undefined);
      expect(ok).toBe(index % 3 !== 1);
      if (ok) expect(octets).toEqual(packets[index]);
    }
    expect(inbound.counters).toMatchObject({ packets: 11, refusals: { 'bad-icv': 5 } });
  });
});

describe('any octets at all', () => {
  it('are refused by name, never by an exception, when they claim to be ESP', () => {
    const inbound = inboundSa(NULL_SUITE);
    const known: readonly string[] = ESP_REFUSALS;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        expect(known).toContain(open(inbound, octets));
      }),
    );
    expect(inbound.counters.packets).toBe(0);
  });

  it('are refused by name, never by an exception, when they claim to be an IP packet', () => {
    const outbound = outboundSa(NULL_SUITE);
    const out = new Uint8Array(400);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0x45, 0x4f, 0x60, 0x00, 0xff), (octets, first) => {
        if (octets.length > 0) octets[0] = first;
        if (octets.length > 3 && first === 0x45) octets.set([0, octets.length + 1], 2);
        expect(outbound.sealInto(NOW, octets, out)).toMatchObject({ ok: false, reason: 'bad-inner' });
      }),
    );
    expect(outbound.counters.packets).toBe(0);
  });

  it('are refused with a wrong key, and the ICV tells nothing more', () => {
    for (const suite of SHAPES) {
      const sealed = seal(outboundSa(suite), ipv4Packet(64));
      const keys = {
        encryption: octetsOf(suite.encryptionKeyOctets, 5),
        salt: octetsOf(suite.saltOctets, 5),
        integrity: octetsOf(suite.integrityKeyOctets, 5),
      };
      expect(open(inboundSa(suite, { keys }), sealed)).toBe('bad-icv');
    }
  });
});
