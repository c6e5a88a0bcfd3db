import type { Unzipped } from './unzipped.ts';

const CANCELLED = Symbol('cancelled');

/** Whether somebody still wants what is being done. */
export class Cancel {
  isCancelled = false;
}

/** A file's octets as they come; none after it was cancelled. */
export async function* chunksOf(
  file: Blob,
  cancel: Cancel,
  took: (octets: number) => void,
): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done && !cancel.isCancelled; next = await reader.read()) {
      took(next.value.length);
      yield next.value;
    }
  } finally {
    await reader.cancel(CANCELLED);
  }
}

/** Lets messages in that have come meanwhile. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** Reads octets of a capture again; of one that gzip has compressed, what is not kept of it from its beginning. */
export async function octetsAt(
  file: Blob,
  unzipped: Unzipped | undefined,
  offset: number,
  octets: number,
): Promise<Uint8Array> {
  const there = unzipped === undefined ? file.slice(offset, offset + octets) : unzipped.slice(offset, octets);
  if (there !== undefined) return new Uint8Array(await there.arrayBuffer());
  const whole = new Uint8Array(octets);
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    let at = 0;
    for (let next = await reader.read(); !next.done && at < offset + octets; next = await reader.read()) {
      const from = Math.max(0, offset - at);
      const part = next.value.subarray(from, Math.max(from, offset + octets - at));
      whole.set(part, Math.max(0, at - offset));
      at += next.value.length;
    }
  } finally {
    await reader.cancel(CANCELLED).catch(() => {});
  }
  return whole;
}

export async function isGzip(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x1f && second === 0x8b;
}
