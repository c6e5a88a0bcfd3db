import type { Endpoint } from '@espalier/ike';
import type { Received } from '../../sockets/socket.ts';
import type { Block, Native } from '../kernel/native.ts';
import { MessageHeaders } from './message-headers.ts';
import { decodeSocketAddress } from './socket-address.ts';

/** Messages of one call. */
const MESSAGES = 32;
/** The longest datagram there is, and the longest message that the kernel makes of several. */
const SLOT_OCTETS = 1 << 16;
export const UDP_GRO = 104;
const MSG_DONTWAIT = 0x40;

/** What comes with one call; where the kernel has put datagrams of a peer together (UDP_GRO), they are taken apart. */
export class ReceiveQueue {
  readonly #native: Native;
  readonly #fd: number;
  readonly #headers: MessageHeaders;
  readonly #slots: Block;

  constructor(native: Native, fd: number) {
    this.#native = native;
    this.#fd = fd;
    this.#headers = new MessageHeaders(native, MESSAGES, MESSAGES);
    this.#slots = native.allocate(MESSAGES * SLOT_OCTETS);
    for (let i = 0; i < MESSAGES; i++) {
      this.#headers.setVector(i, this.#slots.address + i * SLOT_OCTETS, SLOT_OCTETS);
      this.#headers.setVectors(i, i, 1);
    }
  }

  /** What the kernel has queued, or a part of it; its octets are valid until the next call. Undefined: `errno` says why not. */
  take(): readonly Received[] | undefined {
    for (let i = 0; i < MESSAGES; i++) this.#headers.expect(i);
    const count = this.#native.recvmmsg(this.#fd, this.#headers.address(0), MESSAGES, MSG_DONTWAIT, 0);
    if (count < 0) return undefined;
    const received: Received[] = [];
    let from: Endpoint | undefined;
    for (let i = 0; i < count; i++) {
      if (from === undefined || !this.#headers.hasSameName(i, i - 1)) from = decodeSocketAddress(this.#headers.name(i));
      const octets = this.#headers.octets(i);
      const segment = this.#headers.control(i, UDP_GRO) ?? octets;
      const start = i * SLOT_OCTETS;
      const end = start + octets;
      for (let at = start; at < end; at += segment) {
        received.push({ from, octets: this.#slots.octets.subarray(at, Math.min(at + segment, end)) });
      }
    }
    return received;
  }
}
