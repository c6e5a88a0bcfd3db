import type { Kernels } from '../../kernels/kernels.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { IvPlacer } from '../ivs.ts';
import type { KernelCipher, Keying } from '../protection.ts';

/** DES-CBC (RFC 2405) and 3DES-CBC (RFC 2451). Sealing a few packets looks secrets up in tables, unless strict. */
export class Des implements KernelCipher {
  readonly constantTime: boolean;
  readonly #kernels: Kernels;
  readonly #keysAt: number;
  readonly #icvOctets: number;
  readonly #triple: 0 | 1;
  readonly #strict: 0 | 1;
  readonly #placeIvs: IvPlacer;

  constructor({ memory, context, keysAt, options, placeIvs }: Keying, triple: 0 | 1) {
    const { suite, keys, direction, strictConstantTime } = options;
    this.constantTime = direction === 'open' || strictConstantTime === true;
    this.#kernels = memory.kernels;
    this.#keysAt = keysAt;
    this.#icvOctets = suite.icvOctets;
    this.#triple = triple;
    this.#strict = strictConstantTime === true ? 1 : 0;
    this.#placeIvs = placeIvs;
    withSecrets(memory, [keys.encryption], (at) => memory.kernels.desKey(context, at, triple));
  }

  encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.#placeIvs(0, count);
    this.#kernels.desSeal(this.#keysAt, count, this.#icvOctets, this.#triple, this.#strict);
  }

  decrypt(count: number): void {
    this.#kernels.desOpen(this.#keysAt, count, this.#icvOctets, this.#triple);
  }

  wipe(): void {}
}
