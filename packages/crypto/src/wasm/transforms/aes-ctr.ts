import type { EspTransformOptions } from '../../engine.ts';
import { type KernelMemory, STRETCH_OCTETS } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import type { Keystream, KeystreamMaker } from './keystream.ts';
import type { KernelArm, KernelCipher, Keying } from './protection.ts';

/** Where the kernels have the salt, behind the longest schedule. */
const SALT_AT = 256;

/** AES-CTR (RFC 3686), its key stream made by `keystream`. */
export function ctrArm(keystream: KeystreamMaker): KernelArm<KernelCipher> {
  return { contextOctets: ctrContextOctets, key: (keying) => new AesCtr(keying, keystream) };
}

function ctrContextOctets({ suite }: EspTransformOptions): number {
  return SALT_AT + 4 * suite.saltOctets;
}

class AesCtr implements KernelCipher {
  readonly constantTime = true;
  readonly #memory: KernelMemory;
  readonly #context: number;
  readonly #icvOctets: number;
  readonly #keystream: Keystream;
  readonly #placeIvs: (count: number) => void;

  constructor(keying: Keying, keystream: KeystreamMaker) {
    const { memory, context, options, placeIvs } = keying;
    const { encryption, salt } = options.keys;
    this.#memory = memory;
    this.#context = context;
    this.#icvOctets = options.suite.icvOctets;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.ctrKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
  }

  encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(count);
    this.#crypt(count);
  }

  decrypt(count: number): void {
    this.#crypt(count);
  }

  wipe(): void {
    this.#keystream.wipe();
  }

  /** Stretch by stretch, so that a key stream stays in the processor's nearer caches. */
  #crypt(count: number): void {
    const { kernels, jobs, staging } = this.#memory;
    for (let from = 0; from < count; ) {
      const to = jobs.fitting(from, count, STRETCH_OCTETS);
      this.#keystream.encrypt(kernels.ctrCounters(this.#context, from, to, this.#icvOctets, staging));
      kernels.ctrCrypt(from, to, this.#icvOctets, staging);
      from = to;
    }
  }
}
