import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { decryptedFrame, type Observation, PcapngWriter } from '@espalier/capture';

/** What was decrypted, as a capture of IP. */
export class InnerPackets {
  readonly #writer = new PcapngWriter();
  readonly #stream;
  /** What is wrong with the file. */
  readonly #failed: Promise<never>;

  constructor(file: string) {
    this.#stream = createWriteStream(file, { mode: 0o600 });
    this.#failed = new Promise((_, reject) => this.#stream.once('error', reject));
    this.#failed.catch(() => {});
    this.#stream.write(this.#writer.beginning());
  }

  /** Rejects where the file cannot be written. */
  async take(observation: Observation): Promise<void> {
    const frame = decryptedFrame(observation);
    if (frame === undefined || this.#stream.write(this.#writer.frame(frame))) return;
    await Promise.race([this.#failed, new Promise<void>((resolve) => this.#stream.once('drain', resolve))]);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }
}
