import { concat, encodeTcpFrame, TCP_STREAM_PREFIX } from '@espalier/wire';
import fc from 'fast-check';
import { espPacket, tcpFrame } from '../ipsec.ts';
import { octets } from '../octets.ts';
import { type BrokenRule, changed, cutBelow } from './rule.ts';

/** Names of the rules of what IKE and ESP are carried in. */
export const ENCAPSULATION_RULES = [
  'udp-encapsulated-truncated',
  'udp-encapsulated-esp-truncated',
  'tcp-frame-length',
  'tcp-frame-empty-message',
  'tcp-stream-prefix',
] as const;

type EncapsulationRule = (typeof ENCAPSULATION_RULES)[number];

/** What makes each of them broken. */
export const BROKEN_ENCAPSULATION: Readonly<Record<EncapsulationRule, BrokenRule>> = {
  'udp-encapsulated-truncated': {
    structure: 'udp-encapsulated',
    clause: 'RFC 3948 §2.3',
    says: 'what is shorter than an SPI is a keepalive, one octet of ones',
    octets: fc.oneof(
      octets(2, 3),
      octets(0),
      fc.integer({ min: 0, max: 0xfe }).map((octet) => Uint8Array.of(octet)),
    ),
  },
  'udp-encapsulated-esp-truncated': {
    structure: 'udp-encapsulated',
    clause: 'RFC 3948 §2.1',
    says: 'an SPI has a sequence number behind it',
    octets: fc.tuple(espPacket, fc.integer({ min: 4, max: 7 })).map(([packet, length]) => packet.slice(0, length)),
  },
  'tcp-frame-length': {
    structure: 'tcp-frame',
    clause: 'RFC 9329 §3',
    says: 'the length counts itself',
    octets: fc.tuple(tcpFrame, fc.nat(1)).map(([frame, length]) => changed(frame, 0, 0, length)),
  },
  'tcp-frame-empty-message': {
    structure: 'tcp-frame',
    clause: 'RFC 9329 §3',
    says: 'a frame holds a message behind its marker, or ESP with its SPI',
    octets: fc.oneof(
      fc.constant(Uint8Array.of(0, 6, 0, 0, 0, 0)),
      cutBelow(espPacket, 5)
        .filter(({ length }) => length > 1)
        .map((packet) => encodeTcpFrame('esp', packet)),
    ),
  },
  'tcp-stream-prefix': {
    structure: 'tcp-stream',
    clause: 'RFC 9329 §4',
    says: 'a stream begins with the prefix',
    octets: fc
      .tuple(tcpFrame, fc.nat(TCP_STREAM_PREFIX.length - 1), fc.integer({ min: 1, max: 0xff }))
      .map(([frame, at, bits]) => concat(changed(TCP_STREAM_PREFIX, at, (TCP_STREAM_PREFIX[at] ?? 0) ^ bits), frame)),
  },
};
