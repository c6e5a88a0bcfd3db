import { type KernelMemory, STREAM_OCTETS } from '../../memory/kernel-memory.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { Chains, ChainsMaker } from '../chains.ts';
import type { IvPlacer } from '../ivs.ts';
import type { Keystream, KeystreamMaker } from '../keystream.ts';
import { ESP_HEADER_OCTETS, type KernelAeadArm, type Keying, type Protection } from '../protection.ts';

/** AES-CCM (RFC 4309), its key stream made by `keystream` and its MACs by `chains`: round keys and salt. */
export function ccmArm(keystream: KeystreamMaker, chains: ChainsMaker): KernelAeadArm {
  return {
    icvOctets: [8, 12, 16],
    ivs: ['sequence', 'implicit'],
    contextOctets: () => 272,
    key: (keying) => new Ccm(keying, keystream, chains),
  };
}

class Ccm implements Protection {
  readonly constantTime = true;
  readonly #memory: KernelMemory;
  readonly #ivOctets: number;
  readonly #icvOctets: number;
  readonly #esn: 0 | 1;
  readonly #keystream: Keystream;
  readonly #chains: Chains;
  readonly #placeIvs: IvPlacer;

  constructor(keying: Keying, keystream: KeystreamMaker, chains: ChainsMaker) {
    const { memory, context, options, placeIvs } = keying;
    const { encryption, salt } = options.keys;
    this.#memory = memory;
    this.#ivOctets = options.suite.ivOctets;
    this.#icvOctets = options.suite.icvOctets;
    this.#esn = options.esn ? 1 : 0;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [encryption, salt], (at) => memory.kernels.ccmKey(context, at, encryption.length));
    this.#keystream = keystream(keying);
    this.#chains = chains(keying, encryption);
  }

  seal(count: number, freshIv: boolean): void {
    const { kernels, staging } = this.#memory;
    if (freshIv) this.#placeIvs(0, count);
    kernels.shapeAead(this.#ivOctets, this.#icvOctets, this.#esn);
    for (let from = 0; from < count; ) {
      const to = this.#makeStream(from, count);
      kernels.ccmBegin(from, to);
      this.#chains.run();
      kernels.ccmCrypt(from, to, staging, 0);
      kernels.ccmFinish(from, to, staging, 0);
      from = to;
    }
  }

  open(count: number): void {
    const { kernels, staging } = this.#memory;
    kernels.shapeAead(this.#ivOctets, this.#icvOctets, this.#esn);
    for (let from = 0; from < count; ) {
      const to = this.#makeStream(from, count);
      kernels.ccmCrypt(from, to, staging, 0);
      kernels.ccmBegin(from, to);
      this.#chains.run();
      kernels.ccmFinish(from, to, staging, 1);
      // What was refused is encrypted again.
      kernels.ccmCrypt(from, to, staging, 1);
      from = to;
    }
  }

  wipe(): void {
    this.#keystream.wipe();
    this.#chains.wipe();
  }

  /** The key stream of the next packets, as many as there is room for: a step of their chains is one call. Returns their end. */
  #makeStream(from: number, count: number): number {
    const { kernels, staging, jobs } = this.#memory;
    const to = jobs.fitting(from, count, STREAM_OCTETS);
    const overhead = ESP_HEADER_OCTETS + this.#ivOctets + this.#icvOctets;
    this.#keystream.encrypt(from, to, kernels.ccmCounters(from, to, staging), overhead, 1);
    return to;
  }
}
