import type { Frame } from './frame.ts';

/** A frame as its format has it; the reader knows its number and its place. */
type FormatFrame = Omit<Frame, 'number' | 'offset'>;

/**
 * What a format makes of the octets at one place: it needs so many from there; or it takes so many, which were a frame,
 * something that is passed over by its name, or its own; or it can read no further.
 */
export type Step =
  | { readonly kind: 'need'; readonly octets: number }
  | { readonly kind: 'frame'; readonly octets: number; readonly frame: FormatFrame }
  /** `octets` may be more than are there yet: they are dropped as they come. */
  | { readonly kind: 'pass'; readonly octets: number; readonly name?: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** One file format, fed at the place where its next record begins. It never looks outside of `octets`. */
export interface Format {
  /** For people. */
  readonly name: string;
  /** What is behind `at`: the next record, from its first octet on. */
  next(octets: Uint8Array, at: number): Step;
}

/** No frame of a capture is larger; a length beyond it is taken for corruption (as libpcap does). */
export const MOST_FRAME_OCTETS = 262_144;

export function need(octets: number): Step {
  return { kind: 'need', octets };
}

export function fault(reason: string): Step {
  return { kind: 'fault', reason };
}

/** Fields of a file in its byte order. Nothing here checks that they are there. */
export class Fields {
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(octets: Uint8Array, littleEndian: boolean) {
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#littleEndian = littleEndian;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#littleEndian);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#littleEndian);
  }

  /** A number of 64 bits with a sign: exact up to 2^53. */
  i64(at: number): number {
    return Number(this.#view.getBigInt64(at, this.#littleEndian));
  }
}
