import { machine } from '../report/machine.ts';
import type { FloodResult } from './flood.ts';

/** docs/measured/floods.md: what floods came to, for people. */
export function floodPage(results: readonly FloodResult[]): string {
  const rows = results.map(
    ({ kind, peers, datagrams, each, answers, heapMore, heapLeft, honest, looks }) =>
      `| ${kind} | ${number(peers)} | ${number(datagrams)} | ${each.toFixed(1)} | ${number(answers)} | ${mebi(heapMore)} | ${mebi(heapLeft)} | ${honest} of ${looks} |`,
  );
  return `# Floods

Written by \`npm run soak -- --floods ${results[0]?.datagrams ?? 0}\` on ${machine()}.

Datagrams from who has no key reach a gateway, 10,000 a second of virtual time. Ten times while that goes on an honest peer calls,
among 1,000 datagrams a second of the flood: it comes through if there are SAs within 30 s. Octets in use are looked at as often,
after a garbage collection, and once more when a minute has passed without the flood. Diffie-Hellman is a toy here, which first
messages do not ask for.

| what | peers | datagrams | µs each | answers | MiB more, at most | MiB more, a minute later | honest peers |
|---|--:|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}

Microseconds are of processor time, and include making the datagram.
`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function mebi(octets: number): string {
  return (octets / 2 ** 20).toFixed(1);
}
