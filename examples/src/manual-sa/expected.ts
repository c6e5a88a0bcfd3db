import type { IpsecStatisticsView } from '@espalier/junos';
import { DOCUMENTED_HOPS, firstDifference } from '../four-routers/document.ts';
import type { Evidence, GatewayViews, Part } from './evidence.ts';
import type { Strangers } from './scenario.ts';

/** What Junos shows of the SAs of one direction. */
interface ExpectedSa {
  readonly spi: number;
  readonly auxSpi?: number;
}

interface ExpectedTunnel {
  /** What the names of service set, rule and term end with. */
  readonly name: string;
  readonly protocol: string;
  readonly algorithms: string;
  /** Of R2; those of R3 are the other way round. */
  readonly inbound: ExpectedSa;
  readonly outbound: ExpectedSa;
  /** What the packets of the tunnel are on the link. */
  readonly kind: string;
  readonly counted: readonly ('esp' | 'ah')[];
}

const TUNNELS: Record<Exclude<Part, 'ospf'>, ExpectedTunnel> = {
  esp: {
    name: 'BiEspshades',
    protocol: 'ESP',
    algorithms: 'Authentication: hmac-sha1-96, Encryption: des-cbc',
    inbound: { spi: 261 },
    outbound: { spi: 261 },
    kind: 'ESP',
    counted: ['esp'],
  },
  ah: {
    name: 'BiAhsha',
    protocol: 'AH',
    algorithms: 'Authentication: hmac-sha1-96, Encryption: None',
    inbound: { spi: 400 },
    outbound: { spi: 400 },
    kind: 'AH, IPv4',
    counted: ['ah'],
  },
  bundle: {
    name: 'BundleAhshaEspaes',
    protocol: 'BUNDLE',
    algorithms: 'Authentication: hmac-sha1-96, Encryption: aes-cbc (128 bits)',
    inbound: { spi: 500, auxSpi: 501 },
    outbound: { spi: 600, auxSpi: 601 },
    kind: 'AH, ESP',
    counted: ['esp', 'ah'],
  },
};

/** Everything in which a run differs from what Junos shows of such SAs; nothing if all is well. */
export function differences(evidence: Evidence): readonly string[] {
  const { part, pings, neighbors, r2, r3 } = evidence;
  return [
    ...pings.flatMap(({ from, to, sent, received }) =>
      sent > 0 && received === sent ? [] : [`ping from ${from} to ${to}: ${received} of ${sent} came back`],
    ),
    ...neighbors.flatMap(({ on, state }) => (state === '2-Way' ? [] : [`OSPF on ${on} is ${state}, not 2-Way`])),
    ...(part === 'ospf' ? ospfDifferences(evidence) : tunnelDifferences(TUNNELS[part], evidence, r2, r3)),
  ].map((difference) => `${part}: ${difference}`);
}

/** With keys of their own nobody is a neighbour, and what is refused is counted. */
export function strangersDifferences({ neighbors, refused }: Strangers): readonly string[] {
  return [
    ...neighbors.flatMap(({ on, state }) => (state === 'Down' ? [] : [`OSPF on ${on} is ${state} without the key`])),
    ...(neighbors.length === 2 ? [] : [`${neighbors.length} interfaces of OSPF have no key in common, not 2`]),
    ...(refused > 0 ? [] : ['R2 has refused nothing of what R3 has said']),
  ].map((difference) => `ospf: ${difference}`);
}

function tunnelDifferences(
  tunnel: ExpectedTunnel,
  { wire, traceroute }: Evidence,
  r2: GatewayViews,
  r3: GatewayViews,
): readonly string[] {
  const { inbound, outbound } = tunnel;
  return [
    ...textDifference('R2', detailOf(tunnel, '10.1.15.1', '10.1.15.2', inbound, outbound), r2.text.detail),
    ...textDifference('R3', detailOf(tunnel, '10.1.15.2', '10.1.15.1', outbound, inbound), r3.text.detail),
    ...textDifference('R2', briefOf(tunnel, '10.1.15.1', '10.1.15.2', inbound, outbound), r2.text.brief),
    ...countDifferences(tunnel, r2, r3),
    ...hopDifferences(traceroute),
    ...wireDifferences(wire, [tunnel.kind]),
  ];
}

