import type { Case } from './case.ts';
import type { Program } from './gateways/gateway.ts';
import { suite } from './gateways/suite.ts';
import { check } from './machine/failures.ts';
import { hostOf, routeHosts } from './machine/network.ts';
import type { Testbed } from './machine/testbed.ts';
import { formatTable } from './report.ts';
import { bringUp, makePair } from './scenarios/pair.ts';
import { awaitWay } from './traffic.ts';

const SUITES = ['3des-sha1-modp1024', 'aes128-sha1', 'aes128gcm16'] as const;
const PROGRAMS = ['espalier', 'strongswan'] as const;
const MEASURED_SECONDS = 8;

/** TCP from R1 to R4 through a tunnel whose two ends run the same program: ours, and strongSwan's ESP in user land. */
export class Throughput {
  /** Bits a second by `program suite`. */
  readonly #measured = new Map<string, number>();

  readonly cases: readonly Case[] = SUITES.flatMap((suiteName) =>
    PROGRAMS.map(
      (program): Case => ({
        name: `throughput-${program}-${suiteName}`,
        peer: program,
        role: 'both',
        suite: suiteName,
        seconds: 60,
        needs: program === 'espalier' ? ['network', 'iperf3', 'compiler'] : ['network', 'iperf3', program],
        runs: 'named',
        run: (bed) => this.#measure(bed, program, suiteName),
      }),
    ),
  );

  format(): string {
    const rows = SUITES.map((suiteName) => {
      const [ours, theirs] = PROGRAMS.map((program) => this.#measured.get(`${program} ${suiteName}`));
      const ratio = ours === undefined || theirs === undefined ? '-' : (ours / theirs).toFixed(2);
      return [suiteName, megabits(ours), megabits(theirs), ratio];
    });
    return formatTable(['suite', 'espalier', 'strongSwan', 'ratio'], rows);
  }

  async #measure(bed: Testbed, program: Program, suiteName: string): Promise<void> {
    const end = { program, settings: { suite: suite(suiteName), selectors: 'networks' } } as const;
    await routeHosts();
    await bringUp(bed, makePair(bed, { initiator: end, responder: end }));
    await awaitWay(bed);
    bed.start({ router: 'R4', name: 'iperf3', argv: ['iperf3', '--server', '--one-off'] });
    await bed.pause(0.5);
    const client = ['iperf3', '--client', hostOf('R4'), '--time', `${MEASURED_SECONDS}`, '--omit', '1', '--json'];
    const report: unknown = JSON.parse(await bed.must('R1', client, { seconds: MEASURED_SECONDS + 20 }));
    const rate = numberAt(report, ['end', 'sum_received', 'bits_per_second']);
    check(rate !== undefined && rate > 0, 'iperf3 reports no throughput');
    this.#measured.set(`${program} ${suiteName}`, rate);
    bed.verify(megabits(rate));
  }
}

function megabits(rate: number | undefined): string {
  return rate === undefined ? '-' : `${(rate / 1e6).toFixed(1)} Mbit/s`;
}

function numberAt(value: unknown, path: readonly string[]): number | undefined {
  let at = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return typeof at === 'number' ? at : undefined;
}
