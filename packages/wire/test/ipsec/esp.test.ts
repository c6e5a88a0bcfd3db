import { espPacket, octets, u32, udpEncapsulated } from '@espalier/testing/arbitraries';
import {
  classifyAtIkePort,
  classifyUdpEncapsulated,
  ESP_HEADER_OCTETS,
  espSequence,
  espSignedSpi,
  espSpi,
  fromHex,
  NON_ESP_MARKER_OCTETS,
  writeEspHeader,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';

describe('the ESP header in place', () => {
  it('is SPI and sequence number, unsigned, at any offset, and nothing beside them', () => {
    fc.assert(
      fc.property(u32, u32, fc.integer({ min: 0, max: 7 }), (spi, sequence, at) => {
        const arena = new Uint8Array(at + ESP_HEADER_OCTETS + 3).fill(0x5a);
        writeEspHeader(arena, at, spi, sequence);
        expect(espSpi(arena, at)).toBe(spi);
        expect(espSignedSpi(arena, at)).toBe(spi | 0);
        expect(espSequence(arena, at)).toBe(sequence);
        expect(arena.filter((octet) => octet === 0x5a).length).toBeGreaterThanOrEqual(at + 3);
      }),
    );
  });
});

describeDecoder({
  name: 'SPI and sequence number of any octets, those that are not there being zero',
  valid: espPacket,
  decode: (packet) => ({ spi: espSpi(packet, 0), sequence: espSequence(packet, 0) }),
  errors: [],
  isRefusal: () => false,
  prefixes: 'may-be-whole',
});

describeDecoder({
  name: 'what a datagram on port 4500 is',
  valid: udpEncapsulated,
  decode: (payload) => classifyUdpEncapsulated(payload),
  errors: [],
  isRefusal: (kind) => kind === 'malformed',
  prefixes: 'may-be-whole',
});

describe('UDP encapsulation (RFC 3948 §2)', () => {
  it.each([
    ['keepalive', 'ff'],
    ['malformed', ''],
    ['malformed', 'fe'],
    ['malformed', 'ffff'],
    ['malformed', '000000'],
    ['malformed', '00000001000000'],
    ['esp', '0000000100000001'],
    ['esp', 'ffffffff00000001'],
    ['ike', '00000000'],
    ['ike', '00000000800102030405060700'],
  ] as const)('knows as %s the payload %s', (kind, payload) => {
    expect(classifyUdpEncapsulated(fromHex(payload))).toBe(kind);
  });

  it.each([
    ['keepalive', 'ff'],
    ['ike', ''],
    ['ike', '00000000000000000000010000000001'.slice(0, 30)],
    ['esp', '00000000000000000000010000000001'],
    ['ike', '00000000000000010000010000000001'],
    ['ike', '00000000000000000000000000000001'],
    ['ike', '01000000000000000000010000000001'],
    ['ike', '0001020304050607000000000000000001100200'],
  ] as const)('knows as %s at IKE’s own port the payload %s (draft-ietf-ipsec-udp-encaps-01 §2)', (kind, payload) => {
    expect(classifyAtIkePort(fromHex(payload))).toBe(kind);
    expect(classifyAtIkePort(fromHex(`aabb${payload}`), 2)).toBe(kind);
  });

  it('never takes SPI 0 for ESP (§2.1), nor a keepalive for anything else (§2.3)', () => {
    fc.assert(
      fc.property(octets(0, 60), (payload) => {
        const kind = classifyUdpEncapsulated(payload);
        if (kind === 'esp') expect(espSpi(payload, 0)).not.toBe(0);
        if (payload.length >= NON_ESP_MARKER_OCTETS && espSpi(payload, 0) === 0) expect(kind).toBe('ike');
        expect(kind === 'keepalive').toBe(payload.length === 1 && payload[0] === 0xff);
      }),
      { numRuns: 300 },
    );
  });
});
