import { type KernelMemory, STAGING_OCTETS, STRETCH_OCTETS } from '../../memory/kernel-memory.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { IvPlacer } from '../ivs.ts';
import { type Keystream, type KeystreamMaker, NO_TEXT } from '../keystream.ts';
import { ESP_HEADER_OCTETS, type KernelAeadArm, type Keying, type Protection } from '../protection.ts';

/** Packets that GHASH takes at once. */
const LANES = 16;

/** AES-GCM (RFC 4106), its key stream made by `keystream`: round keys, salt and hash key. */
export function gcmArm(keystream: KeystreamMaker): KernelAeadArm {
  return { icvOctets: [8, 12, 16], ivs: ['sequence', 'implicit'], contextOctets, key: keyed(keystream, false) };
}

/** AES-GMAC (RFC 4543): AES-GCM without the encryption. */
export function gmacArm(keystream: KeystreamMaker): KernelAeadArm {
  return { icvOctets: [16], ivs: ['sequence'], contextOctets, key: keyed(keystream, true) };
}

function contextOctets(): number {
  return 288;
}

function keyed(keystream: KeystreamMaker, isGmac: boolean): KernelAeadArm['key'] {
  return (keying) => new Gcm(keying, keystream, isGmac);
}

class Gcm implements Protection {
  readonly constantTime = true;
  readonly #memory: KernelMemory;
  readonly #ivOctets: number;
  readonly #icvOctets: number;
  /** Octets of a packet beside the text that is encrypted. */
  readonly #overhead: number;
  readonly #esn: 0 | 1;
  readonly #isGmac: 0 | 1;
  readonly #keystream: Keystream;
  readonly #placeIvs: IvPlacer;

  constructor(keying: Keying, keystream: KeystreamMaker, isGmac: boolean) {
    const { memory, context, options, placeIvs } = keying;
    const { suite, keys, esn } = options;
    const { encryption, salt } = keys;
    this.#memory = memory;
    this.#ivOctets = suite.ivOctets;
    this.#icvOctets = suite.icvOctets;
    this.#overhead = isGmac ? NO_TEXT : ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets;
    this.#esn = esn ? 1 : 0;
    this.#isGmac = isGmac ? 1 : 0;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.gcmKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
  }

  seal(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(0, count);
    this.#run(count, this.#memory.kernels.gcmSeal);
  }

  open(count: number): void {
    this.#run(count, this.#memory.kernels.gcmOpen);
  }

  wipe(): void {
    this.#keystream.wipe();
  }

  #run(count: number, transform: (from: number, to: number, stream: number, gmac: 0 | 1) => void): void {
    const { kernels, staging } = this.#memory;
    const gmac = this.#isGmac;
    kernels.shapeAead(this.#ivOctets, this.#icvOctets, this.#esn);
    for (let from = 0; from < count; ) {
      const to = this.#stretch(from, count);
      this.#keystream.encrypt(from, to, kernels.gcmCounters(from, to, staging, gmac), this.#overhead, 1);
      transform(from, to, staging, gmac);
      from = to;
    }
  }

  /** The end of the next packets to be taken together: whole groups for GHASH, whose key stream stays in the cache. */
  #stretch(from: number, count: number): number {
    if (this.#isGmac) return count;
    const { jobs } = this.#memory;
    const group = jobs.fitting(from, Math.min(count, from + LANES), STAGING_OCTETS);
    const cached = jobs.fitting(from, count, STRETCH_OCTETS);
    return cached === count ? count : Math.max(group, cached - ((cached - from) % LANES));
  }
}
