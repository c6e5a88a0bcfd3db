import { writeFileSync } from 'node:fs';
import { KEYED } from './keyed.ts';
import { siegesPage } from './markdown.ts';
import { runSiege } from './run.ts';
import type { Siege } from './siege.ts';
import { SPOOFED } from './spoofed.ts';
import { STORMS } from './storms.ts';

/** All that a gateway is flooded with. */
export const SIEGES: readonly Siege[] = [...SPOOFED, ...KEYED, ...STORMS];

/** So many datagrams go before what is measured: code is compiled, and stays. */
const WARMING = 3000;

interface SiegesOptions {
  readonly seed: number;
  /** At most, of each flood. */
  readonly datagrams: number;
  readonly writeDocs: boolean;
}

/** Whether every law has held. */
export function runSieges({ seed, datagrams, writeDocs }: SiegesOptions): boolean {
  const outcomes = SIEGES.map((flood) => {
    runSiege(flood, WARMING, seed);
    const outcome = runSiege(flood, Math.min(flood.datagrams, datagrams), seed);
    const { cost, heap, broken } = outcome;
    console.log(
      `${flood.name}, ${flood.peers} peers: ${outcome.datagrams} datagrams, ${cost.toFixed(0)} µs each, ${(heap.most / 2 ** 20).toFixed(1)} MiB more`,
    );
    for (const { law, detail } of broken) console.log(`  ${law}: ${detail}`);
    return outcome;
  });
  if (writeDocs) {
    const limit = datagrams === Number.POSITIVE_INFINITY ? '' : ` --datagrams ${datagrams}`;
    const page = siegesPage(outcomes, `npm run soak -- --sieges --seed ${seed}${limit} --write-docs`);
    writeFileSync(new URL('../../../docs/measured/sieges.md', import.meta.url), page);
  }
  return outcomes.every(({ broken }) => broken.length === 0);
}
