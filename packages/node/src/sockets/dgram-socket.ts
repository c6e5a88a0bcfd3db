import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '@espalier/ike';
import type { DatagramSocket, OpenSocket, Received, SocketOwner } from './socket.ts';

/** Room in the kernel for bursts. */
const BUFFER_OCTETS = 4 << 20;
const REOPEN_AFTER_MS = 500;

/** Sockets of `node:dgram`: on every platform that Node has. */
export const dgramSocket: OpenSocket = async (local, owner) => {
  const socket = new DgramSocket(local, owner);
  await socket.open();
  return socket;
};

/**
 * A socket that hands over what the kernel had queued as one batch: never waiting for a batch to fill. An error closes
 * it; it is opened anew, for a gateway outlives its network.
 */
class DgramSocket implements DatagramSocket {
  readonly #owner: SocketOwner;
  #local: Endpoint;
  #socket: Socket | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #queued: Received[] = [];
  #closing: Promise<void> | undefined;
  #unsent = 0;
  #allSent = (): void => {};

  constructor(local: Endpoint, owner: SocketOwner) {
    this.#local = local;
    this.#owner = owner;
  }

  get local(): Endpoint {
    return this.#local;
  }

  /** Addresses are given as numbers: there is nothing to look up. */
  open(): Promise<void> {
    const { address, port } = this.#local;
    const [type, family] = isIPv6(address) ? (['udp6', 6] as const) : (['udp4', 4] as const);
    const ipv6Only = family === 6;
    const socket = createSocket({ type, ipv6Only, lookup: (name, _options, found) => found(null, name, family) });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind(port, address, () => {
        socket.removeAllListeners('error');
        if (this.#closing !== undefined) {
          socket.close(() => resolve());
          return;
        }
        socket.on('error', (error) => this.#reopen(socket, error));
        socket.on('message', (octets, from) => this.#queue(octets, from));
        enlargeBuffers(socket);
        this.#local = { address, port: socket.address().port };
        this.#socket = socket;
        resolve();
      });
    });
  }

  /** Node sends when it can, so it is given a copy. */
  send(to: Endpoint, memory: Uint8Array, offset: number, length: number): void {
    if (this.#socket === undefined || this.#closing !== undefined) return;
    this.#unsent += 1;
    const octets = Uint8Array.from(memory.subarray(offset, offset + length));
    this.#socket.send(octets, to.port, to.address, (error) => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.#allSent();
      if (error !== null) this.#owner.failed(error);
    });
  }

  flush(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A socket that closes forgets what it has not handed to the kernel. */
  async #close(): Promise<void> {
    clearTimeout(this.#reopening);
    if (this.#unsent > 0) {
      await new Promise<void>((resolve) => {
        this.#allSent = resolve;
      });
    }
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
  }

  #queue(octets: Uint8Array, { address, port }: RemoteInfo): void {
    if (this.#queued.length === 0) setImmediate(() => this.#deliver());
    this.#queued.push({ octets, from: { address: withoutZone(address), port } });
  }

  #deliver(): void {
    const batch = this.#queued;
    this.#queued = [];
    if (this.#closing === undefined) this.#owner.receive(batch);
  }

  #reopen(socket: Socket, error: Error): void {
    socket.close();
    this.#socket = undefined;
    const tryAgain = (): void => {
      this.open().catch((again: Error) => {
        later();
        this.#owner.failed(again);
      });
    };
    const later = (): void => {
      if (this.#closing === undefined) this.#reopening = setTimeout(tryAgain, REOPEN_AFTER_MS);
    };
    later();
    this.#owner.failed(error);
  }
}

/** Of a link-local address of IPv6 the kernel says on which link it is, which an address does not. */
function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.substring(0, zone);
}

/** A kernel may allow less. */
function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_OCTETS);
    socket.setSendBufferSize(BUFFER_OCTETS);
  } catch {
    // The default works, with more loss under load.
  }
}
