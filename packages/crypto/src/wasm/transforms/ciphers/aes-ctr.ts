import type { EspTransformOptions } from '../../../engine.ts';
import { type KernelMemory, STRETCH_OCTETS } from '../../memory/kernel-memory.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { IvPlacer } from '../ivs.ts';
import type { Keystream, KeystreamMaker } from '../keystream.ts';
import { ESP_HEADER_OCTETS, type KernelArm, type KernelCipher, type Keying } from '../protection.ts';

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
  readonly #keysAt: number;
  readonly #overhead: number;
  readonly #icvOctets: number;
  readonly #keystream: Keystream;
  readonly #placeIvs: IvPlacer;

  constructor(keying: Keying, keystream: KeystreamMaker) {
    const { memory, context, keysAt, options, placeIvs } = keying;
    const { encryption, salt } = options.keys;
    this.#memory = memory;
    this.#keysAt = keysAt;
    this.#overhead = ESP_HEADER_OCTETS + options.suite.ivOctets + options.suite.icvOctets;
    this.#icvOctets = options.suite.icvOctets;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.ctrKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
  }

  encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(0, count);
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
      const octets = kernels.ctrCounters(this.#keysAt, from, to, this.#icvOctets, staging);
      this.#keystream.encrypt(from, to, octets, this.#overhead, 0);
      kernels.ctrCrypt(from, to, this.#icvOctets, staging);
      from = to;
    }
  }
}
