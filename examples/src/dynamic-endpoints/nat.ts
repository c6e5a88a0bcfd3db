import { decodeIpv4, decodeUdp, encodeIpv4, encodeUdp, ipv4, PROTOCOL } from '@espalier/wire';
import { type Address, toOctets } from '../routers/address.ts';
import type { Attachment } from '../routers/link.ts';

/** The ports that it gives away begin here. */
const FIRST_PORT = 20_001;

interface Flow {
  readonly address: Address;
  readonly port: number;
}

/**
 * A NAT with one address for all who are behind it: each flow of UDP gets a port of its own, and nothing else passes.
 */
export class Nat {
  readonly #address: Address;
  /** By the port that stands for it outside, counted from the first. */
  readonly #flows: Flow[] = [];

  constructor(inside: Attachment, outside: Attachment, address: Address) {
    this.#address = address;
    inside.receiver = (packet) => pass(this.#outwards(packet), outside);
    outside.receiver = (packet) => pass(this.#inwards(packet), inside);
  }

  #outwards(packet: Uint8Array): Uint8Array | undefined {
    if (ipv4.protocol(packet, 0) !== PROTOCOL.udp) return undefined;
    const address = ipv4.source(packet, 0);
    const { sourcePort: port } = decodeUdp(decodeIpv4(packet).payload);
    const known = this.#flows.findIndex((flow) => flow.address === address && flow.port === port);
    const at = known < 0 ? this.#flows.push({ address, port }) - 1 : known;
    return rewritten(packet, { source: this.#address, sourcePort: FIRST_PORT + at });
  }

  #inwards(packet: Uint8Array): Uint8Array | undefined {
    if (ipv4.protocol(packet, 0) !== PROTOCOL.udp || ipv4.destination(packet, 0) !== this.#address) return undefined;
    const flow = this.#flows[decodeUdp(decodeIpv4(packet).payload).destinationPort - FIRST_PORT];
    return flow && rewritten(packet, { destination: flow.address, destinationPort: flow.port });
  }
}

function pass(packet: Uint8Array | undefined, attachment: Attachment): void {
  if (packet !== undefined) attachment.send(packet);
}

interface Ends {
  readonly source?: Address;
  readonly destination?: Address;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** One hop further, from or to elsewhere. ESP in UDP over IPv4 has no checksum (RFC 3948 §2.1). */
function rewritten(packet: Uint8Array, { source, destination, ...ports }: Ends): Uint8Array {
  const ip = decodeIpv4(packet);
  const { sourcePort, destinationPort, payload } = decodeUdp(ip.payload);
  return encodeIpv4({
    ...ip,
    ttl: ip.ttl - 1,
    ...(source !== undefined && { source: toOctets(source) }),
    ...(destination !== undefined && { destination: toOctets(destination) }),
    payload: encodeUdp({ sourcePort, destinationPort, ...ports, payload }),
  });
}
