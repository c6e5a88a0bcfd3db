import type { Block, Native } from '../kernel/native.ts';
import { VECTOR_OCTETS, writeAddress, writeVector } from '../kernel/vectors.ts';

/** Of `struct mmsghdr`, as every Linux of 64 bits has it. */
const HEADER_WORDS = 16;
const HEADER_OCTETS: number = HEADER_WORDS * 4;
const NAME = 0;
const NAME_OCTETS = 2;
const VECTORS = 4;
const VECTOR_COUNT = 6;
const CONTROL = 8;
const CONTROL_OCTETS = 10;
const FLAGS = 12;
const LENGTH = 14;

const NAME_ROOM = 32;
const CONTROL_ROOM = 32;
/** `CMSG_SPACE` of a number: `struct cmsghdr`, and the number. */
const CONTROL_MESSAGE_OCTETS = 24;
const CONTROL_LENGTH = 16;

export const SOL_UDP = 17;

/** The headers of many messages, for `sendmmsg` and `recvmmsg`; each has room for an address and one control message. */
export class MessageHeaders {
  readonly #block: Block;
  readonly #names: number;
  readonly #controls: number;
  readonly #vectors: number;

  constructor(native: Native, count: number, vectors: number) {
    this.#names = count * HEADER_OCTETS;
    this.#controls = this.#names + count * NAME_ROOM;
    this.#vectors = this.#controls + count * CONTROL_ROOM;
    this.#block = native.allocate(this.#vectors + vectors * VECTOR_OCTETS);
    for (let i = 0; i < count; i++) {
      this.#point(i, NAME, this.#names + i * NAME_ROOM);
      this.#point(i, CONTROL, this.#controls + i * CONTROL_ROOM);
    }
  }

  /** Of the header of a message. */
  address(message: number): number {
    return this.#block.address + message * HEADER_OCTETS;
  }

  setVector(vector: number, address: number, octets: number): void {
    writeVector(this.#block.words, (this.#vectors + vector * VECTOR_OCTETS) >>> 2, address, octets);
  }

  /** The message is of so many vectors, from this one on. */
  setVectors(message: number, first: number, count: number): void {
    this.#point(message, VECTORS, this.#vectors + first * VECTOR_OCTETS);
    this.#set(message, VECTOR_COUNT, count);
  }

  setName(message: number, name: Uint8Array): void {
    this.#block.octets.set(name, this.#names + message * NAME_ROOM);
    this.#set(message, NAME_OCTETS, name.length);
  }

  /** What is to receive has room for all; the kernel writes what there was. */
  expect(message: number): void {
    this.#set(message, NAME_OCTETS, NAME_ROOM);
    this.#set(message, CONTROL_OCTETS, CONTROL_ROOM);
    this.#set(message, FLAGS, 0);
  }

  /** A number of 16 bits for UDP, or none. */
  setControl(message: number, type: number, value: number | undefined): void {
    this.#set(message, CONTROL_OCTETS, value === undefined ? 0 : CONTROL_MESSAGE_OCTETS);
    if (value === undefined) return;
    const at = (this.#controls + message * CONTROL_ROOM) >>> 2;
    const { words } = this.#block;
    words[at] = CONTROL_LENGTH + 2;
    words[at + 1] = 0;
    words[at + 2] = SOL_UDP;
    words[at + 3] = type;
    words[at + 4] = value;
  }

  /** The number that came with a message; undefined where there is none of this type. */
  control(message: number, type: number): number | undefined {
    const { words } = this.#block;
    if ((words[message * HEADER_WORDS + CONTROL_OCTETS] ?? 0) < CONTROL_LENGTH) return undefined;
    const at = (this.#controls + message * CONTROL_ROOM) >>> 2;
    return words[at + 2] === SOL_UDP && words[at + 3] === type ? words[at + 4] : undefined;
  }

  /** A view of the address that came with a message. */
  name(message: number): Uint8Array {
    const at = this.#names + message * NAME_ROOM;
    return this.#block.octets.subarray(at, at + NAME_ROOM);
  }

  /** Whether two messages came from the same address and port. */
  hasSameName(message: number, other: number): boolean {
    const { words } = this.#block;
    const [a, b] = [message, other].map((one) => (this.#names + one * NAME_ROOM) >>> 2) as [number, number];
    for (let i = 0; i < NAME_ROOM >>> 2; i++) if (words[a + i] !== words[b + i]) return false;
    return true;
  }

  /** Octets of a message that came. */
  octets(message: number): number {
    return this.#block.words[message * HEADER_WORDS + LENGTH] ?? 0;
  }

  #set(message: number, word: number, value: number): void {
    this.#block.words[message * HEADER_WORDS + word] = value;
  }

  #point(message: number, word: number, offset: number): void {
    writeAddress(this.#block.words, message * HEADER_WORDS + word, this.#block.address + offset);
  }
}
