import type { Kernels } from '../../kernels/kernels.ts';
import type { IvPlacer } from '../ivs.ts';
import type { Keying, Protection } from '../protection.ts';

/** RFC 7634 §2. */
const ICV_OCTETS = 16;

/** ChaCha20-Poly1305 (RFC 7634): the context is the key, then the salt. */
export class ChaCha20Poly1305 implements Protection {
  readonly constantTime = true;
  readonly #kernels: Kernels;
  readonly #ivOctets: number;
  readonly #esn: 0 | 1;
  readonly #placeIvs: IvPlacer;

  constructor({ memory, context, options, placeIvs }: Keying) {
    const { encryption, salt } = options.keys;
    this.#kernels = memory.kernels;
    this.#ivOctets = options.suite.ivOctets;
    this.#esn = options.esn ? 1 : 0;
    this.#placeIvs = placeIvs;
    memory.at(context, encryption.length).set(encryption);
    memory.at(context + encryption.length, salt.length).set(salt);
  }

  seal(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(0, count);
    this.#shape();
    this.#kernels.chachaSeal(count);
  }

  open(count: number): void {
    this.#shape();
    this.#kernels.chachaOpen(count);
  }

  wipe(): void {}

  #shape(): void {
    this.#kernels.shapeAead(this.#ivOctets, ICV_OCTETS, this.#esn);
  }
}
