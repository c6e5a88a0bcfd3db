import { concat, readU16, readU32, TCP_STREAM_PREFIX, type TcpFrame, TcpFrameDecoder } from '@espalier/wire';

/** Directions of connections that are followed; more forget the oldest. */
const MOST_STREAMS = 1024;
/** Segments that came before their turn, of one direction; and octets of them, of all directions. */
const MOST_EARLY = 32;
const MOST_EARLY_OCTETS = 4 << 20;

const FLAG_SYN = 2;
const TCP_HEADER_OCTETS = 20;

interface Stream {
  next: number;
  /** Undefined while it does not show whether the stream begins with the prefix. */
  decoder: TcpFrameDecoder | undefined;
  /** Its first octets, until then. */
  head: Uint8Array;
  readonly early: Map<number, Uint8Array>;
}

/** What one segment gave. */
export interface SegmentResult {
  readonly frames: readonly TcpFrame[];
  /** What is odd about it. */
  readonly note?: string;
}

/** IKE and ESP in TCP (RFC 9329), put together from its segments: repeated ones are dropped, early ones wait. */
export class TcpStreams {
  readonly #streams = new Map<string, Stream>();
  #earlyOctets = 0;

  /** Directions in which octets wait. */
  get incomplete(): number {
    return [...this.#streams.values()].filter(
      ({ decoder, head, early }) => head.length + (decoder?.waitingOctets ?? 0) > 0 || early.size > 0,
    ).length;
  }

  /** One segment, header included. `key` tells connections and directions apart. */
  take(key: string, segment: Uint8Array): SegmentResult | undefined {
    const headerOctets = ((segment[12] ?? 0) >> 4) * 4;
    if (segment.length < TCP_HEADER_OCTETS || headerOctets < TCP_HEADER_OCTETS || headerOctets > segment.length) {
      return undefined;
    }
    const sequence = readU32(segment, 4);
    const payload = segment.subarray(headerOctets);
    if (((segment[13] ?? 0) & FLAG_SYN) !== 0) {
      this.#begin(key, (sequence + 1) >>> 0);
      return { frames: [] };
    }
    if (payload.length === 0) return { frames: [] };
    const stream = this.#streams.get(key) ?? this.#begin(key, sequence);
    return this.#order(stream, sequence, payload);
  }

  #begin(key: string, next: number): Stream {
    const oldest = this.#streams.keys().next().value;
    const gone = this.#streams.has(key) ? key : this.#streams.size >= MOST_STREAMS ? oldest : undefined;
    if (gone !== undefined) this.#forget(gone);
    const stream: Stream = { next, decoder: undefined, head: NOTHING, early: new Map() };
    this.#streams.set(key, stream);
    return stream;
  }

  #order(stream: Stream, sequence: number, payload: Uint8Array): SegmentResult {
    const ahead = (sequence - stream.next) | 0;
    if (ahead < 0 && ahead + payload.length <= 0) return { frames: [] };
    if (ahead > 0) {
      if (stream.early.has(sequence)) return { frames: [] };
      if (stream.early.size < MOST_EARLY && this.#earlyOctets + payload.length <= MOST_EARLY_OCTETS) {
        stream.early.set(sequence, Uint8Array.from(payload));
        this.#earlyOctets += payload.length;
        return { frames: [] };
      }
      // What is missing was not captured: begin anew where a message begins, most likely.
      this.#clearEarly(stream);
      stream.decoder = undefined;
      stream.head = NOTHING;
      stream.next = sequence;
      return { ...this.#feed(stream, payload), note: 'segments in front of it were not captured' };
    }
    return this.#feed(stream, payload.subarray(-ahead));
  }

  #forget(key: string): void {
    const stream = this.#streams.get(key);
    if (stream !== undefined) this.#clearEarly(stream);
    this.#streams.delete(key);
  }

  #clearEarly(stream: Stream): void {
    for (const segment of stream.early.values()) this.#earlyOctets -= segment.length;
    stream.early.clear();
  }

  #feed(stream: Stream, first: Uint8Array): SegmentResult {
    const frames: TcpFrame[] = [];
    for (let payload: Uint8Array | undefined = first; payload !== undefined; ) {
      frames.push(...framesIn(stream, payload));
      stream.next = (stream.next + payload.length) >>> 0;
      payload = stream.early.get(stream.next);
      if (payload !== undefined) this.#earlyOctets -= payload.length;
      stream.early.delete(stream.next);
    }
    if (stream.decoder?.fault !== undefined) {
      stream.decoder = new TcpFrameDecoder('frames');
      return { frames, note: 'the stream does not frame IKE and ESP as RFC 9329 has it' };
    }
    return { frames };
  }
}

const NOTHING = new Uint8Array(0);

/** Who opened the connection sends a prefix first (RFC 9329 §4). */
function framesIn(stream: Stream, payload: Uint8Array): readonly TcpFrame[] {
  if (stream.decoder !== undefined) return stream.decoder.push(payload);
  const head = concat(stream.head, payload);
  const isLike = TCP_STREAM_PREFIX.every((octet, i) => i >= head.length || head[i] === octet);
  if (isLike && head.length < TCP_STREAM_PREFIX.length) {
    stream.head = head;
    return [];
  }
  stream.head = NOTHING;
  stream.decoder = new TcpFrameDecoder(isLike ? 'prefix' : 'frames');
  return stream.decoder.push(head);
}

/** Source and destination port. */
export function tcpPorts(segment: Uint8Array, at: number): readonly [number, number] {
  return [readU16(segment, at), readU16(segment, at + 2)];
}
