import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type Observation, PcapngWriter } from '@espalier/capture';
import { PROTOCOL } from '@espalier/wire';

/** Packets that came out of tunnels, as a capture. */
export class InnerPackets {
  readonly #writer = new PcapngWriter();
  readonly #stream;

  constructor(file: string) {
    this.#stream = createWriteStream(file, { mode: 0o600 });
    this.#stream.write(this.#writer.beginning());
  }

  async take(observation: Observation): Promise<void> {
    if (observation.kind !== 'esp' || observation.inner === undefined) return;
    const { inner: octets, nextHeader, frame, spi } = observation;
    // A file may say any time at all.
    const time = observation.time >= 0 && observation.time < 2 ** 40 ? observation.time : 0;
    if (nextHeader !== PROTOCOL.ipip && nextHeader !== PROTOCOL.ipv6) return;
    const comment = `frame ${frame}, SPI 0x${spi.toString(16).padStart(8, '0')}`;
    if (this.#stream.write(this.#writer.frame({ time, octets, comment }))) return;
    await new Promise<void>((resolve) => this.#stream.once('drain', resolve));
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }
}
