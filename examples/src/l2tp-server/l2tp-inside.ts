import { DecodeError, decodeIpv4, decodeUdp, encodeIpv4, encodeUdp, PROTOCOL } from '@espalier/wire';
import type { ControlConnections } from './control-connections.ts';

export const L2TP_PORT = 1701;

/** What came out of transport mode, for those who watch. */
export interface HeardL2tp {
  readonly kind: 'l2tp';
  readonly caller: string;
  readonly type: number | undefined;
  /** Of UDP: a NAT changes the address that it covers, and the gateway mends it (RFC 3948 §3.1.2). */
  readonly checksum: string;
  readonly tunnel: number | undefined;
}

/** The L2TP server of the host that the gateway is: datagrams of the SAs in transport mode come to it, and no others. */
export class L2tpInside {
  readonly #connections: ControlConnections;
  readonly #heard: (what: HeardL2tp) => void;

  constructor(connections: ControlConnections, heard: (what: HeardL2tp) => void) {
    this.#connections = connections;
    this.#heard = heard;
  }

  /** Every caller has an interface of its own: behind one NAT they have the same address and port. */
  deliver(packet: Uint8Array, caller = ''): Uint8Array | undefined {
    try {
      return this.#answer(packet, caller);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  #answer(packet: Uint8Array, caller: string): Uint8Array | undefined {
    const { protocol, source, destination, payload } = decodeIpv4(packet);
    if (protocol !== PROTOCOL.udp) return undefined;
    const datagram = decodeUdp(payload, { source, destination });
    if (datagram.destinationPort !== L2TP_PORT || datagram.checksum === 'bad') return undefined;
    const { message, answer } = this.#connections.hear(caller, datagram.payload);
    const { checksum, sourcePort } = datagram;
    this.#heard({ kind: 'l2tp', caller, type: message?.type, checksum, tunnel: message?.assignedTunnel });
    if (answer === undefined) return undefined;
    const addresses = { source: destination, destination: source };
    const reply = encodeUdp({ sourcePort: L2TP_PORT, destinationPort: sourcePort, payload: answer }, addresses);
    return encodeIpv4({ ...addresses, protocol, payload: reply });
  }
}
