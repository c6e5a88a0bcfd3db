import { type DatagramSocket, dgramSocket, type Inside, type InsideDoor } from '@espalier/node';

const LOOPBACK = '127.0.0.1';

/** UDP ports on loopback: inner packets come to `from`, and are sent to `to`. */
export interface RelayPorts {
  readonly from: number;
  readonly to: number;
}

/** A program on loopback that has a TUN: one datagram is one inner packet. */
export class TunRelay implements Inside {
  readonly #ports: RelayPorts;
  #socket: DatagramSocket | undefined;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
  }

  async open(door: InsideDoor): Promise<void> {
    this.#socket = await dgramSocket(
      { address: LOOPBACK, port: this.#ports.from },
      { receive: (batch) => door.send(batch.map(({ octets }) => octets)), failed: (error) => door.failed(error) },
    );
  }

  deliver({ memory, offset, length }: Parameters<Inside['deliver']>[0]): void {
    this.#socket?.send({ address: LOOPBACK, port: this.#ports.to }, memory, offset, length);
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }
}
