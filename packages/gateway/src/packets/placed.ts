/** Where a packet lies, so that it can be passed on as it lies. */
export interface Placed {
  readonly memory: Uint8Array;
  readonly offset: number;
  /** Octets of the packet. */
  readonly length: number;
}

const NOWHERE = new Uint8Array(0);

/** A place that is told again and again. */
export class Place implements Placed {
  memory: Uint8Array = NOWHERE;
  offset = 0;
  length = 0;

  /** A new view of the packet. */
  get octets(): Uint8Array {
    return this.memory.subarray(this.offset, this.offset + this.length);
  }

  put(memory: Uint8Array, offset: number, length: number): this {
    this.memory = memory;
    this.offset = offset;
    this.length = length;
    return this;
  }
}
