import type { EspTransformOptions } from '../../../engine.ts';
import type { KernelMemory } from '../../memory/kernel-memory.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { IvPlacer } from '../ivs.ts';
import type { KernelCipher, Keying } from '../protection.ts';

/** Octets of the number of rounds and the round keys of one direction. */
export function aesContextOctets({ suite }: EspTransformOptions): number {
  return 16 + 16 * (suite.encryptionKeyOctets / 4 + 7);
}

/** AES-CBC (RFC 3602). */
export class AesCbc implements KernelCipher {
  readonly constantTime = true;
  protected readonly memory: KernelMemory;
  protected readonly icvOctets: number;
  readonly #keysAt: number;
  readonly #placeIvs: IvPlacer;

  constructor({ memory, context, keysAt, options, placeIvs }: Keying) {
    const { suite, keys, direction } = options;
    const { encryption } = keys;
    this.memory = memory;
    this.#keysAt = keysAt;
    this.icvOctets = suite.icvOctets;
    this.#placeIvs = placeIvs;
    const decrypt = direction === 'open' ? 1 : 0;
    withSecrets(memory, [encryption], (at) => memory.kernels.aesKey(context, at, encryption.length, decrypt));
  }

  encrypt(count: number, freshIv: boolean): void {
    this.encryptJobs(0, count, freshIv);
  }

  decrypt(count: number): void {
    this.decryptJobs(0, count);
  }

  /** By the kernels. */
  protected encryptJobs(from: number, to: number, freshIv: boolean): void {
    const { kernels } = this.memory;
    if (freshIv) this.#placeIvs(from, to);
    kernels.aesCbcSeal(this.#keysAt, from, to, 16, this.icvOctets);
    kernels.macRest();
  }

  protected decryptJobs(from: number, to: number): void {
    this.memory.kernels.aesCbcOpen(this.#keysAt, from, to, this.icvOctets);
  }

  wipe(): void {}
}
