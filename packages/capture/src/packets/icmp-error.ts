import { ESP_HEADER_OCTETS, espSpi, PROTOCOL, readU16, readU32, UDP_HEADER_OCTETS } from '@espalier/wire';
import type { IcmpError } from './carried.ts';
import { seenIp } from './ip-header.ts';
import { endPoint, type Ports, portUse } from './ports.ts';

const ICMP_HEADER_OCTETS = 8;

/** Types that quote a packet (RFC 792; RFC 4443 §3), and what their codes say. */
const TYPES: Readonly<Record<4 | 6, Readonly<Record<number, readonly [string, Readonly<Record<number, string>>]>>>> = {
  4: {
    3: [
      'destination unreachable',
      {
        0: 'network',
        1: 'host',
        2: 'protocol',
        3: 'port',
        4: 'fragmentation needed',
        9: 'network prohibited',
        10: 'host prohibited',
        13: 'prohibited by a filter',
      },
    ],
    4: ['source quench', {}],
    5: ['redirect', {}],
    11: ['time exceeded', { 0: 'in transit', 1: 'of fragments' }],
    12: ['parameter problem', {}],
  },
  6: {
    1: [
      'destination unreachable',
      { 0: 'no route', 1: 'prohibited by a filter', 3: 'address', 4: 'port', 5: 'source address refused' },
    ],
    2: ['packet too big', {}],
    3: ['time exceeded', { 0: 'in transit', 1: 'of fragments' }],
    4: ['parameter problem', {}],
  },
};

/** What an ICMP message from `at` on says of a packet of IPsec; undefined where it quotes none. */
export function icmpError(
  version: 4 | 6,
  octets: Uint8Array,
  at: number,
  end: number,
  ports: Ports,
): IcmpError | undefined {
  const [type, code] = [octets[at] ?? 0, octets[at + 1] ?? 0];
  const known = TYPES[version][type];
  const quote = seenIp(octets, at + ICMP_HEADER_OCTETS, end);
  if (known === undefined || typeof quote === 'string') return undefined;
  const quoted = quotedOf(octets, quote.protocol, quote.payloadAt, end, ports);
  if (quoted === undefined) return undefined;
  const mtu = mtuOf(version, type, code, octets, at);
  const [what, codes] = known;
  const detail = codes[code] ?? (code === 0 ? undefined : `code ${code}`);
  return {
    text: `${what}${detail === undefined ? '' : `: ${detail}`}${mtu === undefined ? '' : `, MTU ${mtu}`}`,
    mtu,
    source: endPoint(quote.from, quoted.ports?.[0]),
    destination: endPoint(quote.to, quoted.ports?.[1]),
    quoted: quoted.kind,
    spi: quoted.spi,
  };
}

interface Quoted {
  readonly kind: IcmpError['quoted'];
  readonly ports?: readonly [number, number];
  readonly spi: number | undefined;
}

function quotedOf(octets: Uint8Array, protocol: number, at: number, end: number, ports: Ports): Quoted | undefined {
  if (protocol === PROTOCOL.esp) return { kind: 'esp', spi: at + 4 <= end ? espSpi(octets, at) : undefined };
  if (protocol === PROTOCOL.ah) return { kind: 'ah', spi: at + 8 <= end ? readU32(octets, at + 4) : undefined };
  if (protocol !== PROTOCOL.udp || at + 4 > end) return undefined;
  const pair = [readU16(octets, at), readU16(octets, at + 2)] as const;
  const use = portUse(ports, pair[0], pair[1]);
  if (use === undefined) return undefined;
  const inside = at + UDP_HEADER_OCTETS;
  if (inside + ESP_HEADER_OCTETS > end) return { kind: use === 'ike' ? 'isakmp' : 'udp', ports: pair, spi: undefined };
  const isEsp = use !== 'ike' && espSpi(octets, inside) !== 0;
  return { kind: isEsp ? 'esp' : 'isakmp', ports: pair, spi: isEsp ? espSpi(octets, inside) : undefined };
}

/** RFC 1191 §4, RFC 4443 §3.2. */
function mtuOf(version: 4 | 6, type: number, code: number, octets: Uint8Array, at: number): number | undefined {
  if (version === 6) return type === 2 ? readU32(octets, at + 4) : undefined;
  return type === 3 && code === 4 ? readU16(octets, at + 6) : undefined;
}
