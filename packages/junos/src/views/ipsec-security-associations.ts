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
  readonly auxSpi: 0;
  readonly mode: 'tunnel';
  readonly type: 'dynamic' | 'manual';
  readonly state: 'Installed' | 'Not installed';
  readonly protocol: 'ESP';
  readonly authentication: string;
  readonly encryption: string;
  /** Seconds left until it is renewed; undefined of a manual SA. */
  readonly softLifetime: number | undefined;
  /** Seconds left until it is deleted; undefined of a manual SA. */
  readonly hardLifetime: number | undefined;
  /** Packets. */
  readonly replayWindow: number | 'off';
}

/** The text that Junos prints for `detail`, with a line feed after every line. */
export function formatIpsecSecurityAssociations(views: readonly IpsecSecurityAssociationsView[]): string {
  return views.map(formatServiceSet).join('\n');
}

/** The cipher as Junos names it. */
export function encryptionName(suite: EspSuite): string {
  const { encryption, encryptionKeyOctets, icvOctets } = suite;
  if (!encryption.startsWith('aes-')) return encryption;
  const name = encryption === 'aes-gcm' ? `${encryption}-${icvOctets}` : encryption;
  return `${name} (${encryptionKeyOctets * 8} bits)`;
}

function formatServiceSet({ serviceSet, tunnels }: IpsecSecurityAssociationsView): string {
  return [`Service set: ${serviceSet}\n`, ...tunnels.map(formatTunnel)].join('\n');
}

function formatTunnel(tunnel: IpsecTunnelView): string {
  const heading = [
    `  Rule: ${tunnel.rule}, Term: ${tunnel.term}, Tunnel index: ${tunnel.tunnelIndex}`,
    `  Local gateway: ${tunnel.localGateway}, Remote gateway: ${tunnel.remoteGateway}`,
    `  Local identity: ${tunnel.localIdentity}`,
    `  Remote identity: ${tunnel.remoteIdentity}`,
  ];
  return [heading, ...tunnel.securityAssociations.map(saLines)].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function saLines(sa: IpsecSaView): readonly string[] {
  const lines = [
    `    Direction: ${sa.direction}, SPI: ${sa.spi}, AUX-SPI: ${sa.auxSpi}`,
    `    Mode: ${sa.mode}, Type: ${sa.type}, State: ${sa.state}`,
    `    Protocol: ${sa.protocol}, Authentication: ${sa.authentication}, Encryption: ${sa.encryption}`,
    ...lifetime('Soft', sa.softLifetime),
    ...lifetime('Hard', sa.hardLifetime),
  ];
  if (sa.replayWindow === 'off') return [...lines, '    Anti-replay service: Disabled'];
  return [...lines, `    Anti-replay service: Enabled, Replay window size: ${sa.replayWindow}`];
}

function lifetime(which: 'Soft' | 'Hard', left: number | undefined): readonly string[] {
  return left === undefined ? [] : [`    ${which} lifetime: ${formatSecondsLeft(left)}`];
}
