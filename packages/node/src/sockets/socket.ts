import type { Endpoint } from '@espalier/ike';

/** The payload of a datagram that came; its octets may be a view that is valid during the call alone. */
export interface Received {
  readonly from: Endpoint;
  readonly octets: Uint8Array;
}

/** Who has a socket. */
export interface SocketOwner {
  /** Takes what the kernel had queued, in order. */
  receive(batch: readonly Received[]): void;
  /** A datagram could not be sent, or the socket is not usable for a while. Who is told may send. */
  failed(error: Error): void;
}

/** A UDP socket that is bound to one address and port. */
export interface DatagramSocket {
  /** With the port that it has, also where any was asked for. */
  readonly local: Endpoint;
  /** Sends, at the latest with `flush`, until which the octets stay as they are. What cannot be sent is lost, as in any network. */
  send(to: Endpoint, memory: Uint8Array, offset: number, length: number): void;
  flush(): void;
  /** Resolves when what was sent has left, and the port is free. */
  close(): Promise<void>;
}

/** Opens a socket. Rejects when the address cannot be bound; port 0 is any that is free. */
export type OpenSocket = (local: Endpoint, owner: SocketOwner) => Promise<DatagramSocket>;
