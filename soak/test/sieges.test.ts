import { describe, expect, it } from 'vitest';
import { isThorough } from '../../test/support/thorough.ts';
import { runSiege } from '../src/sieges/run.ts';
import type { Siege } from '../src/sieges/siege.ts';
import { SIEGES } from '../src/sieges/sieges.ts';

// It looks at what memory holds (memoryUsage): so it has a process of its own.

/** More than may be half open at the same time; of the other floods so many as give real peers time for their tunnels. */
const MANY = 6500;
const FEW = 400;
/** With so many, IKE SAs that were gone and known by their first message for 90 s more held what a minute must not leave. */
const KEYED = isThorough ? 9000 : FEW;

/** Each kind once. */
const LOOKED_AT = isThorough
  ? SIEGES
  : SIEGES.filter(({ kind }, i) => SIEGES.findIndex((other) => other.kind === kind) === i);

describe('a gateway that is flooded', () => {
  it.each(LOOKED_AT.map((flood): [string, Siege] => [`${flood.name}, of ${flood.peers} peers`, flood]))(
    'with %s keeps within its bounds, and serves who is real',
    (name, flood) => {
      const isWhole = name.startsWith('spoofed') && flood.mode === 'main' && flood.peers === 1;
      const slower = isWhole ? flood : { ...flood, perSecond: FEW };
      const outcome = runSiege(slower, isWhole ? MANY : flood.isKeyed ? KEYED : FEW);
      expect(outcome.datagrams).toBeGreaterThanOrEqual(FEW);
      expect(outcome.real.begun).toBeGreaterThan(15);
      expect(outcome.broken).toEqual([]);
    },
    120_000,
  );
});
