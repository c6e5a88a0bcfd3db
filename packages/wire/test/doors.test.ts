import {
  checksum,
  classifyUdpEncapsulated,
  decodePayloads,
  encodeIcmp,
  encodeIpv4,
  encodeIpv6,
  encodeMessage,
  encodeUdp,
  equalIdentification,
  formatAddress,
  fragmentIpv4,
  fragmentIpv6,
  icmpOriginal,
  icmpv6Original,
  instant,
  keyId,
  PAYLOAD,
  parsePrefix,
  prefixContains,
  pseudoHeaderSum,
  Reassembler,
  splitMessages,
  toHex,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { expectPlainOctets, NO_OCTETS, withPooled } from '../../../test/support/octets.ts';

const HOST = Uint8Array.of(10, 1, 12, 2);
const HOST6 = new Uint8Array(16).fill(3);
const HEADER = {
  initiatorCookie: new Uint8Array(8).fill(1),
  responderCookie: new Uint8Array(8),
  exchange: 2,
  flags: 0,
  messageId: 0,
};
const IPV6 = { trafficClass: 0, flowLabel: 0, nextHeader: 17, hopLimit: 64 };

/** Every door that takes octets and is no codec of `describeCodec`; what is refused is called as the error calls it. */
const DOORS: readonly (readonly [string, string, (octets: Uint8Array) => unknown])[] = [
  ['toHex', 'octets', toHex],
  ['formatAddress', 'octets', formatAddress],
  ['prefixContains', 'address', (octets) => prefixContains(parsePrefix('10.0.0.0/8'), octets)],
  ['keyId', 'octets', keyId],
  ['classifyUdpEncapsulated', 'octets', (octets) => classifyUdpEncapsulated(octets)],
  ['splitMessages', 'datagram', splitMessages],
  ['decodePayloads', 'octets', (octets) => decodePayloads(PAYLOAD.nonce, octets)],
  ['encodeMessage', 'data', (data) => encodeMessage(HEADER, [{ kind: 'nonce', data }])],
  ['encodeUdp', 'payload', (payload) => encodeUdp({ sourcePort: 1, destinationPort: 2, payload })],
  ['pseudoHeaderSum', 'addresses.source', (source) => pseudoHeaderSum({ source, destination: HOST }, 17, 8)],
  ['encodeIpv4', 'payload', (payload) => encodeIpv4({ protocol: 17, source: HOST, destination: HOST, payload })],
  [
    'encodeIpv4 of a source',
    'source',
    (source) => encodeIpv4({ protocol: 17, source, destination: HOST, payload: HOST }),
  ],
  ['encodeIpv6', 'payload', (payload) => encodeIpv6({ ...IPV6, source: HOST6, destination: HOST6, payload })],
  ['encodeIcmp', 'data', (data) => encodeIcmp({ kind: 'echo-reply', identifier: 1, sequence: 1, data })],
  ['icmpOriginal', 'packet', icmpOriginal],
  ['icmpv6Original', 'packet', icmpv6Original],
  ['fragmentIpv4', 'packet', (packet) => fragmentIpv4(packet, 1500)],
  ['fragmentIpv6', 'packet', (packet) => fragmentIpv6(packet, 1500, 1)],
  ['Reassembler.accept', 'packet', (packet) => new Reassembler().accept(instant(0), packet)],
];

describe('a door for octets', () => {
  it.each(
    DOORS.flatMap(([door, argument, use]) =>
      NO_OCTETS.map(([what, value]) => [door, what, argument, use, value] as const),
    ),
  )('%s does not take %s', (_, __, argument, use, value) => {
    expect(() => use(value)).toThrow(new TypeError(`${argument} must be a Uint8Array`));
  });

  it('keeps no view of what it must outlive', () => {
    const id = withPooled(HOST, (octets) => keyId(octets));
    expect(equalIdentification(id, keyId(HOST))).toBe(true);
    expectPlainOctets(id);
    const encoded = (payload: Uint8Array) => encodeUdp({ sourcePort: 1, destinationPort: 2, payload });
    expect(withPooled(HOST, encoded)).toEqual(encoded(HOST));
  });

  it('hands out plain octets for those of a pool', () => {
    const packet = encodeIpv4({ protocol: 17, source: HOST, destination: HOST, payload: new Uint8Array(200) });
    const packet6 = encodeIpv6({ ...IPV6, source: HOST6, destination: HOST6, payload: new Uint8Array(2000) });
    const pools = [Buffer.from(packet), Buffer.from(packet6)] as const;
    expectPlainOctets([
      icmpOriginal(pools[0]),
      fragmentIpv4(pools[0], 1500),
      fragmentIpv4(pools[0], 100),
      fragmentIpv6(pools[1], 1280, 1),
      fragmentIpv6(pools[1], 9000, 1),
      new Reassembler().accept(instant(0), pools[0]),
      splitMessages(Buffer.from(encodeMessage(HEADER, [{ kind: 'nonce', data: HOST }]))),
    ]);
    expect(checksum(pools[0], 0, 20)).toBe(0);
  });

  it.each([
    [
      'IPv4',
      (octets: Uint8Array) => fragmentIpv4(octets, 700) ?? [],
      encodeIpv4({ protocol: 17, source: HOST, destination: HOST, payload: new Uint8Array(3000).map((_, i) => i) }),
    ],
    [
      'IPv6',
      (octets: Uint8Array) => fragmentIpv6(octets, 1280, 7),
      encodeIpv6({ ...IPV6, source: HOST6, destination: HOST6, payload: new Uint8Array(3000).map((_, i) => i) }),
    ],
  ] as const)(
    'puts fragments of %s together though the buffer of each is used again (regression: a Buffer’s slice is a view)',
    (_, fragment, packet) => {
      const reassembler = new Reassembler();
      const results = fragment(packet).map((piece) =>
        withPooled(piece, (octets) => reassembler.accept(instant(0), octets)),
      );
      expect(results.at(-1)).toEqual({ kind: 'whole', packet });
    },
  );
});
