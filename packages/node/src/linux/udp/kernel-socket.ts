import type { Endpoint } from '@espalier/ike';
import type { DatagramSocket, OpenSocket, SocketOwner } from '../../sockets/socket.ts';
import { ERRNO, type Native, type Watch } from '../kernel/native.ts';
import { systemError } from '../kernel/system-error.ts';
import { SOL_UDP } from './message-headers.ts';
import { ReceiveQueue, UDP_GRO } from './receive-queue.ts';
import { SendQueue } from './send-queue.ts';
import { AF_INET6, decodeSocketAddress, encodeSocketAddress, SOCKET_ADDRESS_OCTETS } from './socket-address.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOL_SOCKET = 1;
/** Names of buffer sizes: what everybody may ask for, and what needs CAP_NET_ADMIN. */
const BUFFERS = [7, 8, 32, 33] as const;
const BUFFER_OCTETS = 4 << 20;

/** Datagrams that go to the owner at once: as many as a gateway has room for without copying. */
const BATCH = 128;

export interface KernelSocketOptions {
  /** Let the kernel cut and join datagrams (UDP_SEGMENT, UDP_GRO). Default true. */
  readonly segmentation?: boolean;
}

/** Sockets by `recvmmsg` and `sendmmsg`. */
export function kernelSockets(native: Native, { segmentation = true }: KernelSocketOptions = {}): OpenSocket {
  return async (local, owner) => new KernelSocket(native, local, owner, segmentation);
}

class KernelSocket implements DatagramSocket {
  readonly local: Endpoint;
  readonly #native: Native;
  readonly #owner: SocketOwner;
  readonly #fd: number;
  readonly #sending: SendQueue;
  readonly #receiving: ReceiveQueue;
  readonly #watch: Watch;
  #isClosed = false;

  /** @throws Error with the `code` of the system where the address cannot be bound. */
  constructor(native: Native, local: Endpoint, owner: SocketOwner, segmentation: boolean) {
    const fd = boundSocket(native, local, segmentation);
    this.#native = native;
    this.#owner = owner;
    this.#fd = fd;
    this.local = nameOf(native, fd, local);
    this.#sending = new SendQueue(native, fd, segmentation, (error) => owner.failed(error));
    this.#receiving = new ReceiveQueue(native, fd);
    this.#watch = native.watch(fd, (broken) => this.#receive(broken));
  }

  send(to: Endpoint, memory: Uint8Array, offset: number, length: number): void {
    if (!this.#isClosed) this.#sending.add(to, memory, offset, length);
  }

  flush(): void {
    if (!this.#isClosed) this.#sending.flush();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    await this.#watch.stop();
    this.#native.close(this.#fd);
  }

  /** An error of a socket of UDP is told once, by whichever call comes next, and it goes on. */
  #receive(broken: boolean): void {
    const received = this.#receiving.take();
    const errno = received === undefined ? this.#native.errno() : 0;
    if (broken) this.#watch.again();
    if (received === undefined) {
      if (errno !== ERRNO.EAGAIN && errno !== ERRNO.EINTR) this.#owner.failed(systemError('recvmmsg', errno));
      return;
    }
    for (let at = 0; at < received.length && !this.#isClosed; at += BATCH) {
      this.#owner.receive(received.length <= BATCH ? received : received.slice(at, at + BATCH));
    }
  }
}

function boundSocket(native: Native, local: Endpoint, segmentation: boolean): number {
  const name = encodeSocketAddress(local);
  const domain = name[0] ?? 0;
  const fd = native.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError('socket', native.errno());
  if (domain === AF_INET6) setOption(native, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // Where the kernel does not know it, or allows less, there is more to do and more is lost under load.
  if (segmentation) setOption(native, fd, SOL_UDP, UDP_GRO, 1);
  for (const buffer of BUFFERS) setOption(native, fd, SOL_SOCKET, buffer, BUFFER_OCTETS);
  if (native.bind(fd, name, name.length) === 0) return fd;
  const error = systemError('bind', native.errno());
  native.close(fd);
  throw Object.assign(error, { address: local.address, port: local.port });
}

function setOption(native: Native, fd: number, level: number, name: number, value: number): void {
  native.setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer), 4);
}

function nameOf(native: Native, fd: number, local: Endpoint): Endpoint {
  const name = new Uint8Array(SOCKET_ADDRESS_OCTETS);
  native.getsockname(fd, name, new Uint8Array(Int32Array.of(name.length).buffer));
  return { address: local.address, port: decodeSocketAddress(name).port };
}
