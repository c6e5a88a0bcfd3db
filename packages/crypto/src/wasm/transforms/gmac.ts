import type { KernelMemory } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import type { IvPlacer } from './ivs.ts';
import { type Keystream, type KeystreamMaker, NO_TEXT } from './keystream.ts';
import type { KernelAeadArm, Keying, Protection } from './protection.ts';

/** AES-GMAC (RFC 4543): that of AES-GCM without the encryption. */
export function gmacArm(keystream: KeystreamMaker): KernelAeadArm {
  return {
    icvOctets: [16],
    ivs: ['sequence'],
    contextOctets: () => 288,
    key: (keying) => new Gmac(keying, keystream),
  };
}

class Gmac implements Protection {
  readonly constantTime = true;
  readonly #memory: KernelMemory;
  readonly #ivOctets: number;
  readonly #icvOctets: number;
  readonly #esn: 0 | 1;
  readonly #keystream: Keystream;
  readonly #placeIvs: IvPlacer;

  constructor(keying: Keying, keystream: KeystreamMaker) {
    const { memory, context, options, placeIvs } = keying;
    const { encryption, salt } = options.keys;
    this.#memory = memory;
    this.#ivOctets = options.suite.ivOctets;
    this.#icvOctets = options.suite.icvOctets;
    this.#esn = options.esn ? 1 : 0;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.gcmKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
  }

  seal(count: number, freshIv: boolean): void {
    const { kernels, staging } = this.#memory;
    if (freshIv) this.#placeIvs(0, count);
    this.#makeStream(count);
    kernels.gmacSeal(0, count, staging);
  }

  open(count: number): void {
    const { kernels, staging } = this.#memory;
    this.#makeStream(count);
    kernels.gmacOpen(0, count, staging);
  }

  wipe(): void {
    this.#keystream.wipe();
  }

  /** What hides the ICVs. */
  #makeStream(count: number): void {
    const { kernels, staging } = this.#memory;
    kernels.shapeAead(this.#ivOctets, this.#icvOctets, this.#esn);
    this.#keystream.encrypt(0, count, kernels.gmacCounters(0, count, staging), NO_TEXT, 1);
  }
}
