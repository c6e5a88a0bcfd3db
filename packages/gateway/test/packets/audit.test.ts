import { nobleEngine } from '@espalier/crypto';
import { encodeIpv4, instant, PROTOCOL, parseAddress, seconds, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { type AuditReason, Gateway, type GatewayAuditEvent, type GatewayOptions } from '../../src/index.ts';
import { datagram, EAST, espSa, manual, mirrored, transmitted, WEST } from '../manual/hosts.ts';
import { Bed, gatewayAddress, hostAddress, INSIDE } from '../support/bed.ts';

const NOW = instant(5000);
const OUTER = { source: WEST, destination: EAST, flowLabel: undefined };

function audits(gateway: Gateway): GatewayAuditEvent[] {
  const events: GatewayAuditEvent[] = [];
  for (let event = gateway.pollAudit(); event !== undefined; event = gateway.pollAudit()) events.push(event);
  return events;
}

/** A gateway with a tunnel by hand, for what is behind it, and the other end. */
function ends(options: Partial<GatewayOptions> = {}) {
  const suite = 'null/hmac-sha1-96';
  const protection = manual({ inbound: espSa(300, suite), outbound: espSa(301, suite) });
  const gateway = (given: typeof protection, seed: number) =>
    new Gateway({
      config: {
        peers: [],
        policies: [
          {
            name: 'by hand',
            selectors: seed === 1 ? { remote: '10.1.56.0/24' } : { local: '10.1.56.0/25' },
            action: { kind: 'manual', ...given },
          },
        ],
      },
      engine: nobleEngine(),
      rng: seededRng(seed),
      ...options,
    });
  return { west: gateway(protection, 1), east: gateway(mirrored(protection), 2) };
}

describe('what a gateway refuses is told to whoever audits', () => {
  it('with SPI, addresses and sequence number, at once or in a batch', () => {
    const { west, east } = ends();
    west.handleInsideBatch(NOW, [datagram(10), datagram(11), datagram(12, '10.1.12.2', '10.1.56.200')]);
    const [forged, stranger, other] = transmitted(west);
    if (forged === undefined || stranger === undefined || other === undefined) expect.fail();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    stranger.set([0, 0, 9, 9], 20);
    east.handleOutsideBatch(NOW, [forged, stranger, other]);
    const clear = datagram(9, '10.9.9.9', '10.1.56.1');
    expect(east.handleOutside(NOW, clear)).toMatchObject({ reason: 'unprotected' });
    const byReason = new Map<AuditReason, GatewayAuditEvent>(audits(east).map((event) => [event.reason, event]));
    expect([...byReason.keys()].sort()).toEqual(['bad-icv', 'selector-mismatch', 'unknown-spi', 'unprotected']);
    const base = { at: NOW, ...OUTER, suppressed: 0 };
    expect(byReason.get('bad-icv')).toEqual({ ...base, reason: 'bad-icv', spi: 301, sequence: 1 });
    expect(byReason.get('unknown-spi')).toEqual({ ...base, reason: 'unknown-spi', spi: 0x909, sequence: 2 });
    expect(byReason.get('selector-mismatch')).toMatchObject({ spi: 301, source: WEST, destination: EAST });
    expect(byReason.get('unprotected')).toMatchObject({ spi: undefined, source: '10.9.9.9', destination: '10.1.56.1' });
    expect(audits(west)).toEqual([]);
  });

  it('with the ends of the datagram where ESP came in the payload of one', () => {
    const variation = { suite: 'null/hmac-sha1-96', options: { outside: 'udp' } } as const;
    const bed = new Bed(variation);
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const { gateway } = bed.site('R3');
    audits(gateway);
    const source = { address: gatewayAddress('R2'), port: 4500 };
    const destination = { address: gatewayAddress('R3'), port: 4500 };
    gateway.handleDatagram(bed.now, source, destination, Uint8Array.of(0, 0, 7, 7, 0, 0, 0, 5, ...new Uint8Array(30)));
    const sent = encodeIpv4({
      source: parseAddress(hostAddress('R2')),
      destination: parseAddress(hostAddress('R3')),
      protocol: PROTOCOL.udp,
      payload: new Uint8Array(20),
    });
    bed.site('R2').gateway.handleInside(bed.now, sent, INSIDE);
    const out = bed.site('R2').gateway.pollTransmit() ?? expect.fail();
    gateway.handleDatagram(bed.now, source, destination, out.octets);
    gateway.handleDatagram(bed.now, source, destination, out.octets);
    const [unknown, replayed] = audits(gateway);
    expect(unknown).toMatchObject({ reason: 'unknown-spi', spi: 0x707, sequence: 5, source: source.address });
    expect(replayed).toMatchObject({ reason: 'replayed', source: source.address, destination: destination.address });
    expect(replayed?.sequence).toBeGreaterThan(0);
  });

  it('at a bounded rate: a flood is counted, not told', () => {
    const { west, east } = ends({ audit: { perSecond: 1, burst: 3, capacity: 10 } });
    west.handleInside(NOW, datagram());
    const stranger = transmitted(west)[0] ?? expect.fail();
    stranger.set([0, 0, 9, 9], 20);
    east.handleOutsideBatch(NOW, Array(100).fill(stranger));
    expect(audits(east)).toHaveLength(3);
    expect(east.auditsSuppressed).toBe(97);
    east.handleOutside(instant(NOW + 1000), stranger);
    expect(audits(east).map(({ suppressed }) => suppressed)).toEqual([97]);
    expect(east.refusals.gateway['unknown-spi']).toBe(101);
  });

  it('without a key in it', () => {
    const { west, east } = ends();
    west.handleInside(NOW, datagram());
    const packet = transmitted(west)[0] ?? expect.fail();
    packet[30] = (packet[30] ?? 0) ^ 1;
    east.handleOutside(NOW, packet);
    const [event] = audits(east);
    expect(Object.keys(event ?? {}).sort()).toEqual(
      ['at', 'destination', 'flowLabel', 'reason', 'sequence', 'source', 'spi', 'suppressed'].sort(),
    );
    expect(event?.spi).toBe(spi(301));
  });

  it('and takes limits that are none for the caller’s mistake', () => {
    expect(() => ends({ audit: { burst: 0 } })).toThrow('audit.burst');
  });
});
