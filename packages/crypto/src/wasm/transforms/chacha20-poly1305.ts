import type { EspTransformOptions } from '../../engine.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { KernelTransform } from './kernel-transform.ts';

/** ChaCha20-Poly1305 (RFC 7634). */
export class ChachaTransform extends KernelTransform {
  constructor(memory: KernelMemory, options: EspTransformOptions) {
    super(memory, options, 1, true);
    const { encryption, salt } = options.keys;
    memory.at(this.context, encryption.length).set(encryption);
    memory.at(this.context + encryption.length, salt.length).set(salt);
  }

  protected override sealEntered(count: number, freshIv: boolean): void {
    const { kernels } = this.memory;
    if (freshIv) kernels.placeSequenceIvs(this.esn, count);
    kernels.chachaSeal(this.context, count, this.esn);
  }

  protected override openEntered(count: number): void {
    this.memory.kernels.chachaOpen(this.context, count, this.esn);
  }
}
