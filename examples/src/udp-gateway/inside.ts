import { BatchedSocket } from './batched-socket.ts';
import type { EchoHost } from './echo-host.ts';
import type { TunPorts } from './options.ts';

/** What is behind the gateway. */
export interface Inside {
  /** `send` takes inner packets for the tunnel. */
  open(send: (packets: readonly Uint8Array[]) => void): Promise<void>;
  /** Takes an inner packet from the tunnel, and the interface that it is for; the answer goes back into it. */
  deliver(packet: Uint8Array, insideInterface?: string): Uint8Array | undefined;
  close(): Promise<void>;
}

/** A program on loopback that has a TUN: one datagram is one inner packet. */
export class TunRelay implements Inside {
  readonly #ports: TunPorts;
  readonly #failed: (error: Error) => void;
  #socket: BatchedSocket | undefined;

  constructor(ports: TunPorts, failed: (error: Error) => void) {
    this.#ports = ports;
    this.#failed = failed;
  }

  async open(send: (packets: readonly Uint8Array[]) => void): Promise<void> {
    const receive = (batch: readonly { octets: Uint8Array }[]): void => send(batch.map(({ octets }) => octets));
    this.#socket = new BatchedSocket('127.0.0.1', this.#ports.from, receive, this.#failed);
    await this.#socket.open();
  }

  deliver(packet: Uint8Array): undefined {
    this.#socket?.send(packet, this.#ports.to, '127.0.0.1');
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }
}

/** No network behind the gateway: a host that answers ICMP echo. */
export class EchoInside implements Inside {
  readonly #host: EchoHost;

  constructor(host: EchoHost) {
    this.#host = host;
  }

  async open(): Promise<void> {}

  deliver(packet: Uint8Array): Uint8Array | undefined {
    return this.#host.answer(packet);
  }

  async close(): Promise<void> {}
}
