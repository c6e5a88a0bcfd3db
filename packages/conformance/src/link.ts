import type { Endpoint, Transmit } from '@espalier/ike';
import { type DatagramSocket, dgramSocket } from '@espalier/node';
import { NAT_TRAVERSAL_PORT } from '@espalier/wire';
import { hasNatTraversal, type KnownTarget } from './target.ts';

/** The port of IKE at an address of this machine, and that of NAT traversal beside it where this is spoken. */
export class Link {
  /** What to do with a datagram. */
  received: (from: Endpoint, to: Endpoint, octets: Uint8Array) => void = () => {};
  /** What the system last said of a datagram that could not be sent. */
  fault: Error | undefined;
  readonly #sockets: DatagramSocket[] = [];

  private constructor() {}

  /** Rejects where a port is not to be had, and then leaves none open. */
  static async open(target: KnownTarget): Promise<Link> {
    const { address, port } = target.local;
    const link = new Link();
    try {
      for (const one of hasNatTraversal(target) ? [port, NAT_TRAVERSAL_PORT] : [port]) await link.#open(address, one);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  /** Where IKE is, with the port that it has. */
  get local(): Endpoint {
    const [first] = this.#sockets;
    if (first === undefined) throw new Error('the link is closed');
    return first.local;
  }

  send({ source, destination, octets }: Transmit): void {
    const socket = this.#sockets.find(({ local }) => local.port === source.port);
    socket?.send(destination, octets, 0, octets.length);
    socket?.flush();
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map((socket) => socket.close()));
  }

  async #open(address: string, port: number): Promise<void> {
    const socket = await dgramSocket(
      { address, port },
      {
        receive: (batch) => {
          for (const { from, octets } of batch) this.received(from, socket.local, octets);
        },
        failed: (error) => {
          this.fault = error;
        },
      },
    );
    this.#sockets.push(socket);
  }
}
