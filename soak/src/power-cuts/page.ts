import { machine } from '../report/machine.ts';
import { LAWS } from '../world/violation.ts';
import type { PowerCut } from './power-cuts.ts';

/** What cutting the power at every step of one session came to. */
export interface PowerCutRow {
  readonly mode: string;
  readonly suite: string;
  readonly cuts: readonly PowerCut[];
}

/** docs/measured/power-cuts.md. */
export function powerCutPage(rows: readonly PowerCutRow[]): string {
  const lines = rows.map(({ mode, suite, cuts }) => `| ${mode} | ${suite} | ${cuts.length} | ${brokenIn(cuts)} |`);
  return `# Power cuts

Written by \`npm run soak -- --power-cuts --write-docs\` on ${machine()}.

Two gateways with a tunnel by IKE and one with keys by hand talk for three seconds. At every moment at which either of them sends or
receives, the power of the one gateway is cut just before, and in another run that of the other a millisecond later. It is on again at
once: what is by IKE begins anew; an SA with keys by hand goes on from the snapshot that was written down last. Then both have nine
seconds in which to be up again, and for one second more nothing may be lost.

| mode | suite | power cuts | after which a law did not hold |
|---|---|--:|--:|
${lines.join('\n')}

Among [the laws](soak.md#laws): ${LAWS['used-twice'].replace(', power cuts or not', '')}. A gateway that does not write its snapshots down is found
out by it: \`soak/test/power-cuts.test.ts\`.
`;
}

function brokenIn(cuts: readonly PowerCut[]): number {
  return cuts.filter(({ violations }) => violations.length > 0).length;
}
