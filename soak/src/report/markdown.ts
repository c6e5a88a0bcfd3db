import { CONVERGENCE } from '../plan/plan-world.ts';
import { LAWS } from '../world/violation.ts';
import type { Run } from './piece.ts';
import type { Tally } from './tally.ts';

const HOUR = 3_600_000;

/** docs/measured/soak.md: what a run came to, for people. */
export function soakPage(run: Run): string {
  const { tally } = run;
  return `${INTRODUCTION}
## As run

Written by \`npm run soak -- --write-docs\`, of what came of the worlds of seeds ${ranges(run)}, on ${run.machines.join('; ')}.

${table(figures(run))}

The worlds were of ${sizes(tally)}. After the network had healed, the last packet that was lost or found no SA was handed in
within ${percentile(tally, 0.5)} s in half of the worlds, within ${percentile(tally, 0.9)} s in nine of ten, and within ${percentile(tally, 1)} s in all; the
law allows ${CONVERGENCE / 1000} s.

${violations(tally)}
## Laws

${Object.entries(LAWS)
  .map(([name, text]) => `- **${name}**: ${text}.`)
  .join('\n')}

${CLOSING}`;
}

const INTRODUCTION = `# The hostile world

\`npm run soak -- --seed N --minutes M\` lets worlds happen, one after the other, each from the number of its seed: 2 to 20
gateways on one virtual network, with hosts behind them that talk; for half an hour to two and a half hours of virtual time.
Everything that a network does to packets happens to them: loss, alone and in bursts, duplication, corruption, truncation,
reordering, old packets again, delay, jitter, narrow lines, small MTUs with and without ICMP, cut cables, partitions, NATs of four
kinds that forget and move; gateways are switched off and on, their clocks run wrong and are set (forward not where a gateway waits for users). Main and Aggressive Mode, keys,
signatures, keys and signatures that are asked for and come late, certificates below two authorities with their CRLs, users with
passwords who are given their address (XAuth, Mode Config), keys by hand that outlive their gateway; both families inside
and outside; tunnel and transport mode, also behind NAT; AH around ESP, IPComp within; short lifetimes, which both ends renew, by time and by octets. Then
the network heals, everybody has ${CONVERGENCE / 60_000} minutes, and for ten minutes more nothing may be lost at all. A quarter of the
worlds is calm from beginning to end: there no packet may be lost at any renewal. In the end all are closed.

Diffie-Hellman and the signatures of handshakes are toys here, so that worlds cost no public-key work; their forms are the real
ones. Those on certificates and CRLs are real, and each is verified once.
`;

const CLOSING = `A law that does not hold ends its world. The program leaves out what is not needed for it, tunnels, storms and disasters, prints
the command by which what is left happens again, and with \`--verbose\` the last minute of its log.

*Refused* is asked of every packet of ESP or AH that arrives as it was sent, also while the network is at its worst: it may be
refused where the receiver has deleted the SA or was switched on since, where its number is below the window as anybody can
count it, or was taken before. Nothing else is an excuse. A part of this runs with \`npm test\`. \`--power-cuts\` cuts the power
of either gateway at every step of a session; [floods](floods.md) are \`--floods N\`.
`;

function figures({ tally: { counts, found }, cpu, elapsed }: Run): readonly (readonly [string, string])[] {
  return [
    ['worlds', number(counts.worlds)],
    ['laws that did not hold', number(found.length)],
    ['worlds a minute of one core', number((60 * counts.worlds) / cpu)],
    ['processor, wall', `${number(cpu)} s, ${number(elapsed)} s`],
    ['virtual time', `${number(counts.lasted / HOUR)} hours`],
    ['gateways, tunnels between them', `${number(counts.gateways)}, ${number(counts.tunnels)}`],
    ['storms on links, disasters', `${number(counts.storms)}, ${number(counts.disasters)}`],
    ['packets from the inside', number(counts.sent)],
    ['delivered', number(counts.delivered)],
    ['packets that gateways were handed from the outside', number(counts.handled)],
    ['IKE SAs established, at either end', number(counts.handshakes)],
    ['pairs of SAs established, at either end', number(counts.pairs)],
    ['packets for SAs that their receiver had no more', number(counts.blackHoled)],
    ['worlds that happened twice, octet for octet the same', number(counts.repeated)],
  ];
}

function ranges({ seeds }: Run): string {
  return seeds.map(([first, last]) => `${first} to ${last}`).join(', ');
}

function table(rows: readonly (readonly [string, string])[]): string {
  return ['| | |', '|---|--:|', ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
}

function violations({ found }: Tally): string {
  if (found.length === 0) return '';
  const lines = found.map(
    ({ seed, law, detail, command }) => `- world ${seed}, ${law}: ${detail}; again: \`${command}\``,
  );
  return `${['What did not hold:', '', ...lines].join('\n')}\n\n`;
}

function sizes({ sizes: counts }: Tally): string {
  const of = (least: number, most: number): number =>
    counts.filter(([size]) => size >= least && size <= most).reduce((sum, [, count]) => sum + count, 0);
  return `2 gateways (${number(of(2, 2))}), 3 to 6 (${number(of(3, 6))}), and 7 to 20 (${number(of(7, 20))})`;
}

function percentile({ convergence }: Tally, share: number): string {
  const sorted = [...convergence].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return ((sorted[at] ?? 0) / 1000).toFixed(1);
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
