import { formatAddress, ip, PROTOCOL, readU16 } from '@espalier/wire';
import { type Cursor, decimal, hex16, named, type Show } from './cursor.ts';

const protocol: Show = named(PROTOCOL);

/** An IP packet of either family with what it carries, as far as it is of use to look at (RFC 791, RFC 8200). */
export function ipPacket(at: Cursor): void {
  const octets = ip.packetOctets(at.octets, at.at, at.end - at.at);
  const payload = octets < 0 ? -1 : ip.payloadAt(at.octets, at.at, octets);
  if (payload < 0) {
    at.rest('no whole IP packet');
    return;
  }
  const start = at.at;
  const next = ip.protocol(at.octets, start, octets);
  ipHeader(at, payload);
  const end = Math.min(at.end, start + octets);
  const isFirst = !isLaterFragment(at.octets, start);
  at.group(isFirst ? transportName(next) : 'Fragment', end - at.at, `${end - at.at} octets`, (inner) =>
    isFirst ? transport(inner, next) : inner.rest('Octets'),
  );
  if (at.left > 0) at.rest('Behind the packet');
}

/** The header alone: `to` is where what it carries begins. */
export function ipHeader(at: Cursor, to: number): void {
  const version = ip.version(at.octets, at.at);
  const [source, destination] = [ip.sourceOctets(at.octets, at.at), ip.destinationOctets(at.octets, at.at)].map(
    formatAddress,
  );
  at.group(`IPv${version}`, to - at.at, `${source} > ${destination}`, version === 4 ? ipv4Fields : ipv6Fields);
}

function ipv4Fields(at: Cursor): void {
  at.number('Version, header length', 1, (value) => `${value >> 4}, ${(value & 15) * 4} octets`);
  at.number('DSCP, ECN', 1, (value) => `${value >> 2}, ${value & 3}`);
  at.number('Total length', 2);
  at.number('Identification', 2, hex16);
  at.number('Flags, fragment offset', 2, (value) => {
    const flags = [...(value & 0x4000 ? ["don't fragment"] : []), ...(value & 0x2000 ? ['more fragments'] : [])];
    return `${flags.length === 0 ? 'none' : flags.join(' and ')}, ${(value & 0x1fff) * 8}`;
  });
  at.number('Time to live', 1);
  at.number('Protocol', 1, protocol);
  at.number('Header checksum', 2, hex16);
  at.some('Source', 4, formatAddress);
  at.some('Destination', 4, formatAddress);
  at.rest('Options');
}

function ipv6Fields(at: Cursor): void {
  at.number('Version, class, flow label', 4, (value) => {
    const traffic = Math.floor(value / 2 ** 20) & 255;
    return `6, ${traffic}, 0x${(value % 2 ** 20).toString(16).padStart(5, '0')}`;
  });
  at.number('Payload length', 2);
  at.number('Next header', 1, protocol);
  at.number('Hop limit', 1);
  at.some('Source', 16, formatAddress);
  at.some('Destination', 16, formatAddress);
  at.rest('Extension headers');
}

function isLaterFragment(octets: Uint8Array, at: number): boolean {
  return ip.version(octets, at) === 4 && (readU16(octets, at + 6) & 0x1fff) !== 0;
}

function transportName(next: number): string {
  const name = named(PROTOCOL)(next);
  return /^[a-z]/.test(name) ? name.replace(/ .*/, '').toUpperCase() : `Protocol ${name}`;
}

/** What an inner packet carries. */
export function transport(at: Cursor, next: number): void {
  switch (next) {
    case PROTOCOL.udp:
      udpHeader(at);
      at.rest('Data');
      return;
    case PROTOCOL.tcp:
      tcp(at);
      return;
    case PROTOCOL.icmp:
    case PROTOCOL.icmpv6:
      icmp(at, next === PROTOCOL.icmp ? ICMP_TYPES : ICMPV6_TYPES);
      return;
    case PROTOCOL.ipip:
    case PROTOCOL.ipv6:
      ipPacket(at);
      return;
    default:
      at.rest('Data');
  }
}

export function udpHeader(at: Cursor): void {
  at.number('Source port', 2);
  at.number('Destination port', 2);
  at.number('Length', 2);
  at.number('Checksum', 2, (value) => (value === 0 ? 'none' : hex16(value)));
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;

function tcp(at: Cursor): void {
  at.number('Source port', 2);
  at.number('Destination port', 2);
  at.number('Sequence number', 4);
  at.number('Acknowledgement', 4);
  const offset = at.number('Data offset, flags', 2, (value) => {
    const flags = TCP_FLAGS.filter((_, bit) => (value & (1 << bit)) !== 0);
    return `${(value >> 12) * 4} octets, ${flags.join(' ')}`;
  });
  at.number('Window', 2);
  at.number('Checksum', 2, hex16);
  at.number('Urgent pointer', 2);
  if (offset !== undefined && offset >> 12 > 5) at.some('Options', (offset >> 12) * 4 - 20);
  at.rest('Data');
}

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'destination unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
};
const ICMPV6_TYPES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
};

function icmp(at: Cursor, types: Readonly<Record<number, string>>): void {
  const type = at.number('Type', 1, (value) => `${types[value] ?? 'type'} (${value})`);
  at.number('Code', 1, decimal);
  at.number('Checksum', 2, hex16);
  if (types[type ?? -1]?.startsWith('echo') === true) {
    at.number('Identifier', 2, hex16);
    at.number('Sequence number', 2);
  }
  at.rest('Data');
}
