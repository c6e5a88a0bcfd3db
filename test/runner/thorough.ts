/** What a test has for fast-check in `npm run thorough`: each law so many times as often, from one seed, for a minute at most. */
import * as fastCheck from '../../node_modules/fast-check/lib/fast-check.js';
import { seed, times } from '../support/thorough.ts';

export * from '../../node_modules/fast-check/lib/fast-check.js';

const MOST_MILLISECONDS = 60_000;

export function assert<Ts>(property: fastCheck.IAsyncProperty<Ts>, params?: fastCheck.Parameters<Ts>): Promise<void>;
export function assert<Ts>(property: fastCheck.IProperty<Ts>, params?: fastCheck.Parameters<Ts>): void;
export function assert<Ts>(property: fastCheck.IRawProperty<Ts>, params: fastCheck.Parameters<Ts> = {}): unknown {
  return fastCheck.assert(property, {
    ...(seed === undefined ? {} : { seed }),
    interruptAfterTimeLimit: MOST_MILLISECONDS,
    ...params,
    numRuns: (params.numRuns ?? 100) * times,
  });
}

export default { ...fastCheck, assert };
