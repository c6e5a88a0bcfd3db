import { readU16, readU32 } from '../integers.ts';
import { concat, fromAscii, type OwnOctets, requireOctets } from '../octets.ts';
import { NON_ESP_MARKER_OCTETS } from './udp-encapsulation.ts';

/** What the stream of the TCP originator begins with (RFC 9329 §4). */
export const TCP_STREAM_PREFIX: Uint8Array = fromAscii('IKETCP');

/** Octets of the length in front of each message, which counts itself (RFC 9329 §3). */
const TCP_LENGTH_OCTETS = 2;

/** The longest message that a frame carries. */
export const TCP_MESSAGE_OCTETS: number = 0xffff - TCP_LENGTH_OCTETS;

/**
 * Frames one IKE message, or one ESP packet from its SPI on, for a stream of TCP (RFC 9329 §3.1, §3.2).
 *
 * @param kind Of an IKE message, which gets the non-ESP marker in front.
 * @throws RangeError for a message of no octets, or more than fit, and for a kind that is none.
 * @throws TypeError unless `message` is a Uint8Array.
 */
export function encodeTcpFrame(kind: 'ike' | 'esp', message: Uint8Array): OwnOctets {
  requireOctets('message', message);
  requireWord('kind', kind, 'ike', 'esp');
  const marker = kind === 'ike' ? NON_ESP_MARKER_OCTETS : 0;
  const octets = TCP_LENGTH_OCTETS + marker + message.length;
  if (message.length === 0 || octets > 0xffff)
    throw new RangeError('message must have octets, and fit 65535 with its frame');
  return concat(Uint8Array.of(octets >> 8, octets & 0xff), new Uint8Array(marker), message);
}

/** One message out of a stream: ESP from its SPI on, IKE behind its marker. A view of what was pushed where it lay whole. */
export interface TcpFrame {
  readonly kind: 'ike' | 'esp';
  readonly octets: Uint8Array;
}

/** Why a stream is of no more use: its connection must be closed (RFC 9329 §3). */
export type TcpStreamFault =
  /** It does not begin with what an originator sends first. */
  | 'no-prefix'
  /** A length that does not even count itself, or a message too short for a marker or an SPI. */
  | 'bad-length';

/** A NAT keepalive, which nobody needs over TCP and everybody passes over. */
const KEEPALIVE = 0xff;

/**
 * Takes a stream of TCP apart into its messages, however it was cut into segments. It keeps no more than one message that
 * has not come whole, at most 65535 octets.
 */
export class TcpFrameDecoder {
  #prefixLeft: number;
  #fault: TcpStreamFault | undefined;
  /** The frame that has not come whole, as long as it will be once its length is known. */
  #frame = new Uint8Array(TCP_LENGTH_OCTETS);
  #come = 0;

  /**
   * @param begins `prefix` where the other end opened the connection, and sends the prefix first; else `frames`.
   * @throws RangeError for another word.
   */
  constructor(begins: 'prefix' | 'frames') {
    requireWord('begins', begins, 'prefix', 'frames');
    this.#prefixLeft = begins === 'prefix' ? TCP_STREAM_PREFIX.length : 0;
  }

  /** What is wrong with the stream, once something is: nothing more is taken from it. */
  get fault(): TcpStreamFault | undefined {
    return this.#fault;
  }

  /** Octets that wait for the rest of their message. */
  get waitingOctets(): number {
    return this.#come;
  }

  /**
   * Takes the next octets of the stream and gives the messages that they complete, up to a fault.
   *
   * @throws TypeError unless `octets` is a Uint8Array.
   */
  push(octets: Uint8Array): readonly TcpFrame[] {
    requireOctets('octets', octets);
    const frames: TcpFrame[] = [];
    for (let at = this.#skipPrefix(octets); at < octets.length && this.#fault === undefined; ) {
      const whole = this.#come === 0 ? wholeFrame(octets, at) : undefined;
      if (whole !== undefined) {
        this.#take(whole, frames);
        at += whole.length;
      } else {
        at = this.#gather(octets, at, frames);
      }
    }
    return frames;
  }

  #skipPrefix(octets: Uint8Array): number {
    let at = 0;
    while (this.#prefixLeft > 0 && at < octets.length && this.#fault === undefined) {
      if (octets[at] !== TCP_STREAM_PREFIX.at(-this.#prefixLeft)) this.#fault = 'no-prefix';
      this.#prefixLeft -= 1;
      at += 1;
    }
    return at;
  }

  /** Adds to the frame that has not come whole; returns where what is behind it begins. */
  #gather(octets: Uint8Array, at: number, frames: TcpFrame[]): number {
    const end = Math.min(at + this.#frame.length - this.#come, octets.length);
    this.#frame.set(octets.subarray(at, end), this.#come);
    this.#come += end - at;
    if (this.#come < this.#frame.length) return end;

    const wanted = readU16(this.#frame, 0);
    if (this.#come < wanted) {
      const longer = new Uint8Array(wanted);
      longer.set(this.#frame);
      this.#frame = longer;
    } else {
      const whole = this.#frame;
      this.#frame = new Uint8Array(TCP_LENGTH_OCTETS);
      this.#come = 0;
      this.#take(whole, frames);
    }
    return end;
  }

  #take(frame: Uint8Array, frames: TcpFrame[]): void {
    const message = frame.subarray(TCP_LENGTH_OCTETS);
    if (readU16(frame, 0) >= TCP_LENGTH_OCTETS && isKeepalive(message)) return;
    if (message.length <= NON_ESP_MARKER_OCTETS) this.#fault = 'bad-length';
    else if (readU32(message, 0) !== 0) frames.push({ kind: 'esp', octets: message });
    else frames.push({ kind: 'ike', octets: message.subarray(NON_ESP_MARKER_OCTETS) });
  }
}

/** A view of the frame at `at`, if all of it is there. */
function wholeFrame(octets: Uint8Array, at: number): Uint8Array | undefined {
  if (octets.length - at < TCP_LENGTH_OCTETS) return undefined;
  const end = at + Math.max(TCP_LENGTH_OCTETS, readU16(octets, at));
  return end <= octets.length ? octets.subarray(at, end) : undefined;
}

/** One octet of ones, or nothing at all. */
function isKeepalive(message: Uint8Array): boolean {
  return message.length === 0 || (message.length === 1 && message[0] === KEEPALIVE);
}

function requireWord(argument: string, word: string, one: string, other: string): void {
  if (word !== one && word !== other) throw new RangeError(`${argument} must be ${one} or ${other}`);
}
