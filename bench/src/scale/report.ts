import { nodeEngine } from '@espalier/crypto/node';
import type { TextTable } from '../report/text-table.ts';
import { withCheapKeys } from './cheap-keys.ts';
import { measureDatabases } from './databases.ts';
import { measureRenewal } from './renewal.ts';
import { SCALE_GOALS, type ScaleRow } from './rows.ts';
import { measureTimes } from './times.ts';
import { measureWeights } from './weights.ts';

const [FEWEST, MOST] = [10, 10_000];
const MOST_ENTRIES = 100_000;

/** How far what grows is followed, and how long. */
export interface ScaleEffort {
  readonly peers: readonly number[];
  readonly entries: readonly number[];
  /** Peers whose IKE SAs are renewed in one second, and that are weighed. */
  readonly renewed: number;
  readonly weighed: number;
  readonly timesTurns: number;
  readonly databaseTurns: number;
}

export const FULL_SCALE: ScaleEffort = {
  peers: [FEWEST, 1000, MOST],
  entries: [FEWEST, 1000, MOST_ENTRIES],
  renewed: MOST,
  weighed: 2000,
  timesTurns: 60,
  databaseTurns: 20,
};

export const QUICK_SCALE: ScaleEffort = { ...FULL_SCALE, timesTurns: 15, databaseTurns: 5 };

/** Beside everything else: what a mistake would show in, and not the largest numbers. */
export const BRIEF_SCALE: ScaleEffort = {
  peers: [FEWEST, 1000],
  entries: [FEWEST, 1000],
  renewed: 1000,
  weighed: 500,
  timesTurns: 15,
  databaseTurns: 3,
};

/** Times with few and with many peers, a storm of renewals, and what peers and tunnels weigh: engine node. */
export async function measureScale(effort: ScaleEffort): Promise<readonly ScaleRow[]> {
  const engine = withCheapKeys(nodeEngine({ arenaOctets: 256 * 1_048_576 }));
  return [
    ...measureTimes(engine, effort.peers, effort.timesTurns),
    ...(await measureRenewal(engine, effort.renewed)),
    ...measureDatabases(effort.entries, effort.databaseTurns),
    ...measureWeights(effort.weighed),
  ];
}

/** What grows as a multiple of what it is with the fewest peers, and whether it is as it should be. */
export function scaleTable(rows: readonly ScaleRow[]): TextTable {
  return {
    heading: ['scale', 'peers', 'children each', 'microseconds', 'octets', 'of 10', 'goal'],
    rows: rows.map((row) => {
      const growth = growthOf(row, rows);
      return [
        row.what,
        row.peers.toLocaleString('en'),
        row.children === 0 ? '' : String(row.children),
        format(row.microseconds),
        format(row.octets),
        growth === undefined ? '' : growth.toFixed(2),
        goalOf(row, growth),
      ];
    }),
  };
}

function growthOf(row: ScaleRow, rows: readonly ScaleRow[]): number | undefined {
  const least = rows.find(({ what, peers }) => what === row.what && peers === FEWEST)?.microseconds;
  return row.microseconds === undefined || least === undefined ? undefined : row.microseconds / least;
}

function goalOf({ what, peers, microseconds, octets }: ScaleRow, growth: number | undefined): string {
  const { longestMicroseconds, idleOctets, liveOctets, arenaOctets } = SCALE_GOALS;
  if (what.startsWith('renewal of all IKE SAs in one second, longest')) {
    return verdict(microseconds, longestMicroseconds);
  }
  if (what === 'heap of a configured idle peer') return verdict(octets, idleOctets);
  if (what === 'heap of a live tunnel end') return verdict(octets, liveOctets);
  if (what === 'arena of a live tunnel end') return verdict(octets, arenaOctets);
  if (peers === MOST_ENTRIES) return verdict(growth, SCALE_GOALS.databaseGrowth);
  return peers === MOST ? verdict(growth, SCALE_GOALS.growth) : '';
}

function verdict(value: number | undefined, most: number): string {
  if (value === undefined) return '';
  return `${value <= most ? 'met' : 'missed'}: at most ${most.toLocaleString('en')}`;
}

function format(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
