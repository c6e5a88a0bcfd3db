import { ip, parsePrefix, prefixContains } from '@espalier/wire';

/** An entry of the SPD: which packets, and what is done with them. What a member does not name, it takes. */
export interface ModelPolicy {
  readonly name: string;
  readonly action: 'protect' | 'bypass' | 'discard';
  /** Prefixes in text, of the side behind this gateway and of the other one. */
  readonly local?: string;
  readonly remote?: string;
  readonly protocol?: number;
}

/** Whether a policy takes a packet that leaves, or one that comes in (RFC 4301 §4.4.1). */
export function takes({ local, remote, protocol }: ModelPolicy, packet: Uint8Array, leaves: boolean): boolean {
  const source = ip.sourceOctets(packet, 0);
  const destination = ip.destinationOctets(packet, 0);
  const [ours, theirs] = leaves ? [source, destination] : [destination, source];
  return (
    contains(local, ours) &&
    contains(remote, theirs) &&
    (protocol === undefined || protocol === ip.protocol(packet, 0, packet.length))
  );
}

function contains(prefix: string | undefined, address: Uint8Array): boolean {
  return prefix === undefined || prefixContains(parsePrefix(prefix), address);
}
