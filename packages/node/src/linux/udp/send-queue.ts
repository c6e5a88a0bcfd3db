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

/** Peers that are remembered. */
const PEERS_MOST = 4096;

/** What every path carries in one packet (RFC 791 §3.2), but for headers: where not even that can be cut, nothing can. */
const LEAST_PATH_OCTETS = 548;
/** How long a path is taken for what it was found to be, in milliseconds (RFC 1191 §6.3). */
const PATH_KNOWN = 600_000;

/** Where datagrams go. */
interface Peer {
  /** Its address, as the kernel has it. */
  readonly name: Uint8Array;
  /** Datagrams that are longer are sent by themselves: the kernel cuts none that it would have to fragment. */
  segmentMost: number;
  /** When that was found out, in milliseconds. */
  foundAt: number;
}

/**
 * Datagrams that leave with one call: from where they lie, and such as follow each other to one peer with the same length as one
 * message, which the kernel cuts (UDP_SEGMENT): it goes through the stack, and on a machine from end to end, as one.
 */
export class SendQueue {
  readonly #native: Native;
  readonly #fd: number;
  readonly #failed: (error: Error) => void;
  readonly #headers: MessageHeaders;
  readonly #places: Places;
  readonly #peers = new Map<string, Peer>();
  readonly #firstVectors = new Int32Array(MESSAGES);
  readonly #counts = new Int32Array(MESSAGES);
  readonly #sizes = new Int32Array(MESSAGES);
  readonly #destinations: Peer[] = [];
  /** Of what the kernel can do at all; 0: it cuts nothing. */
  #segmentMost: number;
  #messages = 0;
  #datagrams = 0;
  #octets = 0;
  #isOpen = false;
  #last: { readonly to: Endpoint; readonly peer: Peer } | undefined;
  #failures: Error[] = [];

  constructor(native: Native, fd: number, segmentation: boolean, failed: (error: Error) => void) {
    this.#native = native;
    this.#fd = fd;
    this.#failed = failed;
    this.#segmentMost = segmentation ? MESSAGE_OCTETS : 0;
    this.#headers = new MessageHeaders(native, MESSAGES, DATAGRAMS);
    this.#places = new Places(native, () => this.#sendAll());
  }

  /** @throws RangeError where there is no such part of `memory`: the kernel would read on. */
  add(to: Endpoint, memory: Uint8Array, offset: number, length: number): void {
    const peer = this.#peerAt(to);
    if (this.#datagrams === DATAGRAMS || (this.#messages === MESSAGES && !this.#joins(peer, length))) this.#sendAll();
    this.#places.find(memory, offset, length);
    const { address } = this.#places;
    if (!this.#joins(peer, length)) this.#begin(peer, length);
    const message = this.#messages - 1;
    this.#counts[message] = (this.#counts[message] ?? 0) + 1;
    this.#octets += length;
    this.#isOpen = length > 0 && length === this.#sizes[message];
    this.#headers.setVector(this.#datagrams, address, length);
    this.#datagrams += 1;
  }

  /** Tells what failed when nothing is queued any more: who is told may send, and may throw. */
  flush(): void {
    this.#sendAll();
    if (this.#failures.length === 0) return;
    const failures = this.#failures;
    this.#failures = [];
    for (const failure of failures) this.#failed(failure);
  }

  #sendAll(): void {
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

  #joins(peer: Peer, length: number): boolean {
    const message = this.#messages - 1;
    const size = this.#sizes[message] ?? 0;
    return (
      message >= 0 &&
      this.#isOpen &&
      length <= size &&
      size <= this.#segmentMost &&
      (size <= peer.segmentMost || isForgotten(peer)) &&
      (this.#counts[message] ?? 0) < SEGMENTS &&
      this.#octets + length <= MESSAGE_OCTETS &&
      peer === this.#destinations[message]
    );
  }

  #begin(peer: Peer, length: number): void {
    const message = this.#messages;
    this.#messages += 1;
    this.#firstVectors[message] = this.#datagrams;
    this.#counts[message] = 0;
    this.#sizes[message] = length;
    this.#destinations[message] = peer;
    this.#headers.setName(message, peer.name);
    this.#octets = 0;
  }

  /** Most go to where the one before them went. */
  #peerAt(to: Endpoint): Peer {
    if (this.#last?.to === to) return this.#last.peer;
    const key = `${to.address} ${to.port}`;
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      if (this.#peers.size === PEERS_MOST) this.#peers.clear();
      peer = { name: encodeSocketAddress(to), segmentMost: MESSAGE_OCTETS, foundAt: 0 };
      this.#peers.set(key, peer);
    }
    this.#last = { to, peer };
    return peer;
  }

  /** How many messages are done with, of those from `message` on, the first of which was not taken. */
  #passOver(message: number, errno: number): number {
    if (errno === ERRNO.EINTR) return 0;
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS) {
      if (this.#awaitRoom()) return 0;
      this.#failures.push(systemError('sendmmsg', errno));
      return this.#messages - message;
    }
    const peer = this.#destinations[message];
    const isUncut = errno === ERRNO.EINVAL || errno === ERRNO.EMSGSIZE || errno === ERRNO.EIO;
    if (peer !== undefined && isUncut && (this.#counts[message] ?? 0) > 1) this.#sendEach(message, peer, errno);
    else this.#failures.push(systemError('sendmmsg', errno));
    return 1;
  }

  /** The kernel does not cut what would have to be fragmented on its path, and some interfaces do not let it cut at all. */
  #sendEach(message: number, peer: Peer, errno: number): void {
    const size = this.#sizes[message] ?? 0;
    if (errno === ERRNO.EIO || size <= LEAST_PATH_OCTETS) this.#segmentMost = 0;
    else {
      peer.segmentMost = size - 1;
      peer.foundAt = performance.now();
    }
    this.#headers.setControl(message, UDP_SEGMENT, undefined);
    const first = this.#firstVectors[message] ?? 0;
    for (let i = first; i < first + (this.#counts[message] ?? 0); i++) {
      this.#headers.setVectors(message, i, 1);
      const result = this.#native.sendmmsg(this.#fd, this.#headers.address(message), 1, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (result < 0) this.#failures.push(systemError('sendmmsg', this.#native.errno()));
    }
  }

  #awaitRoom(): boolean {
    const poll = new Uint8Array(8);
    new Int32Array(poll.buffer)[0] = this.#fd;
    poll[4] = POLLOUT;
    return this.#native.poll(poll, 1, PATIENCE) > 0;
  }
}

/** Then it is as if nothing were known of the path. */
function isForgotten(peer: Peer): boolean {
  if (performance.now() - peer.foundAt < PATH_KNOWN) return false;
  peer.segmentMost = MESSAGE_OCTETS;
  return true;
}
