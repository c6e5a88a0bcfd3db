import { octetsView } from '@espalier/crypto';
import type { Frame } from './frame.ts';
import { gunzip, isGzip } from './gzip.ts';
import type { CaptureReader } from './reader.ts';

/** Octets in the order of a file: of `fs.createReadStream`, of a `Blob`'s stream, or chunks at hand. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The frames of a file that comes in chunks, some at a time; one that gzip has compressed is decompressed on the way.
 * Neither is ever in memory whole: who takes no more leaves the rest unread. When the frames end, `reader.fault` says
 * whether that was the end of the file.
 * @throws TypeError for a chunk that is no Uint8Array; what reading the chunks itself throws passes through.
 */
export async function* framesOf(chunks: Chunks, reader: CaptureReader): AsyncGenerator<readonly Frame[]> {
  const source = beginning(chunks);
  const first = await source.next();
  if (first.done === true) {
    reader.end();
    return;
  }
  const whole = resumed(first.value, source);
  for await (const chunk of isGzip(first.value) ? decompressed(whole, reader) : whole) {
    const frames = reader.push(chunk);
    if (frames.length > 0) yield frames;
    if (reader.fault !== undefined) break;
  }
  reader.end();
}

/** The first chunk has two octets at least, if the file has. */
async function* beginning(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let first: number[] | undefined = [];
  for await (const chunk of chunks) {
    const view = octetsView('chunk', chunk);
    if (first === undefined) {
      yield view;
    } else if (first.length === 0 && view.length >= 2) {
      first = undefined;
      yield view;
    } else {
      first.push(...view.subarray(0, 2));
      if (first.length < 2) continue;
      const together = Uint8Array.from(first);
      first = undefined;
      yield together;
      if (view.length > 2) yield view.subarray(2);
    }
  }
  if (first !== undefined && first.length > 0) yield Uint8Array.from(first);
}

async function* resumed(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/**
 * What is wrong with the compression ends the capture as what is cut off does. Several files in one (RFC 1952 §2.2) the
 * platform reads or takes for damaged, and nobody can go on behind the first: where it ended it does not say.
 */
async function* decompressed(chunks: AsyncGenerator<Uint8Array>, reader: CaptureReader): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzip(chunks);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    reader.abort('the gzip file is damaged or cut off, or another one is behind it: gunzip it first');
  }
}
