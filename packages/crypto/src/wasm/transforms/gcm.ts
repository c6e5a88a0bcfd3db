import { type KernelMemory, STAGING_OCTETS, STRETCH_OCTETS } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import type { IvPlacer } from './ivs.ts';
import type { Keystream, KeystreamMaker } from './keystream.ts';
import { ESP_HEADER_OCTETS, type KernelAeadArm, type Keying, type Protection } from './protection.ts';

/** Packets that GHASH takes at once. */
const LANES = 16;

/** AES-GCM (RFC 4106), its key stream made by `keystream`: round keys, salt and hash key. */
export function gcmArm(keystream: KeystreamMaker): KernelAeadArm {
  return {
    icvOctets: [8, 12, 16],
    ivs: ['sequence', 'implicit'],
    contextOctets: () => 288,
    key: (keying) => new Gcm(keying, keystream),
  };
}

class Gcm implements Protection {
  readonly constantTime = true;
  readonly #memory: KernelMemory;
  readonly #ivOctets: number;
  readonly #icvOctets: number;
  /** Octets of a packet beside its text. */
  readonly #overhead: number;
  readonly #esn: 0 | 1;
  readonly #keystream: Keystream;
  readonly #placeIvs: IvPlacer;

  constructor(keying: Keying, keystream: KeystreamMaker) {
    const { memory, context, options, placeIvs } = keying;
    const { encryption, salt } = options.keys;
    this.#memory = memory;
    this.#ivOctets = options.suite.ivOctets;
    this.#icvOctets = options.suite.icvOctets;
    this.#overhead = ESP_HEADER_OCTETS + options.suite.ivOctets + options.suite.icvOctets;
    this.#esn = options.esn ? 1 : 0;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.gcmKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
  }

  seal(count: number, freshIv: boolean): void {
    const { kernels, staging } = this.#memory;
    if (freshIv) this.#placeIvs(0, count);
    this.#shape();
    for (let from = 0; from < count; ) {
      const to = this.#stretch(from, count);
      this.#keystream.encrypt(from, to, kernels.gcmCounters(from, to, staging), this.#overhead, 1);
      kernels.gcmSeal(from, to, staging);
      from = to;
    }
  }

  open(count: number): void {
    const { kernels, staging } = this.#memory;
    this.#shape();
    for (let from = 0; from < count; ) {
      const to = this.#stretch(from, count);
      this.#keystream.encrypt(from, to, kernels.gcmCounters(from, to, staging), this.#overhead, 1);
      kernels.gcmOpen(from, to, staging);
      from = to;
    }
  }

  wipe(): void {
    this.#keystream.wipe();
  }

  #shape(): void {
    this.#memory.kernels.shapeAead(this.#ivOctets, this.#icvOctets, this.#esn);
  }

  /** The end of the next packets to be taken together: whole groups for GHASH, whose key stream stays in the cache. */
  #stretch(from: number, count: number): number {
    const { jobs } = this.#memory;
    const group = jobs.fitting(from, Math.min(count, from + LANES), STAGING_OCTETS);
    const cached = jobs.fitting(from, count, STRETCH_OCTETS);
    return cached === count ? count : Math.max(group, cached - ((cached - from) % LANES));
  }
}
