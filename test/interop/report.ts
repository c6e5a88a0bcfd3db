import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { libreswanVersion } from './gateways/libreswan-package.ts';
import { run } from './machine/command.ts';
import { installedVersion, type Need } from './requirements.ts';
import type { Outcome } from './runner.ts';

/** The table of what was verified, and after it where to look for what failed. */
export function formatReport(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ case: { peer, role, suite }, seconds, verified, skipped, failure }) => [
    peer,
    role,
    suite,
    result(failure !== undefined, skipped !== undefined),
    `${seconds.toFixed(1)} s`,
    skipped ?? verified.join(', '),
  ]);
  const failures = outcomes.flatMap(({ case: { name }, failure }) => {
    if (failure === undefined) return [];
    const where = failure.folder === undefined ? '' : `\n  trace and logs: ${failure.folder}`;
    return [`\nFAILED ${name}\n  ${failure.message}${where}`];
  });
  return [formatTable(['peer', 'its role', 'suite', 'result', 'time', 'verified'], rows), ...failures].join('\n');
}

function result(failed: boolean, skipped: boolean): string {
  if (failed) return 'FAILED';
  return skipped ? 'skipped' : 'ok';
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[[...head], ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The versions of everything that took part. */
export async function versions(needs: ReadonlySet<Need>, runFolder: string): Promise<Readonly<Record<string, string>>> {
  const packages: readonly (readonly [Need, string, string])[] = [
    ['strongswan', 'strongSwan', 'strongswan-charon'],
    ['vpnc', 'vpnc', 'vpnc'],
    ['ike-scan', 'ike-scan', 'ike-scan'],
    ['scapy', 'scapy', 'python3-scapy'],
    ['frr', 'FRR', 'frr'],
    ['iperf3', 'iperf3', 'iperf3'],
  ];
  const found: Record<string, string> = { espalier: await ownVersion(), Node: process.version, Linux: release() };
  for (const [need, title, name] of packages) {
    if (needs.has(need)) found[title] = await installedVersion(name);
  }
  const libreswan = libreswanVersion(runFolder);
  return libreswan === undefined ? found : { ...found, libreswan };
}

/** The version of the packages with the commit, where there is one. */
async function ownVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../packages/gateway/package.json', import.meta.url), 'utf8'),
  );
  const isVersioned = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  const commit = await run(['git', 'rev-parse', '--short', 'HEAD']).catch(() => undefined);
  return [isVersioned ? String(manifest.version) : 'unknown', commit?.code === 0 ? commit.stdout.trim() : '']
    .join(' ')
    .trim();
}
