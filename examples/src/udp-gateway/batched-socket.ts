import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface Received {
  readonly octets: Uint8Array;
  readonly from: RemoteInfo;
}

/** Room in the kernel for bursts. */
const BUFFER_OCTETS = 4 << 20;
const REOPEN_AFTER_MS = 500;

/**
 * A UDP socket that hands over what the kernel had queued as one batch: never waiting for a batch to fill. An error
 * closes the socket; it is opened anew, for a gateway outlives its network.
 */
export class BatchedSocket {
  readonly #address: string;
  readonly #port: number;
  readonly #receive: (batch: readonly Received[]) => void;
  readonly #failed: (error: Error) => void;
  #socket: Socket | undefined;
  #queued: Received[] = [];
  #closed = false;
  #unsent = 0;
  #allSent = (): void => {};

  constructor(
    address: string,
    port: number,
    receive: (batch: readonly Received[]) => void,
    failed: (error: Error) => void,
  ) {
    this.#address = address;
    this.#port = port;
    this.#receive = receive;
    this.#failed = failed;
  }

  /** Rejects when the address cannot be bound. Addresses are given as numbers: there is nothing to look up. */
  open(): Promise<void> {
    const [type, family] = isIPv6(this.#address) ? (['udp6', 6] as const) : (['udp4', 4] as const);
    const ipv6Only = family === 6;
    const socket = createSocket({ type, ipv6Only, lookup: (address, _options, found) => found(null, address, family) });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(this.#port, this.#address, () => {
        socket.off('error', reject);
        socket.on('error', (error) => this.#reopen(socket, error));
        socket.on('message', (octets, from) => this.#queue(octets, from));
        this.#enlargeBuffers(socket);
        this.#socket = socket;
        resolve();
      });
    });
  }

  /** What cannot be sent now is lost, as in any network: IKE repeats itself, and so does whoever is inside. */
  send(octets: Uint8Array, port: number, address: string): void {
    if (this.#socket === undefined) return;
    this.#unsent += 1;
    this.#socket.send(octets, port, address, (error) => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.#allSent();
      if (error !== null) this.#failed(error);
    });
  }

  /** Resolves when what was sent has left: a socket that closes forgets what it has not handed to the kernel. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#unsent > 0) {
      await new Promise<void>((resolve) => {
        this.#allSent = resolve;
      });
    }
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
  }

  #queue(octets: Uint8Array, from: RemoteInfo): void {
    if (this.#queued.length === 0) setImmediate(() => this.#deliver());
    this.#queued.push({ octets, from });
  }

  #deliver(): void {
    const batch = this.#queued;
    this.#queued = [];
    if (!this.#closed) this.#receive(batch);
  }

  #reopen(socket: Socket, error: Error): void {
    this.#failed(error);
    socket.close();
    this.#socket = undefined;
    const tryAgain = () => {
      if (this.#closed) return;
      this.open().catch((again: Error) => {
        this.#failed(again);
        setTimeout(tryAgain, REOPEN_AFTER_MS);
      });
    };
    setTimeout(tryAgain, REOPEN_AFTER_MS);
  }

  /** A kernel may allow less. */
  #enlargeBuffers(socket: Socket): void {
    try {
      socket.setRecvBufferSize(BUFFER_OCTETS);
      socket.setSendBufferSize(BUFFER_OCTETS);
    } catch {
      // The default works, with more loss under load.
    }
  }
}
