import type { EspTransformOptions } from '../../engine.ts';
import { type KernelMemory, STAGING_OCTETS } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import { KernelTransform } from './kernel-transform.ts';

/** Packets that GHASH takes at once. */
const LANES = 16;
const STRETCH_OCTETS = 65_536;

/** AES-GCM with an ICV of 16 octets (RFC 4106). */
export class GcmTransform extends KernelTransform {
  constructor(memory: KernelMemory, options: EspTransformOptions) {
    super(memory, options, 1, true);
    const { encryption, salt } = options.keys;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.gcmKey(this.context, at, encryption.length));
  }

  protected override sealEntered(count: number, freshIv: boolean): void {
    const { kernels, staging } = this.memory;
    if (freshIv) kernels.placeSequenceIvs(this.esn, count);
    for (let from = 0; from < count; ) {
      const to = this.#stretch(from, count);
      this.keyStream(kernels.gcmCounters(this.context, from, to, staging));
      kernels.gcmSeal(this.context, from, to, staging, this.esn);
      from = to;
    }
  }

  protected override openEntered(count: number): void {
    const { kernels, staging } = this.memory;
    for (let from = 0; from < count; ) {
      const to = this.#stretch(from, count);
      this.keyStream(kernels.gcmCounters(this.context, from, to, staging));
      kernels.gcmOpen(this.context, from, to, staging, this.esn);
      from = to;
    }
  }

  /** Encrypts the counter blocks in the staging area. */
  protected keyStream(octets: number): void {
    this.memory.kernels.aesEcb(this.context, this.memory.staging, octets);
  }

  /** The end of the next packets to be taken together: whole groups for GHASH, whose key stream stays in the cache. */
  #stretch(from: number, count: number): number {
    const group = this.memory.jobs.fitting(from, Math.min(count, from + LANES), STAGING_OCTETS);
    const cached = this.memory.jobs.fitting(from, count, STRETCH_OCTETS);
    return cached === count ? count : Math.max(group, cached - ((cached - from) % LANES));
  }
}
