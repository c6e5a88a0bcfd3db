import { CaptureReader, type Frame, framesOf, type KeyRing, Observer, type Report, readKeys } from '@espalier/capture';
import type { Outcome, Progress, ToRead } from '../protocol.ts';
import { Kept } from './kept.ts';
import { matching } from './query.ts';
import { Rows } from './rows.ts';
import { breathe, type Cancel, chunksOf, isGzip } from './source.ts';
import { Unzipped } from './unzipped.ts';

/** A pause for messages after so many milliseconds of work. */
const STRETCH = 30;

/** One capture with its keys: what was read of it, and what somebody looks at. */
export class Session {
  readonly file: Blob;
  readonly keys: KeyRing;
  readonly ports: readonly number[];
  readonly observer: Observer;
  readonly rows: Rows = new Rows();
  readonly kept: Kept = new Kept();
  /** Undefined of a file that is not compressed. */
  unzipped: Unzipped | undefined;
  readonly #name: string;
  readonly #keyFiles: readonly string[];
  /** Rows that the last query has taken; undefined for all. */
  #taken: Uint32Array | undefined;
  #report: Report | undefined;

  /** @throws RangeError for a key file that is none. */
  constructor({ file, name, keys, ports }: ToRead) {
    this.file = file;
    this.ports = ports;
    this.#name = name;
    this.#keyFiles = keys.map((key) => key.name);
    this.keys = readKeys(keys);
    this.observer = new Observer({ keys: this.keys, ports });
  }

  /** Reads the file to its end, or until it is cancelled: what was read then stands. */
  async read(cancel: Cancel, tell: (progress: Progress) => void): Promise<Outcome> {
    const reader = new KeepingReader((await isGzip(this.file)) ? new Unzipped() : undefined);
    this.unzipped = reader.unzipped;
    let octets = 0;
    let since = performance.now();
    const chunks = chunksOf(this.file, cancel, (taken) => {
      octets += taken;
    });
    for await (const frames of framesOf(chunks, reader)) {
      for (const frame of frames) {
        for (const observation of this.observer.push(frame)) {
          this.kept.add(this.rows.add(frame, observation), observation);
        }
      }
      if (performance.now() - since < STRETCH) continue;
      tell({ doing: 'reading', octets, of: this.file.size, frames: reader.frames, rows: this.rows.length });
      await breathe();
      since = performance.now();
      if (cancel.isCancelled) break;
    }
    return this.#outcome(reader, cancel);
  }

  /** As it was when reading ended; as it is now, while it goes on. */
  get report(): Report {
    return this.#report ?? this.observer.report();
  }

  /** How many rows a query takes. */
  filter(query: string): number {
    this.#taken = matching(query, this.rows);
    return this.#taken?.length ?? this.rows.length;
  }

  /** Rows that the last query has taken, by their place among them. */
  taken(from: number, to: number): readonly number[] {
    const end = Math.min(to, this.#taken?.length ?? this.rows.length);
    return Array.from({ length: Math.max(0, end - from) }, (_, i) => this.#taken?.[from + i] ?? from + i);
  }

  #outcome(reader: CaptureReader, { isCancelled }: Cancel): Outcome {
    const { fault, format, passedOver } = reader;
    const shown = isCancelled ? undefined : fault;
    const report = this.observer.report();
    this.#report = report;
    return {
      name: this.#name,
      octets: this.file.size,
      format,
      end: isCancelled ? 'cancelled' : shown === undefined ? 'whole' : 'fault',
      fault: shown && `Reading stopped after ${reader.frames} frames, at octet ${shown.offset}: ${shown.reason}.`,
      report,
      rows: this.rows.length,
      rowsBeyond: this.rows.beyond,
      passedOver: [...passedOver],
      keyFiles: this.#keyFiles,
      keyNotes: this.keys.notes,
    };
  }
}

/** What it is given is decompressed already. */
class KeepingReader extends CaptureReader {
  readonly unzipped: Unzipped | undefined;

  constructor(unzipped: Unzipped | undefined) {
    super();
    this.unzipped = unzipped;
  }

  override push(octets: Uint8Array): readonly Frame[] {
    this.unzipped?.add(octets);
    return super.push(octets);
  }
}
