import { ipv4, PROTOCOL } from '@espalier/wire';

const NAMES: ReadonlyMap<number, string> = new Map([
  [PROTOCOL.icmp, 'ICMP'],
  [PROTOCOL.udp, 'UDP'],
  [PROTOCOL.ospf, 'OSPF'],
  [PROTOCOL.esp, 'ESP'],
  [PROTOCOL.ah, 'AH'],
  [4, 'IPv4'],
]);

/** What is in an IPv4 packet, as far as anybody on the link can tell: `ESP`, `AH, IPv4`, `AH, ESP`, or `OSPF`. */
export function kindOf(packet: Uint8Array): string {
  const protocol = ipv4.protocol(packet, 0);
  if (protocol !== PROTOCOL.ah) return nameOf(protocol);
  return `${nameOf(protocol)}, ${nameOf(packet[ipv4.headerOctets(packet, 0)] ?? 0)}`;
}

function nameOf(protocol: number): string {
  return NAMES.get(protocol) ?? `protocol ${protocol}`;
}
