import type { EspTransformOptions } from '../../engine.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import type { KernelCipher, Keying } from './protection.ts';

/** Octets of the number of rounds and the round keys of one direction. */
export function aesContextOctets({ suite }: EspTransformOptions): number {
  return 16 + 16 * (suite.encryptionKeyOctets / 4 + 7);
}

/** AES-CBC (RFC 3602). */
export class AesCbc implements KernelCipher {
  readonly constantTime = true;
  protected readonly memory: KernelMemory;
  protected readonly icvOctets: number;
  readonly #context: number;
  readonly #placeIvs: (count: number) => void;

  constructor({ memory, context, options, placeIvs }: Keying) {
    const { suite, keys, direction } = options;
    const { encryption } = keys;
    this.memory = memory;
    this.icvOctets = suite.icvOctets;
    this.#context = context;
    this.#placeIvs = placeIvs;
    const decrypt = direction === 'open' ? 1 : 0;
    withSecrets(memory, [encryption], (at) => memory.kernels.aesKey(context, at, encryption.length, decrypt));
  }

  encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(count);
    this.memory.kernels.aesCbcSeal(this.#context, count, this.icvOctets);
  }

  decrypt(count: number): void {
    this.memory.kernels.aesCbcOpen(this.#context, count, this.icvOctets);
  }

  wipe(): void {}
}
