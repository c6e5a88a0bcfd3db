/** Octets that are kept of a capture which gzip has compressed: a browser puts so many on its disk, if it must. */
const MOST_OCTETS = 1 << 30;
/** Octets that are put together before they are handed to the browser. */
const PART_OCTETS = 4 << 20;

/** The beginning of such a capture as it was, so that what somebody looks at need not be decompressed from there again. */
export class Unzipped {
  #blob = new Blob([]);
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #waiting = 0;
  #isFull = false;
  readonly #mostOctets: number;

  constructor(mostOctets: number = MOST_OCTETS) {
    this.#mostOctets = mostOctets;
  }

  /** In the order of the file; none is taken behind one for which there was no room. */
  add(octets: Uint8Array): void {
    this.#isFull ||= this.#blob.size + this.#waiting + octets.length > this.#mostOctets;
    if (this.#isFull) return;
    this.#parts.push(new Uint8Array(octets));
    this.#waiting += octets.length;
    if (this.#waiting >= PART_OCTETS) this.#put();
  }

  /** Undefined where that is not kept. */
  slice(offset: number, octets: number): Blob | undefined {
    if (this.#waiting > 0) this.#put();
    return offset + octets > this.#blob.size ? undefined : this.#blob.slice(offset, offset + octets);
  }

  #put(): void {
    this.#blob = new Blob([this.#blob, ...this.#parts]);
    this.#parts = [];
    this.#waiting = 0;
  }
}
