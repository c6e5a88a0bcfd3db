import type { EspSuite } from '@espalier/crypto';
import { formatSecondsLeft } from './lifetime.ts';

/** `show services ipsec-vpn ipsec security-associations`: the SAs of one service set. */
export interface IpsecSecurityAssociationsView {
  readonly serviceSet: string;
  /** Those that have SAs. */
  readonly tunnels: readonly IpsecTunnelView[];
}

/** One term and its pairs of SAs. */
export interface IpsecTunnelView {
  readonly rule: string;
  readonly term: string;
  /** From 1, over all terms of the gateway. */
  readonly tunnelIndex: number;
  readonly localGateway: string;
  readonly remoteGateway: string;
  /** Octets, where it is configured. */
  readonly tunnelMtu?: number;
  /** What of the inner header the outer one has; else a ToS, and a TTL, of its own. Default: the ToS, and a TTL of 64. */
  readonly outerHeader?: { readonly tos: number | 'copy'; readonly ttl: number | 'copy' };
  /** For example `ipv4_subnet(any:0,[0..7]=10.1.12.0/24)`. */
  readonly localIdentity: string;
  readonly remoteIdentity: string;
  /** Inbound and outbound SA of each pair; the pair that sends comes first. */
  readonly securityAssociations: readonly IpsecSaView[];
}

/** One direction of a pair of SAs. */
export interface IpsecSaView {
  readonly direction: 'inbound' | 'outbound';
  readonly spi: number;
  /** Of ESP beneath AH; else 0. */
  readonly auxSpi: number;
  readonly mode: 'tunnel' | 'transport';
  readonly type: 'dynamic' | 'manual';
  readonly state: 'Installed' | 'Not installed';
  /** `BUNDLE` is AH around ESP. */
  readonly protocol: 'ESP' | 'AH' | 'BUNDLE';
  readonly authentication: string;
  readonly encryption: string;
  /** Seconds left until it is renewed; undefined of a manual SA. */
  readonly softLifetime: number | undefined;
  /** Seconds left until it is deleted; undefined of a manual SA. */
  readonly hardLifetime: number | undefined;
  /** Packets. */
  readonly replayWindow: number | 'off';
}

/** How much is told: Junos itself takes `brief` where nothing is said. */
export interface IpsecViewOptions {
  /** Default `detail`. */
  readonly level?: 'brief' | 'detail' | 'extensive';
  /** SPIs in hexadecimal. Default false. */
  readonly hex?: boolean;
}

/** The text that Junos prints, with a line feed after every line. */
export function formatIpsecSecurityAssociations(
  views: readonly IpsecSecurityAssociationsView[],
  { level = 'detail', hex = false }: IpsecViewOptions = {},
): string {
  return views.map((view) => formatServiceSet(view, { level, hex })).join('\n');
}

/** The cipher as Junos names it. */
export function encryptionName(suite: EspSuite): string {
  const { encryption, encryptionKeyOctets, icvOctets } = suite;
  if (encryption === 'null') return 'None';
  if (!encryption.startsWith('aes-')) return encryption;
  const name = encryption === 'aes-gcm' ? `${encryption}-${icvOctets}` : encryption;
  return `${name} (${encryptionKeyOctets * 8} bits)`;
}

function formatServiceSet(
  { serviceSet, tunnels }: IpsecSecurityAssociationsView,
  options: Required<IpsecViewOptions>,
): string {
  if (options.level === 'brief')
    return `${[`Service set: ${serviceSet}`, ...tunnels.flatMap((tunnel) => briefLines(tunnel, options))].join('\n')}\n`;
  return [`Service set: ${serviceSet}\n`, ...tunnels.map((tunnel) => formatTunnel(tunnel, options))].join('\n');
}

