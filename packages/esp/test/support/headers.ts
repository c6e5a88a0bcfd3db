import { concat, encodeIpv4, encodeIpv6, fromHex, ipv4, parseAddress, writeU16 } from '@espalier/wire';

/** Headers of an IP packet up to where ESP or AH goes, and how to make a packet of them. */
export interface Headers {
  readonly name: string;
  readonly family: 4 | 6;
  /** With neither the length nor what follows filled in. */
  readonly octets: Uint8Array;
  /** Where the octet is that says what follows. */
  readonly nextAt: number;
}

/** The packet that these headers and this payload make, every length and checksum computed anew. */
export function packetOf({ family, octets, nextAt }: Headers, protocol: number, payload: Uint8Array): Uint8Array {
  const packet = concat(octets, payload);
  packet[nextAt] = protocol;
  if (family === 4) {
    ipv4.setTotalLength(packet, 0, packet.length);
    ipv4.setHeaderChecksum(packet, 0);
  } else {
    writeU16(packet, 4, packet.length - 40);
  }
  return packet;
}

export const ADDRESSES_4 = { source: parseAddress('10.1.12.2'), destination: parseAddress('10.1.56.1') };
export const ADDRESSES_6 = { source: parseAddress('2001:db8::1'), destination: parseAddress('2001:db8::2') };

const HOP_BY_HOP = 0;
const ROUTING = 43;
const DESTINATION = 60;

/** Each extension header without its next header: router alert, padding, a segment left to visit. */
const EXTENSIONS: Readonly<Record<number, string>> = {
  [HOP_BY_HOP]: '000502000001 00'.replaceAll(' ', ''),
  [ROUTING]: `0200010000000020010db8${'00'.repeat(11)}07`,
  [DESTINATION]: '00010400000000',
};

/** Every shape of headers that ESP goes behind, of both families (RFC 4303 §3.1.1). */
export const HEADERS: readonly Headers[] = [
  headers4('IPv4', ''),
  headers4('IPv4 with options', '9404000001010100'),
  headers4('IPv4 with all the options that fit', `0727${'04'.padEnd(74, '0')}00`),
  headers6('IPv6', []),
  headers6('IPv6 with hop-by-hop options', [HOP_BY_HOP]),
  headers6('IPv6 with a routing header', [ROUTING]),
  headers6('IPv6 with hop-by-hop and destination options and a routing header', [HOP_BY_HOP, DESTINATION, ROUTING]),
];

function headers4(name: string, options: string): Headers {
  const octets = encodeIpv4({
    ...ADDRESSES_4,
    tos: 0x2a,
    identification: 0x1234,
    dontFragment: true,
    ttl: 61,
    protocol: 0,
    options: fromHex(options),
    payload: new Uint8Array(0),
  });
  return { name, family: 4, octets, nextAt: 9 };
}

function headers6(name: string, extensions: readonly number[]): Headers {
  const payload = extensions.map((_, i) =>
    Uint8Array.of(extensions[i + 1] ?? 0, ...fromHex(EXTENSIONS[extensions[i] ?? 0] ?? '')),
  );
  const octets = encodeIpv6({
    ...ADDRESSES_6,
    trafficClass: 0x2a,
    flowLabel: 0x12345,
    nextHeader: extensions[0] ?? 0,
    hopLimit: 61,
    payload: concat(...payload),
  });
  const last = payload.at(-1);
  return { name, family: 6, octets, nextAt: last === undefined ? 6 : octets.length - last.length };
}
