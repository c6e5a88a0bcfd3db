import type { Engine } from '@espalier/crypto';
import { Descriptors } from './descriptors.ts';
import { Jobs } from './jobs.ts';

/** A batch of one, in the caller's own memory. */
export class Single {
  readonly packet: Descriptors = new Descriptors(1);
  readonly job: Jobs = new Jobs(1);
  /** Whether a packet is in it: a source of randomness may seal or open packets of its own. */
  isTaken = false;
}

const BY_ENGINE = new WeakMap<Engine, Single>();

/** The one that all SAs of an engine share: there is never more than one packet on its way alone. */
export function singleOf(engine: Engine): Single {
  let single = BY_ENGINE.get(engine);
  if (single === undefined) {
    single = new Single();
    BY_ENGINE.set(engine, single);
  }
  return single;
}

/** `shared`, or one like it while that is taken. Give it back by `isTaken = false`, whatever an engine throws. */
export function take(shared: Single): Single {
  if (shared.isTaken) return new Single();
  shared.isTaken = true;
  return shared;
}
