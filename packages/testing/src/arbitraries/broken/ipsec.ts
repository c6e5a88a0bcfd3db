import {
  AH_HEADER_OCTETS,
  concat,
  ESP_HEADER_OCTETS,
  encodeTcpFrame,
  IPCOMP_HEADER_OCTETS,
  TCP_STREAM_PREFIX,
} from '@espalier/wire';
import fc from 'fast-check';
import { ahPacket, espPacket, ipcompPacket, tcpFrame } from '../ipsec.ts';
import { octets } from '../octets.ts';
import { type BrokenRule, changed, cutBelow, short, word } from './rule.ts';

/** Names of the rules of ESP, AH and IPComp as a stranger sees them, and of what IKE and ESP are carried in. */
export const IPSEC_RULES = [
  'esp-header-truncated',
  'esp-spi-reserved',
  'esp-number-zero',
  'ah-truncated',
  'ah-length-below-header',
  'ah-length-beyond-packet',
  'ah-spi-reserved',
  'ah-number-zero',
  'ipcomp-truncated',
  'ipcomp-cpi-reserved',
  'udp-encapsulated-truncated',
  'udp-encapsulated-esp-truncated',
  'tcp-frame-length',
  'tcp-frame-empty-message',
  'tcp-stream-prefix',
] as const;

type IpsecRule = (typeof IPSEC_RULES)[number];

/** Where the SPI and the sequence number of AH are (RFC 4302 §2). */
const [AH_SPI_AT, AH_NUMBER_AT] = [4, 8];
/** A payload length of AH that leaves no room for an ICV: it counts words, less two (RFC 4302 §2.2). */
const AH_LENGTH_MOST_BELOW = 1;

const reservedSpi = fc.nat(0xff);
const reservedCpi = fc.oneof(fc.constant(0), fc.integer({ min: 64, max: 255 }));

/** What makes each of them broken. */
export const BROKEN_IPSEC: Readonly<Record<IpsecRule, BrokenRule>> = {
  'esp-header-truncated': {
    structure: 'esp-packet',
    clause: 'RFC 4303 §2',
    says: 'a packet has an SPI and a sequence number',
    octets: cutBelow(espPacket, ESP_HEADER_OCTETS),
  },
  'esp-spi-reserved': {
    structure: 'esp-packet',
    clause: 'RFC 4303 §2.1',
    says: 'an SPI is 256 at least',
    octets: fc.tuple(espPacket, reservedSpi).map(([packet, spi]) => changed(packet, 0, ...word(spi))),
  },
  'esp-number-zero': {
    structure: 'esp-packet',
    clause: 'RFC 4303 §2.2',
    says: 'the first packet has sequence number 1',
    octets: espPacket.map((packet) => changed(packet, 4, ...word(0))),
  },
  'ah-truncated': {
    structure: 'ah-packet',
    clause: 'RFC 4302 §2',
    says: 'a header has 12 octets in front of its ICV',
    octets: cutBelow(ahPacket, AH_HEADER_OCTETS),
  },
  'ah-length-below-header': {
    structure: 'ah-packet',
    clause: 'RFC 4302 §2.2',
    says: 'the length includes the header, and an ICV',
    octets: fc.tuple(ahPacket, fc.nat(AH_LENGTH_MOST_BELOW)).map(([packet, length]) => changed(packet, 1, length)),
  },
  'ah-length-beyond-packet': {
    structure: 'ah-packet',
    clause: 'RFC 4302 §2.2',
    says: 'a header ends within the packet',
    octets: fc
      .tuple(ahPacket, fc.nat(20))
      .map(([packet, more]) => changed(packet, 1, Math.min(0xff, Math.floor(packet.length / 4) - 1 + more))),
  },
  'ah-spi-reserved': {
    structure: 'ah-packet',
    clause: 'RFC 4302 §2.4',
    says: 'an SPI is 256 at least',
    octets: fc.tuple(ahPacket, reservedSpi).map(([packet, spi]) => changed(packet, AH_SPI_AT, ...word(spi))),
  },
  'ah-number-zero': {
    structure: 'ah-packet',
    clause: 'RFC 4302 §2.5',
    says: 'the first packet has sequence number 1',
    octets: ahPacket.map((packet) => changed(packet, AH_NUMBER_AT, ...word(0))),
  },
  'ipcomp-truncated': {
    structure: 'ipcomp-packet',
    clause: 'RFC 3173 §3.3',
    says: 'a header has four octets',
    octets: cutBelow(ipcompPacket, IPCOMP_HEADER_OCTETS),
  },
  'ipcomp-cpi-reserved': {
    structure: 'ipcomp-packet',
    clause: 'RFC 3173 §3.3',
    says: 'a CPI is none of those that are reserved',
    octets: fc.tuple(ipcompPacket, reservedCpi).map(([packet, cpi]) => changed(packet, 2, ...short(cpi))),
  },
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
