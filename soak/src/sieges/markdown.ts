import { machine } from '../report/machine.ts';
import { MIB, type SiegeOutcome } from './run.ts';
import { SIEGE_LAWS } from './siege.ts';

/** docs/measured/sieges.md: what floods came to, for people. */
export function siegesPage(outcomes: readonly SiegeOutcome[], command: string): string {
  return `# Sieges

\`npm run soak -- --sieges\` floods one IKE endpoint on virtual time, with whatever anybody can send, or who has overheard a handshake, or
who has the right key and never goes on. Spoofed first messages come at 10,000 a second, all else at 1,000; the former
from 65,536 addresses where the gateway has one peer that may be anywhere, and from those of its peers where it has 1,000; each has a cookie of its own.
Meanwhile 20 real peers begin, evenly spread, at addresses that are forged too, and are 20 ms away and back.

## As run

Written by \`${command}\` on ${machine()}.

${[...HEAD, ...outcomes.map(rowOf)].join('\n')}

A datagram's cost is that of the processor, in microseconds, with the timers and the collection of garbage that it is the cause of;
where who floods has the key, with the work of that end too.
Diffie-Hellman is a toy, so that it is that of parsing and state; a gateway's own is shared by all who begin within a
minute, and made with a peer when message 3 of Main Mode, or of Aggressive Mode, has come. *More heap*: than before the flood,
the most while it lasts, and a minute of virtual time after it. *IKE SAs*: likewise, those of the real peers among them.

${broken(outcomes)}## Laws

${Object.values(SIEGE_LAWS)
  .map((law) => `- ${law}.`)
  .join('\n')}
`;
}

const HEAD = [
  '| flood | peers | datagrams | of them taken | µs a datagram | octets out for one in | more heap, MiB | IKE SAs | real peers |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
];

function rowOf({ flood, datagrams, taken, cost, octetsIn, octetsOut, heap, ikeSas, real }: SiegeOutcome): string {
  const mebibytes = (octets: number): string => (octets / MIB).toFixed(1);
  const cells = [
    flood.name,
    number(flood.peers),
    number(datagrams),
    number(taken),
    cost.toFixed(0),
    (octetsOut / octetsIn).toFixed(2),
    `${mebibytes(heap.most)}, ${mebibytes(heap.left)}`,
    `${number(ikeSas.most)}, ${number(ikeSas.left)}`,
    `${real.finished} of ${real.begun}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function broken(outcomes: readonly SiegeOutcome[]): string {
  const lines = outcomes.flatMap(({ flood, broken: laws }) =>
    laws.map(({ law, detail }) => `- ${flood.name}, ${flood.peers} peers: ${law}: ${detail}`),
  );
  return lines.length === 0 ? '' : `What did not hold:\n\n${lines.join('\n')}\n\n`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
