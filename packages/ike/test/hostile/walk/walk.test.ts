import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { sharing, signingPeers, users, type WalkPeers } from './peers.ts';
import { PRIVATE_GROUPS, STEPS, Walk } from './walk.ts';

/** `npm run walk`: how far, and from where. */
const { WALK_STEPS = '1000', WALK_SEED = '1' } = process.env;
const steps = Number(WALK_STEPS);
const seed = Number(WALK_SEED);

/** Steps between two times that both ends are left in peace. */
const STRETCH = 250;

const SHORT = {
  lifetime: seconds(600),
  deadPeerDetection: { idle: seconds(20), interval: seconds(2), retries: 3 },
  acceptedGroups: PRIVATE_GROUPS,
};
const WAYS: readonly (readonly [name: string, peers: WalkPeers])[] = [
  ['Main Mode', sharing(SHORT)],
  ['Aggressive Mode', sharing({ ...SHORT, mode: 'aggressive' })],
  ['Main Mode with signatures', signingPeers(SHORT)],
  ['Aggressive Mode with signatures', signingPeers({ ...SHORT, mode: 'aggressive' })],
  ['Aggressive Mode with certificates that are asked about', signingPeers({ ...SHORT, mode: 'aggressive' }, true)],
  ['Main Mode, XAuth, Mode Config', users(SHORT, { mode: 'main' })],
  ['Aggressive Mode, XAuth, Mode Config that is pushed', users(SHORT, { mode: 'aggressive', method: 'push' })],
  ['Aggressive Mode in hybrid authentication, Mode Config', users(SHORT, { mode: 'aggressive' }, true)],
];

describe('a walk at random over all exchanges', () => {
  it.each(WAYS)(
    'lets nobody in without the key, ends nothing for who has none, and is never at a dead end: %s',
    (name, peers) => {
      const walk = new Walk(seed, peers);
      for (let i = 1; i <= steps; i++) {
        try {
          walk.step();
          if (i % STRETCH === 0) walk.settle();
        } catch (error) {
          throw new Error(`${name}, seed ${seed}, step ${i}`, { cause: error });
        }
      }
      // It has been somewhere.
      expect(walk.established.ike).toBeGreaterThan(steps / 100);
      expect(walk.established.child).toBeGreaterThan(steps / 100);
      expect(walk.established.group).toBeGreaterThan(steps / 500);
      expect([...walk.done.keys()].sort()).toEqual([...STEPS].sort());
    },
    Math.max(30_000, steps * 20),
  );
});