function detailOf(
  { name, protocol, algorithms }: ExpectedTunnel,
  local: string,
  remote: string,
  inbound: ExpectedSa,
  outbound: ExpectedSa,
): string {
  const sa = (direction: string, { spi, auxSpi = 0 }: ExpectedSa) => `
    Direction: ${direction}, SPI: ${spi}, AUX-SPI: ${auxSpi}
    Mode: tunnel, Type: manual, State: Installed
    Protocol: ${protocol}, ${algorithms}
    Anti-replay service: Disabled
`;
  return `${headingOf(name, local, remote)}
  Local identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
  Remote identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
${sa('inbound', inbound)}${sa('outbound', outbound)}`;
}

function briefOf(
  { name, protocol }: ExpectedTunnel,
  local: string,
  remote: string,
  inbound: ExpectedSa,
  outbound: ExpectedSa,
): string {
  const row = (direction: string, { spi, auxSpi = 0 }: ExpectedSa) =>
    `    ${direction} ${spi} ${auxSpi} tunnel manual ${protocol}\n`;
  return `${headingOf(name, local, remote)}
    Direction SPI AUX-SPI Mode Type Protocol
${row('inbound', inbound)}${row('outbound', outbound)}`;
}

function headingOf(name: string, local: string, remote: string): string {
  return `Service set: service-set-manual-${name}
  Rule: rule-manual-SA-${name}, Term: term-manual-SA-${name}, Tunnel index: 1
  Local gateway: ${local}, Remote gateway: ${remote}`;
}

function textDifference(router: string, expected: string, found: string): readonly string[] {
  const difference = firstDifference(expected, found);
  return difference === undefined ? [] : [`${router}: the security associations have ${difference}`];
}

type Counter = Exclude<keyof IpsecStatisticsView, 'pic' | 'serviceSet'>;

const COUNTERS: Record<'esp' | 'ah', readonly (readonly [Counter, Counter])[]> = {
  esp: [
    ['espEncryptedPackets', 'espDecryptedPackets'],
    ['espEncryptedBytes', 'espDecryptedBytes'],
  ],
  ah: [
    ['ahOutputPackets', 'ahInputPackets'],
    ['ahOutputBytes', 'ahInputBytes'],
  ],
};

/** What one end has sent the other has received, by the protocols in use, and by no other. */
function countDifferences({ counted }: ExpectedTunnel, r2: GatewayViews, r3: GatewayViews): readonly string[] {
  const found: string[] = [];
  for (const protocol of ['esp', 'ah'] as const) {
    for (const [sent, received] of COUNTERS[protocol]) {
      const [out, back] = [sum(r2, sent), sum(r3, sent)];
      const isUsed = counted.includes(protocol);
      if (out > 0 !== isUsed || back > 0 !== isUsed) found.push(`${sent}: ${out} on R2, ${back} on R3`);
      if (out !== sum(r3, received))
        found.push(`R2's ${sent} (${out}) are not R3's ${received} (${sum(r3, received)})`);
      if (back !== sum(r2, received))
        found.push(`R3's ${sent} (${back}) are not R2's ${received} (${sum(r2, received)})`);
    }
  }
  return found;
}

function sum({ statistics }: GatewayViews, counter: Counter): number {
  return statistics.reduce((total, view) => total + view[counter], 0);
}

/** Nothing between R2 and R3 goes otherwise than protected. */
function wireDifferences(wire: Evidence['wire'], expected: readonly string[]): readonly string[] {
  return [
    ...[...wire.keys()].filter((kind) => !expected.includes(kind)).map((kind) => `there is ${kind} on the link`),
    ...expected.filter((kind) => !wire.has(kind)).map((kind) => `there is no ${kind} on the link`),
  ];
}

function hopDifferences(
  hops: Evidence['traceroute'],
  expected: readonly string[] = DOCUMENTED_HOPS,
): readonly string[] {
  const found = hops.map((hop) => hop.join('/') || '*').join(', ');
  return found === expected.join(', ') ? [] : [`traceroute from R4: ${found}, not ${expected.join(', ')}`];
}

/** Without a tunnel R2 and R3 are two hops like any others; OSPF alone is protected. */
function ospfDifferences({ wire, traceroute, r2, r3 }: Evidence): readonly string[] {
  return [
    ...textDifference('R2', OSPF, r2.text.ofProtocols),
    ...textDifference('R3', OSPF, r3.text.ofProtocols),
    ...hopDifferences(traceroute, ['10.1.56.1', '10.1.15.1', '10.1.12.2']),
    ...wireDifferences(wire, ['ESP', 'ICMP', 'UDP']),
  ];
}

const OSPF = `Security association: sa-ospf
${['inbound', 'outbound']
  .map(
    (direction) => `
    Direction: ${direction}, SPI: 256, AUX-SPI: 0
    Mode: transport, Type: manual, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: None
    Anti-replay service: Disabled
`,
  )
  .join('')}`;
