import type { Engine, Rng } from '@espalier/crypto';
import type { Identification, Spi } from '@espalier/wire';
import type { Environment } from '../runtime/environment.ts';
import type { IkeSa } from '../sa/ike-sa.ts';
import type { ChildPolicy } from '../types.ts';
import { addressId } from '../v1/identities.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';
import type { Entry } from './pad/entry.ts';

/** With what the Quick Modes of one IKE SA are answered: the children as they are configured when one begins. */
export class Responder implements QuickResponder {
  readonly #environment: Environment;
  readonly #entry: Entry<unknown>;
  readonly #ikeSa: IkeSa;
  readonly #drawSpi: () => Spi;

  constructor(environment: Environment, entry: Entry<unknown>, ikeSa: IkeSa, drawSpi: () => Spi) {
    this.#environment = environment;
    this.#entry = entry;
    this.#ikeSa = ikeSa;
    this.#drawSpi = drawSpi;
  }

  get engine(): Engine {
    return this.#environment.engine;
  }

  get rng(): Rng {
    return this.#environment.rng;
  }

  get policies(): readonly ChildPolicy[] {
    return this.#entry.config.children;
  }

  get gateways(): readonly [Identification, Identification] {
    const { local, remote } = this.#ikeSa.path;
    return [addressId(remote.address), addressId(local.address)];
  }

  drawSpi(): Spi {
    return this.#drawSpi();
  }
}