function briefLines(tunnel: IpsecTunnelView, { hex }: Required<IpsecViewOptions>): readonly string[] {
  return [
    ...gatewayLines(tunnel),
    ...(tunnel.tunnelMtu === undefined ? [] : [`  Tunnel MTU: ${tunnel.tunnelMtu}`]),
    ...saTable(tunnel.securityAssociations, hex),
  ];
}

/** One line for each SA, below the names of its columns. */
export function saTable(sas: readonly IpsecSaView[], hex: boolean): readonly string[] {
  const row = (direction: string, spi: string, auxSpi: string, mode: string, type: string, protocol: string) =>
    `    ${direction.padEnd(10)}${spi.padEnd(12)}${auxSpi.padEnd(12)}${mode.padEnd(11)}${type.padEnd(9)}${protocol}`;
  return [
    row('Direction', 'SPI', 'AUX-SPI', 'Mode', 'Type', 'Protocol'),
    ...sas.map((sa) => row(sa.direction, spiText(sa.spi, hex), spiText(sa.auxSpi, hex), sa.mode, sa.type, sa.protocol)),
  ];
}

function formatTunnel(tunnel: IpsecTunnelView, { level, hex }: Required<IpsecViewOptions>): string {
  const heading = [
    ...gatewayLines(tunnel),
    ...(level === 'extensive' ? redundancyLines(tunnel) : []),
    `  Local identity: ${tunnel.localIdentity}`,
    `  Remote identity: ${tunnel.remoteIdentity}`,
  ];
  const more = level === 'extensive' ? outerHeaderLines(tunnel) : [];
  const sas = tunnel.securityAssociations.map((sa) => [...saLines(sa, hex), ...(sa.mode === 'tunnel' ? more : [])]);
  return [heading, ...sas].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function gatewayLines({ rule, term, tunnelIndex, localGateway, remoteGateway }: IpsecTunnelView): readonly string[] {
  return [
    `  Rule: ${rule}, Term: ${term}, Tunnel index: ${tunnelIndex}`,
    `  Local gateway: ${localGateway}, Remote gateway: ${remoteGateway}`,
  ];
}

/** There is one remote gateway, which is never changed for another. */
function redundancyLines({ remoteGateway }: IpsecTunnelView): readonly string[] {
  return [`  Primary remote gateway: ${remoteGateway}, State: Active`, '  Failover counter: 0'];
}

function spiText(spi: number, hex: boolean): string {
  return hex ? `0x${spi.toString(16)}` : String(spi);
}

/** One SA in detail, without an empty line. */
export function saLines(sa: IpsecSaView, hex = false): readonly string[] {
  return [
    `    Direction: ${sa.direction}, SPI: ${spiText(sa.spi, hex)}, AUX-SPI: ${spiText(sa.auxSpi, hex)}`,
    `    Mode: ${sa.mode}, Type: ${sa.type}, State: ${sa.state}`,
    `    Protocol: ${sa.protocol}, Authentication: ${sa.authentication}, Encryption: ${sa.encryption}`,
    ...lifetime('Soft', sa.softLifetime),
    ...lifetime('Hard', sa.hardLifetime),
    sa.replayWindow === 'off'
      ? '    Anti-replay service: Disabled'
      : `    Anti-replay service: Enabled, Replay window size: ${sa.replayWindow}`,
  ];
}

function outerHeaderLines({
  outerHeader: { tos, ttl } = { tos: 'copy', ttl: 64 },
}: IpsecTunnelView): readonly string[] {
  return [
    `    Copy ToS: ${tos === 'copy' ? 'Enabled, ToS value: 0' : `Disabled, ToS value: ${tos}`}`,
    `    Copy TTL: ${ttl === 'copy' ? 'Enabled, TTL value: 64' : `Disabled, TTL value: ${ttl}`}`,
  ];
}

function lifetime(which: 'Soft' | 'Hard', left: number | undefined): readonly string[] {
  return left === undefined ? [] : [`    ${which} lifetime: ${formatSecondsLeft(left)}`];
}
