import type { Engine, Rng } from '@espalier/crypto';
import type { Identification } from '@espalier/wire';
import type { IkeSa } from '../sa/ike-sa.ts';
import type { ChildPolicy } from '../types.ts';
import { addressId } from '../v1/identities.ts';
import type { OwnSpis } from '../v1/proposals/spis.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';

/** Whose children are negotiated. */
export interface Answerer {
  /** The children as they are answered now. */
  readonly answered: readonly ChildPolicy[];
  /** For so many children; `compresses`: whether each needs a CPI. @throws Refusal where there is no room for them. */
  drawSpis(compresses: readonly boolean[]): readonly OwnSpis[];
}

/** With what the Quick Modes of one IKE SA are answered: the children as they are configured when one begins. */
export class Responder implements QuickResponder {
  readonly #ikeSa: IkeSa;
  readonly #answerer: Answerer;

  constructor(ikeSa: IkeSa, answerer: Answerer) {
    this.#ikeSa = ikeSa;
    this.#answerer = answerer;
  }

  get engine(): Engine {
    return this.#ikeSa.environment.engine;
  }

  get rng(): Rng {
    return this.#ikeSa.environment.rng;
  }

  get policies(): readonly ChildPolicy[] {
    return this.#answerer.answered;
  }

  get gateways(): readonly [Identification, Identification] {
    const { local, remote } = this.#ikeSa.path;
    return [addressId(remote.address), addressId(local.address)];
  }

  drawSpis(compresses: readonly boolean[]): readonly OwnSpis[] {
    return this.#answerer.drawSpis(compresses);
  }
}
