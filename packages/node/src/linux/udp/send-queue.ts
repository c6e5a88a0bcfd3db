import type { Endpoint } from '@espalier/ike';
import { ERRNO, type Native } from '../kernel/native.ts';
import { Places } from '../kernel/places.ts';
import { systemError } from '../kernel/system-error.ts';
import { MessageHeaders } from './message-headers.ts';
import { encodeSocketAddress } from './socket-address.ts';

/** Messages of one call. */
const MESSAGES = 64;
/** Datagrams of one call. */
const DATAGRAMS = 512;
/** Of one message that the kernel cuts into datagrams (`UDP_MAX_SEGMENTS` was 64 for long). */
const SEGMENTS = 64;
/** Octets of such a message: with headers it is a packet of IP. */
const MESSAGE_OCTETS = 65_000;
const UDP_SEGMENT = 103;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const POLLOUT = 4;
/** How long the queue of the kernel is waited for, in milliseconds, before what is left is lost. */
const PATIENCE = 20;

/** Peers whose addresses are kept as the kernel has them. */
const NAMES_MOST = 4096;

/**
 * Datagrams that leave with one call: from where they lie, and such as follow each other to one peer with the same length as one
 * message, which the kernel cuts (UDP_SEGMENT): it goes through the stack, and on a machine from end to end, as one.
 */
export class SendQueue {
  readonly #native: Native;
  readonly #fd: number;
  readonly #failed: (error: Error) => void;
  readonly #headers: MessageHeaders;
  readonly #single: MessageHeaders;
  readonly #places: Places;
  readonly #names = new Map<string, Uint8Array>();
  readonly #firstVectors = new Int32Array(MESSAGES);
  readonly #counts = new Int32Array(MESSAGES);
  readonly #sizes = new Int32Array(MESSAGES);
  readonly #lengths = new Int32Array(DATAGRAMS);
  readonly #addresses = new Float64Array(DATAGRAMS);
  readonly #destinations: Uint8Array[] = [];
  /** Datagrams longer than this are sent by themselves; 0: all are. */
  #segmentMost: number;
  #messages = 0;
  #datagrams = 0;
  #octets = 0;
  #isOpen = false;
  #to: Endpoint | undefined;
  #name: Uint8Array = new Uint8Array(0);

  constructor(native: Native, fd: number, segmentation: boolean, failed: (error: Error) => void) {
    this.#native = native;
    this.#fd = fd;
    this.#failed = failed;
    this.#segmentMost = segmentation ? MESSAGE_OCTETS : 0;
    this.#headers = new MessageHeaders(native, MESSAGES, DATAGRAMS);
    this.#single = new MessageHeaders(native, 1, 1);
    this.#places = new Places(native, () => this.flush());
  }

  /** @throws RangeError where there is no such part of `memory`: the kernel would read on. */
  add(to: Endpoint, memory: Uint8Array, offset: number, length: number): void {
    const name = this.#nameOf(to);
    if (this.#datagrams === DATAGRAMS || (this.#messages === MESSAGES && !this.#joins(name, length))) this.flush();
    this.#places.find(memory, offset, length);
    const { address } = this.#places;
    if (!this.#joins(name, length)) this.#begin(name, length);
    const message = this.#messages - 1;
    this.#counts[message] = (this.#counts[message] ?? 0) + 1;
    this.#octets += length;
    this.#isOpen = length > 0 && length === this.#sizes[message];
    this.#lengths[this.#datagrams] = length;
    this.#addresses[this.#datagrams] = address;
    this.#headers.setVector(this.#datagrams, address, length);
    this.#datagrams += 1;
  }

  flush(): void {
    const count = this.#messages;
    for (let i = 0; i < count; i++) {
      const segments = this.#counts[i] ?? 0;
      this.#headers.setVectors(i, this.#firstVectors[i] ?? 0, segments);
      this.#headers.setControl(i, UDP_SEGMENT, segments > 1 ? this.#sizes[i] : undefined);
    }
    for (let sent = 0; sent < count; ) {
      const result = this.#native.sendmmsg(
        this.#fd,
        this.#headers.address(sent),
        count - sent,
        MSG_DONTWAIT | MSG_NOSIGNAL,
      );
      sent += result > 0 ? result : this.#passOver(sent, this.#native.errno());
    }
    this.#messages = 0;
    this.#datagrams = 0;
    this.#places.clear();
  }

  #joins(name: Uint8Array, length: number): boolean {
    const message = this.#messages - 1;
    return (
      message >= 0 &&
      this.#isOpen &&
      length <= this.#segmentMost &&
      length <= (this.#sizes[message] ?? 0) &&
      (this.#counts[message] ?? 0) < SEGMENTS &&
      this.#octets + length <= MESSAGE_OCTETS &&
      name === this.#destinations[message]
    );
  }

  #begin(name: Uint8Array, length: number): void {
    const message = this.#messages;
    this.#messages += 1;
    this.#firstVectors[message] = this.#datagrams;
    this.#counts[message] = 0;
    this.#sizes[message] = length;
    this.#destinations[message] = name;
    this.#headers.setName(message, name);
    this.#octets = 0;
  }

  #nameOf(to: Endpoint): Uint8Array {
    if (to === this.#to) return this.#name;
    const key = `${to.address} ${to.port}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      if (this.#names.size === NAMES_MOST) this.#names.clear();
      name = encodeSocketAddress(to);
      this.#names.set(key, name);
    }
    this.#to = to;
    this.#name = name;
    return name;
  }

  /** How many messages are done with, of those from `message` on, the first of which was not taken. */
  #passOver(message: number, errno: number): number {
    if (errno === ERRNO.EINTR) return 0;
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS) {
      if (this.#awaitRoom()) return 0;
      this.#failed(systemError('sendmmsg', errno));
      return this.#messages - message;
    }
    if ((this.#counts[message] ?? 0) > 1) this.#sendEach(message, errno);
    else this.#failed(systemError('sendmmsg', errno));
    return 1;
  }

  /** The kernel does not cut what would have to be fragmented, and some interfaces do not let it cut at all. */
  #sendEach(message: number, errno: number): void {
    const isTooLong = errno === ERRNO.EINVAL || errno === ERRNO.EMSGSIZE;
    this.#segmentMost = isTooLong ? (this.#sizes[message] ?? 0) - 1 : 0;
    this.#single.setName(0, this.#destinations[message] ?? new Uint8Array(0));
    this.#single.setVectors(0, 0, 1);
    this.#single.setControl(0, UDP_SEGMENT, undefined);
    const first = this.#firstVectors[message] ?? 0;
    for (let i = first; i < first + (this.#counts[message] ?? 0); i++) {
      this.#single.setVector(0, this.#addresses[i] ?? 0, this.#lengths[i] ?? 0);
      const result = this.#native.sendmmsg(this.#fd, this.#single.address(0), 1, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (result < 0) this.#failed(systemError('sendmmsg', this.#native.errno()));
    }
  }

  #awaitRoom(): boolean {
    const poll = new Uint8Array(8);
    new Int32Array(poll.buffer)[0] = this.#fd;
    poll[4] = POLLOUT;
    return this.#native.poll(poll, 1, PATIENCE) > 0;
  }
}
