import type { EspTransformOptions } from '../engine.ts';
import { withSecret } from './hmac-context.ts';
import { type KernelMemory, STAGING_OCTETS } from './kernel-memory.ts';
import { KernelTransform } from './kernel-transform.ts';

/** AES-GCM with an ICV of 16 octets (RFC 4106). */
export class GcmTransform extends KernelTransform {
  constructor(memory: KernelMemory, options: EspTransformOptions) {
    super(memory, options, 1, true);
    const { encryption, salt } = options.keys;
    const secret = new Uint8Array([...encryption, ...salt]);
    withSecret(memory, secret, (at) => memory.kernels.gcmKey(this.context, at, encryption.length));
    secret.fill(0);
  }

  protected override sealEntered(count: number, freshIv: boolean): void {
    const { kernels, staging } = this.memory;
    if (freshIv) kernels.placeSequenceIvs(this.esn, count);
    for (let from = 0; from < count; ) {
      const to = this.#fitting(from, count);
      this.keyStream(kernels.gcmCounters(this.context, from, to, staging));
      kernels.gcmSeal(this.context, from, to, staging, this.esn);
      from = to;
    }
  }

  protected override openEntered(count: number): void {
    const { kernels, staging } = this.memory;
    for (let from = 0; from < count; ) {
      const to = this.#fitting(from, count);
      this.keyStream(kernels.gcmCounters(this.context, from, to, staging));
      kernels.gcmOpen(this.context, from, to, staging, this.esn);
      from = to;
    }
  }

  /** Encrypts the counter blocks in the staging area. */
  protected keyStream(octets: number): void {
    this.memory.kernels.aesEcb(this.context, this.memory.staging, octets);
  }

  /** The end of those packets from `from` on whose key streams fit into the staging area together. */
  #fitting(from: number, count: number): number {
    let to = from;
    for (let octets = 0; to < count; to++) {
      octets += this.memory.lengthOf(to);
      if (octets > STAGING_OCTETS && to > from) break;
    }
    return to;
  }
}
