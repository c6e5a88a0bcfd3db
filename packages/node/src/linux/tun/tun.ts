import type { InsideView } from '@espalier/gateway';
import type { Inside, InsideDoor } from '../../inside.ts';
import { type Block, ERRNO, type Native, type Watch } from '../kernel/native.ts';
import { systemError } from '../kernel/system-error.ts';
import { JoinedSegments } from './joined-segments.ts';
import { Segments } from './segments.ts';
import { VIRTIO_HEADER_OCTETS } from './virtio.ts';

const PATH = '/dev/net/tun';
const O_RDWR = 2;
const O_NONBLOCK = 0x800;
const O_CLOEXEC = 0x80000;

const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
/** Checksums, TCP over IPv4 and IPv6. */
const TCP_OFFLOADS = 0x01 | 0x02 | 0x04;
/** UDP over both, since Linux 6.2. */
const UDP_OFFLOADS = 0x20 | 0x40;

/** `struct ifreq`. */
const INTERFACE_REQUEST_OCTETS = 40;
const NAME_OCTETS = 16;
const FLAGS_AT = 16;

/** The longest packet of IP, and room for a header of virtio in front of it. */
const FRAME_OCTETS = (1 << 16) + 64;
/** Where a packet begins in memory, with its header of virtio in front. */
const PACKET_AT = 16;

/** Packets that go to the gateway at once: as many as it has room for without copying. */
const BATCH = 128;

export interface TunOptions {
  /** Of an interface that is there, or is made and is gone when it is closed: up to 15 octets. */
  readonly name: string;
  /** Have the kernel leave checksums and segmentation of TCP and UDP to this side, so that streams cost a call a frame. Default true. */
  readonly offload?: boolean;
  /** Of the policies that decide: see `Gateway.handleInside`. */
  readonly insideInterface?: string;
}

/** A TUN of Linux as what is inside. Addresses, MTU, routes and being up are `ip`'s to set. */
export class Tun implements Inside {
  readonly #native: Native;
  readonly #options: TunOptions;
  readonly #frame: Block;
  readonly #segments = new Segments(FRAME_OCTETS);
  #opened:
    | { readonly fd: number; readonly watch: Watch; readonly writing: JoinedSegments; readonly headed: boolean }
    | undefined;
  #door: InsideDoor | undefined;
  #hasFailed = false;

  /** @throws TypeError for a name that can be none. */
  constructor(native: Native, options: TunOptions) {
    if (!/^[\x21-\x2e\x30-\x7e]{1,15}$/.test(options.name))
      throw new TypeError('name: must be of 1 to 15 octets, and no path');
    this.#native = native;
    this.#options = options;
    this.#frame = native.allocate(FRAME_OCTETS);
  }

  /** @throws Error with the `code` of the system, as where there is no right to it. */
  open(door: InsideDoor): void {
    const { offload = true } = this.#options;
    const native = this.#native;
    const { fd, headed } = openTun(native, this.#options.name, offload);
    this.#door = door;
    this.#opened = {
      fd,
      headed,
      writing: new JoinedSegments(native, fd, headed, (errno) => this.#writeFailed(errno)),
      watch: native.watch(fd, (broken) => (broken ? this.#isGone() : this.#read())),
    };
  }

  deliver({ memory, offset, length }: InsideView): void {
    this.#opened?.writing.add(memory, offset, length);
  }

  flush(): void {
    this.#opened?.writing.flush();
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    await opened.watch.stop();
    this.#native.close(opened.fd);
  }

  #read(): void {
    this.#hasFailed = false;
    this.#door?.send(this.#packets(), this.#options.insideInterface);
  }

  /** The interface was removed: nothing comes of it any more. */
  #isGone(): void {
    this.#door?.failed(systemError('poll', ERRNO.ENODEV));
  }

  /** As many as there are, or as go at once: each is valid until the next. */
  *#packets(): Generator<Uint8Array, void> {
    for (let count = 0; this.#opened !== undefined; ) {
      const { fd, headed } = this.#opened;
      const at = headed ? PACKET_AT - VIRTIO_HEADER_OCTETS : PACKET_AT;
      const octets = this.#native.read(fd, this.#frame.address + at, FRAME_OCTETS - PACKET_AT);
      if (octets <= 0) return;
      if (headed) {
        for (const packet of this.#segments.of(this.#frame, at, octets)) {
          count += 1;
          yield packet;
        }
      } else {
        count += 1;
        yield this.#frame.octets.subarray(at, at + octets);
      }
      if (count >= BATCH) return;
    }
  }

  /** Said once until the next time that something comes by it: an interface that is down takes nothing. */
  #writeFailed(errno: number): void {
    if (this.#hasFailed || errno === ERRNO.EAGAIN) return;
    this.#hasFailed = true;
    this.#door?.failed(systemError('write', errno));
  }
}

/** Without what the kernel does not know. */
function openTun(native: Native, name: string, offload: boolean): { readonly fd: number; readonly headed: boolean } {
  const fd = native.open(PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw systemError('open', native.errno());
  const request = new Uint8Array(INTERFACE_REQUEST_OCTETS);
  request.set(new TextEncoder().encode(name).subarray(0, NAME_OCTETS - 1));
  const flags = IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0);
  request[FLAGS_AT] = flags & 0xff;
  request[FLAGS_AT + 1] = flags >>> 8;
  if (native.ioctl(fd, TUNSETIFF, request) < 0) {
    const error = systemError('ioctl', native.errno());
    native.close(fd);
    throw error;
  }
  if (offload && native.ioctlNumber(fd, TUNSETOFFLOAD, TCP_OFFLOADS | UDP_OFFLOADS) < 0) {
    native.ioctlNumber(fd, TUNSETOFFLOAD, TCP_OFFLOADS);
  }
  return { fd, headed: offload };
}
