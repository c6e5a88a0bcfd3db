import { octetsView } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import type { Format, Step } from './format.ts';
import type { CaptureFault, Frame } from './frame.ts';
import { otherFormat } from './others.ts';
import { pcapFormat } from './pcap.ts';
import { pcapngFormat } from './pcapng.ts';
import { snoopFormat } from './snoop.ts';

/** A file format is told by its beginning. The next one is a file, and a row here. */
const FORMATS: readonly ((beginning: Uint8Array) => Format | undefined)[] = [pcapFormat, pcapngFormat, snoopFormat];
const MAGIC_OCTETS = 12;

/**
 * Reads a capture as it comes, chunk by chunk, and keeps no more of it than the record that has not come whole: at most
 * some 320 KiB beside the chunk. It never throws for what a file holds: reading ends at a fault, and the frames before it
 * stand.
 */
export class CaptureReader {
  readonly #passedOver = new Map<string, number>();
  #format: Format | undefined;
  #fault: CaptureFault | undefined;
  #frames = 0;
  /** What has not been taken, in the order in which it came, and its octets. */
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  /** So many must wait before it is of use to look again. */
  #needed = MAGIC_OCTETS;
  /** Octets of a block that is passed over which have not come. */
  #skipping = 0;
  /** Octets from the beginning of the file to the first that waits, or to what `#skipping` counts. */
  #offset = 0;
  #isEnded = false;

  /** For people, for example `pcapng` or `pcap, nanoseconds`; undefined until it is known. */
  get format(): string | undefined {
    return this.#format?.name;
  }

  /** What is wrong with the file, once something is: nothing more is taken from it. */
  get fault(): CaptureFault | undefined {
    return this.#fault;
  }

  /** Frames so far. */
  get frames(): number {
    return this.#frames;
  }

  /** What else the file held, by name: how many blocks of pcapng that are no frames. */
  get passedOver(): ReadonlyMap<string, number> {
    return this.#passedOver;
  }

  /**
   * The frames that these octets make whole. They are views of `octets` where they lie whole in them: whoever keeps one
   * while the memory is used again copies it.
   * @throws TypeError unless `octets` is a Uint8Array, and after `end`.
   */
  push(octets: Uint8Array): readonly Frame[] {
    const view = octetsView('octets', octets);
    if (this.#isEnded) throw new TypeError('push: the capture has ended');
    if (this.#fault !== undefined) return [];
    const skipped = Math.min(this.#skipping, view.length);
    this.#skipping -= skipped;
    this.#offset += skipped;
    if (skipped < view.length) {
      this.#waiting.push(view.subarray(skipped));
      this.#waitingOctets += view.length - skipped;
    }
    return this.#waitingOctets < this.#needed ? [] : this.#take();
  }

  /** No more octets come: what was begun and is not whole becomes the fault. */
  end(): CaptureFault | undefined {
    if (this.#isEnded) return this.#fault;
    if (this.#fault === undefined) {
      if (this.#format === undefined) this.#fail(this.#begins() ?? 'the file is shorter than a capture header');
      else if (this.#waitingOctets > 0 || this.#skipping > 0) this.#fail('a record is cut off by the end of the file');
      else if (this.#offset < MAGIC_OCTETS) this.#fail('the file is shorter than a capture header');
    }
    this.#isEnded = true;
    return this.#fault;
  }

  /** No more octets come, for this reason. */
  abort(reason: string): void {
    if (!this.#isEnded && this.#fault === undefined) this.#fail(reason);
    this.#isEnded = true;
  }

  #take(): readonly Frame[] {
    const octets = this.#waiting.length === 1 ? (this.#waiting[0] ?? NOTHING) : concat(...this.#waiting);
    if (this.#format === undefined) {
      const reason = this.#begins(octets);
      if (reason !== undefined) this.#fail(reason);
    }
    const frames: Frame[] = [];
    let at = 0;
    const start = this.#offset;
    while (this.#format !== undefined && this.#fault === undefined && this.#skipping === 0) {
      this.#offset = start + at;
      const step = this.#format.next(octets, at);
      if (step.kind === 'need') {
        this.#needed = step.octets;
        break;
      }
      at += this.#act(step, frames, octets, at);
    }
    this.#offset = start + at;
    const rest = octets.subarray(at);
    this.#waiting = rest.length === 0 || this.#fault !== undefined ? [] : [rest];
    this.#waitingOctets = this.#waiting.length === 0 ? 0 : rest.length;
    return frames;
  }

  /** How many of the octets that are there the step has taken. */
  #act(step: Exclude<Step, { kind: 'need' }>, frames: Frame[], octets: Uint8Array, at: number): number {
    switch (step.kind) {
      case 'fault':
        this.#fail(step.reason);
        return 0;
      case 'frame': {
        this.#frames += 1;
        const within = step.frame.octets.byteOffset - octets.byteOffset - at;
        frames.push({ number: this.#frames, ...step.frame, offset: this.#offset + within });
        return step.octets;
      }
      case 'pass': {
        if (step.name !== undefined) this.#passedOver.set(step.name, (this.#passedOver.get(step.name) ?? 0) + 1);
        const taken = Math.min(step.octets, octets.length - at);
        this.#skipping = step.octets - taken;
        if (this.#skipping > 0) this.#needed = 1;
        return taken;
      }
    }
  }

  /** Finds the format; what is wrong where there is none. */
  #begins(octets: Uint8Array = concat(...this.#waiting)): string | undefined {
    for (const formatOf of FORMATS) {
      const format = octets.length < MAGIC_OCTETS ? undefined : formatOf(octets);
      if (format === undefined) continue;
      this.#format = format;
      return undefined;
    }
    const other = otherFormat(octets);
    if (other !== undefined) return `this is ${other}`;
    return octets.length < MAGIC_OCTETS ? undefined : UNKNOWN;
  }

  #fail(reason: string): void {
    this.#fault = { offset: this.#offset, reason };
    this.#waiting = [];
    this.#waitingOctets = 0;
  }
}

const NOTHING = new Uint8Array(0);
const UNKNOWN = 'neither pcap, pcapng nor snoop: unknown magic number (what Wireshark opens, editcap converts)';

/** A whole file in memory: its frames, and why reading ended before the end, where it did. */
export interface CaptureEnd {
  readonly format: string | undefined;
  readonly frames: readonly Frame[];
  readonly fault: CaptureFault | undefined;
}

/** Reads a file that is there whole; one that is compressed is read by `framesOf`. @throws TypeError unless `file` is a Uint8Array. */
export function readCapture(file: Uint8Array): CaptureEnd {
  const reader = new CaptureReader();
  const frames = reader.push(file);
  const fault = reader.end();
  return { format: reader.format, frames, fault };
}
