import { createSocket, type Socket } from 'node:dgram';
import type { Endpoint, Transmit } from '@espalier/ike';

const PORTS = [500, 4500] as const;

/** Both ports of IKE at an address of this machine. */
export class Link {
  /** What to do with a datagram. */
  received: (from: Endpoint, to: Endpoint, octets: Uint8Array) => void = () => {};
  readonly #sockets: ReadonlyMap<number, Socket>;

  private constructor(sockets: ReadonlyMap<number, Socket>) {
    this.#sockets = sockets;
  }

  /** @throws Error where a port is not free. */
  static async open(local: string): Promise<Link> {
    const sockets = new Map<number, Socket>();
    const link = new Link(sockets);
    for (const port of PORTS) {
      const socket = createSocket(local.includes(':') ? 'udp6' : 'udp4');
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, local, () => {
          socket.off('error', reject);
          resolve();
        });
      });
      // What a router says of a datagram that did not arrive: the peer is silent, and that is seen.
      socket.on('error', () => {});
      socket.on('message', (octets, { address, port: from }) => {
        link.received({ address, port: from }, { address: local, port }, octets);
      });
      sockets.set(port, socket);
    }
    return link;
  }

  send({ source, destination, octets }: Transmit): void {
    this.#sockets.get(source.port)?.send(octets, destination.port, destination.address, () => {});
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }
}
