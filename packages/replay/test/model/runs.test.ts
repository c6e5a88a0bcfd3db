import { readFileSync } from 'node:fs';
import { ReplayWindow } from '@espalier/replay';
import { describe, expect, it } from 'vitest';

/** As `npm run models -- --write` has kept it: of each packet what it carries, what that means, and what is said of it. */
interface Run {
  readonly esn: boolean;
  readonly packets: readonly (readonly [carried: number, meant: string, verdict: string])[];
}

const RUNS: readonly Run[] = JSON.parse(readFileSync(new URL('runs.json', import.meta.url), 'utf8'));

describe('runs of the model in replay-window.qnt', () => {
  it('have every verdict, of short numbers and of long ones', () => {
    expect(RUNS.length).toBeGreaterThan(20);
    const said = new Set(RUNS.flatMap(({ esn, packets }) => packets.map(([, , verdict]) => `${verdict} ${esn}`)));
    for (const one of ['new true', 'new false', 'replayed true', 'replayed false', 'too-old false', 'bad-icv true']) {
      expect(said).toContain(one);
    }
  });

  it.each(RUNS)('are the same of our window, run %#', ({ esn, packets }) => {
    const window = new ReplayWindow({ packets: 32, esn });
    const delivered = new Set<string>();
    for (const [carried, meant, verdict] of packets) {
      // The ICV is not the window's to judge: what it is wrong for is new to the window.
      expect(window.check(carried)).toBe(verdict === 'bad-icv' ? 'new' : verdict);
      if (verdict === 'too-old') continue;
      expect((BigInt(window.sequenceHigh) << 32n) + BigInt(carried)).toBe(BigInt(meant));
      if (verdict !== 'new') continue;
      window.commit(carried, window.sequenceHigh);
      expect(delivered).not.toContain(meant);
      delivered.add(meant);
    }
  });
});
