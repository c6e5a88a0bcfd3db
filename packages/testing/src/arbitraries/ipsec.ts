import {
  AH_HEADER_OCTETS,
  concat,
  ESP_HEADER_OCTETS,
  encodeMessage,
  encodeTcpFrame,
  IPCOMP_HEADER_OCTETS,
  TCP_STREAM_PREFIX,
  writeAhHeader,
  writeEspHeader,
  writeIpcompHeader,
} from '@espalier/wire';
import fc from 'fast-check';
import { exchangeMessage } from './isakmp/exchanges.ts';
import { list, octets, u8 } from './octets.ts';

/** An SPI that an SA may have: 0 is none, and those up to 255 are reserved (RFC 4303 §2.1). */
export const spi: fc.Arbitrary<number> = fc.integer({ min: 0x100, max: 0xffff_ffff });

/** The low half of a sequence number: the first packet has 1 (RFC 4303 §2.2). */
export const sequence: fc.Arbitrary<number> = fc.integer({ min: 1, max: 0xffff_ffff });

/** ESP as one sees it without keys: SPI, sequence number, and octets, in all a multiple of 4 (RFC 4303 §2). */
export const espPacket: fc.Arbitrary<Uint8Array> = fc
  .record({ spi, sequence, sealed: fc.integer({ min: 4, max: 40 }).chain((words) => octets(4 * words)) })
  .map(({ spi, sequence, sealed }) => {
    const packet = concat(new Uint8Array(ESP_HEADER_OCTETS), sealed);
    writeEspHeader(packet, 0, spi, sequence);
    return packet;
  });

/** AH and what it protects: an ICV of one of the lengths that there are (RFC 4302 §2, RFC 4868 §2.3). */
export const ahPacket: fc.Arbitrary<Uint8Array> = fc
  .record({ nextHeader: u8, icvOctets: fc.constantFrom(12, 16, 24, 32), spi, sequence, payload: octets(0, 60) })
  .chain((fields) => octets(fields.icvOctets).map((icv) => ({ ...fields, icv })))
  .map(({ nextHeader, spi, sequence, icv, payload }) => {
    const packet = concat(new Uint8Array(AH_HEADER_OCTETS), icv, payload);
    writeAhHeader(packet, 0, nextHeader, AH_HEADER_OCTETS + icv.length, spi, sequence);
    return packet;
  });

/** A CPI that says how something is compressed: 0 is none, and those from 64 to 255 are reserved (RFC 3173 §3.3). */
const cpi = fc.oneof(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 256, max: 0xffff }));

/** The IPComp header and what is compressed, as octets (RFC 3173 §3.3). */
export const ipcompPacket: fc.Arbitrary<Uint8Array> = fc
  .record({ nextHeader: u8, cpi, data: octets(0, 60) })
  .map(({ nextHeader, cpi, data }) => {
    const packet = concat(new Uint8Array(IPCOMP_HEADER_OCTETS), data);
    writeIpcompHeader(packet, 0, nextHeader, cpi);
    return packet;
  });

const ikeMessage = exchangeMessage.map(({ fields, payloads }) => encodeMessage(fields, payloads));

/** What a datagram on port 4500 holds: a keepalive, IKE behind its marker, or ESP (RFC 3948 §2). */
export const udpEncapsulated: fc.Arbitrary<Uint8Array> = fc.oneof(
  { withCrossShrink: true },
  fc.constant(Uint8Array.of(0xff)),
  ikeMessage.map((message) => concat(new Uint8Array(4), message)),
  espPacket,
);

/** One message in its frame (RFC 9329 §3). */
export const tcpFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  { withCrossShrink: true },
  espPacket.map((packet) => encodeTcpFrame('esp', packet)),
  ikeMessage.map((message) => encodeTcpFrame('ike', message)),
);

/** What the originator of a connection sends: the prefix, then frames (RFC 9329 §4). */
export const tcpStream: fc.Arbitrary<Uint8Array> = list(tcpFrame, 0, 4).map((frames) =>
  concat(TCP_STREAM_PREFIX, ...frames),
);
