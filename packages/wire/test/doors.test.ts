import {
  checksum,
  classifyAtIkePort,
  classifyUdpEncapsulated,
  compareAddresses,
  decodePayloads,
  encodeHeader,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv6,
  encodeMessage,
  encodeUdp,
  equalIdentification,
  equalOctets,
  formatAddress,
  formatIdentification,
  fqdnId,
  fragmentIpv4,
  fragmentIpv6,
  fromAscii,
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
  userFqdnId,
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
  ['equalOctets', 'a', (a) => equalOctets(a, a)],
  ['equalOctets of a second', 'b', (b) => equalOctets(HOST, b)],
  ['formatAddress', 'octets', formatAddress],
  ['compareAddresses', 'a', (a) => compareAddresses(a, a)],
  ['compareAddresses with a second', 'b', (b) => compareAddresses(HOST, b)],
  ['encodeHeader', 'initiatorCookie', (initiatorCookie) => encodeHeader({ ...HEADER, initiatorCookie }, 0, 0)],
  ['prefixContains', 'address', (octets) => prefixContains(parsePrefix('10.0.0.0/8'), octets)],
  ['keyId', 'octets', keyId],
  ['classifyAtIkePort', 'octets', (octets) => classifyAtIkePort(octets)],
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

/** Every door that takes text or an object, and what it calls it. */
const OTHER_DOORS: readonly (readonly [string, string, (value: never) => unknown])[] = [
  ['fromAscii', 'text must be a string', fromAscii],
  ['fqdnId', 'text must be a string', fqdnId],
  ['userFqdnId', 'text must be a string', userFqdnId],
  ['formatIdentification', 'id must be an object', formatIdentification],
  ['encodeHeader', 'fields must be an object', (fields) => encodeHeader(fields, 0, 0)],
  ['encodeMessage', 'fields must be an object', (fields) => encodeMessage(fields, [])],
  ['encodeUdp', 'datagram must be an object', encodeUdp],
  ['encodeIcmp', 'message must be an object', encodeIcmp],
  [
    'encodeIcmpv6',
    'message must be an object',
    (message) => encodeIcmpv6(message, { source: HOST6, destination: HOST6 }),
  ],
];

describe('a door for text or an object', () => {
  it.each(OTHER_DOORS)('%s says what it wants of nothing: %s', (_, says, use) => {
    for (const value of [undefined, null, 5]) expect(() => use(value as never)).toThrow(new TypeError(says));
  });

  it.each(OTHER_DOORS.slice(0, 3))('%s takes no DataView for text', (_, says, use) => {
    expect(() => use(new DataView(new ArrayBuffer(4)) as never)).toThrow(new TypeError(says));
  });
});

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
