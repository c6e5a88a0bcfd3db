/** The Compression Streams standard, as far as it is used: every browser and Node 18 and later have it. */
interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
    cancel(): Promise<void>;
  };
}
interface ByteSink {
  getWriter(): {
    write(octets: Uint8Array): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  };
}
declare const DecompressionStream: new (
  format: 'gzip',
) => { readonly readable: ByteStream; readonly writable: ByteSink };

/** Whether a file begins as RFC 1952 §2.3.1 says. */
export function isGzip(beginning: Uint8Array): boolean {
  return beginning[0] === 0x1f && beginning[1] === 0x8b;
}

/** Its contents as they come, no faster than they are taken. @throws an error of the platform's where it is damaged or cut. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const feeding = feed(chunks, writer);
  // What goes wrong there is told by the reader, too.
  feeding.catch(() => {});
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value !== undefined) yield next.value;
    }
    await feeding;
  } finally {
    await reader.cancel().catch(() => {});
    await writer.abort().catch(() => {});
  }
}

async function feed(chunks: AsyncIterable<Uint8Array>, writer: ReturnType<ByteSink['getWriter']>): Promise<void> {
  for await (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}
