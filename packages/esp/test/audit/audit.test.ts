import { AUDITABLE_REFUSALS, AuditLog, ESP_REFUSALS, espTraces, isAuditable, packetTraces } from '@espalier/esp';
import { concat, encodeIpv4, encodeIpv6, fragmentIpv4, instant, PROTOCOL, parseAddress } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, octetsOf } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, OUTER, outboundSa, SPI, seal } from '../support/sas.ts';

const NONE = { spi: undefined, source: undefined, destination: undefined, sequence: undefined, flowLabel: undefined };
const TRACES = { ...NONE, spi: 7 };
const at = (ms: number) => instant(NOW + ms);

describe('the traces of a packet (RFC 4303 §3.4.3)', () => {
  it('are its SPI, addresses, sequence number, and over IPv6 its flow label', () => {
    const udp = { sourcePort: 4500, destinationPort: 4500 };
    const outer6 = { source: '2001:db8::1', destination: '2001:db8::2' };
    const cases = [
      [OUTER, undefined],
      [{ ...OUTER, udp }, undefined],
      [{ ...outer6, flowLabel: 0x12345 }, 0x12345],
      [{ ...outer6, udp }, 0],
    ] as const;
    for (const [outer, flowLabel] of cases) {
      const sealed = seal(outboundSa(NULL_SUITE, { outer, firstSequence: 99n }), ipv4Packet(40));
      const { source, destination } = outer;
      const memory = concat(octetsOf(13), sealed, octetsOf(5));
      expect(packetTraces(memory, 13, 13 + sealed.length)).toEqual({
        spi: SPI,
        source,
        destination,
        sequence: 99,
        flowLabel,
      });
    }
  });

  it('are those of AH, whose SPI lies behind its lengths', () => {
    const payload = Uint8Array.of(17, 4, 0, 0, 0, 0, 3, 1, 0, 0, 0, 9, ...octetsOf(12));
    const addresses = { source: parseAddress('10.0.0.1'), destination: parseAddress('10.0.0.2') };
    const packet = encodeIpv4({ ...addresses, protocol: PROTOCOL.ah, payload });
    expect(packetTraces(packet, 0, packet.length)).toMatchObject({ spi: 0x301, sequence: 9 });
  });

  it('are told as far as there are any, whatever the packet is', () => {
    const clear = ipv4Packet(0, { protocol: 6 });
    expect(packetTraces(clear, 0, clear.length)).toEqual({ ...NONE, source: '10.1.12.2', destination: '10.1.56.1' });
    const short = encodeIpv6({
      trafficClass: 0,
      flowLabel: 5,
      nextHeader: PROTOCOL.esp,
      hopLimit: 1,
      source: parseAddress('::1'),
      destination: parseAddress('::2'),
      payload: octetsOf(7),
    });
    expect(packetTraces(short, 0, short.length)).toEqual({ ...NONE, source: '::1', destination: '::2', flowLabel: 5 });
    const pieces = fragmentIpv4(ipv4Packet(200, { protocol: PROTOCOL.esp }), 100) ?? expect.fail();
    const [first, second] = pieces.map((piece) => packetTraces(piece, 0, piece.length).spi !== undefined);
    expect([first, second]).toEqual([true, false]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        packetTraces(octets, 0, octets.length);
        expect(espTraces(octets, 0, octets.length, { source: 'a', destination: 'b' }).spi === undefined).toBe(
          octets.length < 8,
        );
      }),
    );
  });
});

describe('auditable refusals', () => {
  it('are some of all, and neither a dummy nor what a policy says', () => {
    for (const reason of AUDITABLE_REFUSALS) expect(ESP_REFUSALS).toContain(reason);
    const others = ESP_REFUSALS.filter((reason) => !isAuditable(reason));
    expect(others).toContain('dummy');
    expect(others).toContain('expired');
    expect(others.length + AUDITABLE_REFUSALS.length).toBe(ESP_REFUSALS.length);
  });

  it('are told of what an SA refuses, with what the packet says of itself', () => {
    const log = new AuditLog();
    const packet = seal(outboundSa(NULL_SUITE, { outer: OUTER }), ipv4Packet(8));
    const inbound = inboundSa(NULL_SUITE);
    for (let i = 0; i < 2; i++) {
      const result = inbound.openInto(NOW, packet, new Uint8Array(packet.length), 0, 20);
      if (result.ok || !isAuditable(result.reason) || !log.admits(NOW)) continue;
      log.note(NOW, result.reason, packetTraces(packet, 0, packet.length));
    }
    expect(log.poll()).toEqual({
      at: NOW,
      reason: 'replayed',
      spi: SPI,
      source: OUTER.source,
      destination: OUTER.destination,
      sequence: 1,
      flowLabel: undefined,
      suppressed: 0,
    });
    expect(log.poll()).toBeUndefined();
  });
});

describe('an audit log', () => {
  const fill = (log: AuditLog<string>, count: number, ms: number) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (!log.admits(at(ms))) continue;
      log.note(at(ms), 'bad-icv', TRACES);
      kept += 1;
    }
    return kept;
  };

  it('tells a burst, then as many a second as it may, and how many it left out', () => {
    const log = new AuditLog<string>({ perSecond: 4, burst: 10 });
    expect(fill(log, 100, 0)).toBe(10);
    expect(log.suppressed).toBe(90);
    expect(fill(log, 1, 249)).toBe(0);
    expect(fill(log, 5, 250)).toBe(1);
    expect(log.suppressed).toBe(4);
    expect(fill(log, 100, 1250)).toBe(4);
    expect(fill(log, 100, 1_000_000)).toBe(10);
    const told = Array.from({ length: 25 }, () => log.poll()?.suppressed);
    expect(told).toEqual([...Array(10).fill(0), 91, 4, 0, 0, 0, 96, ...Array(9).fill(0)]);
    expect(log.suppressed).toBe(90);
  });

  it('keeps no more than it may, whoever fetches nothing', () => {
    const log = new AuditLog<string>({ perSecond: 1000, burst: 1000, capacity: 3 });
    expect(fill(log, 10, 0)).toBe(3);
    expect(log.poll()?.suppressed).toBe(0);
    expect(fill(log, 10, 1)).toBe(1);
    expect(Array.from({ length: 4 }, () => log.poll()?.suppressed)).toEqual([0, 0, 7, undefined]);
  });

  it('takes an earlier time for the latest seen: setting the clock back and forth gains nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { maxLength: 60 }), (times) => {
        const log = new AuditLog<string>({ perSecond: 2, burst: 3, capacity: 1000 });
        fill(log, 100, 0);
        let kept = 3;
        for (const ms of times) kept += fill(log, 100, ms);
        expect(kept).toBeLessThanOrEqual(3 + 2 * 5);
        let before = instant(0);
        for (let event = log.poll(); event !== undefined; event = log.poll()) {
          expect(event.at).toBeGreaterThanOrEqual(before);
          before = event.at;
        }
      }),
    );
  });

  it('has limits that are whole numbers', () => {
    for (const wrong of [{ perSecond: 0 }, { burst: 1.5 }, { capacity: -1 }]) {
      expect(() => new AuditLog(wrong)).toThrow(/audit\.(perSecond|burst|capacity)/);
    }
  });
});
