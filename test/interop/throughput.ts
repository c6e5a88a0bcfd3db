import type { Case } from './case.ts';
import { suite } from './gateways/suite.ts';
import { check } from './machine/failures.ts';
import { hostOf, routeHosts } from './machine/network.ts';
import type { Testbed } from './machine/testbed.ts';
import { formatTable } from './report.ts';
import { bringUp, type End, makePair } from './scenarios/pair.ts';
import { awaitWay } from './traffic.ts';

const SUITES = ['3des-sha1-modp1024', 'aes128-sha1', 'aes128gcm16'] as const;
/** What is measured, ours by how it sends and receives; the last is what the others are compared with. */
const WAYS = ['dgram', 'mmsg', 'gso', 'strongswan'] as const;
type Way = (typeof WAYS)[number];
const NEEDS: Readonly<Record<Way, Case['needs']>> = {
  dgram: ['compiler'],
  mmsg: [],
  gso: [],
  strongswan: ['strongswan'],
};
const MEASURED_SECONDS = 8;

/** TCP from R1 to R4 through a tunnel whose two ends run the same program: ours, and strongSwan's ESP in user land. */
export class Throughput {
  /** Bits a second by `way suite`. */
  readonly #measured = new Map<string, number>();

  readonly cases: readonly Case[] = SUITES.flatMap((suiteName) =>
    WAYS.map(
      (way): Case => ({
        name: `throughput-${way}-${suiteName}`,
        peer: way === 'strongswan' ? way : 'espalier',
        role: 'both',
        suite: suiteName,
        seconds: 60,
        needs: ['network', 'iperf3', ...NEEDS[way]],
        isMeasured: true,
        runs: 'named',
        run: (bed) => this.#measure(bed, way, suiteName),
      }),
    ),
  );

  format(): string {
    const rows = SUITES.map((suiteName) => {
      const rates = WAYS.map((way) => this.#measured.get(`${way} ${suiteName}`));
      const theirs = rates.at(-1);
      return [suiteName, ...rates.map((rate) => rateOf(rate, rate === theirs ? undefined : theirs))];
    });
    return formatTable(['suite', 'espalier, dgram', 'mmsg', 'gso', 'strongSwan'], rows);
  }

  async #measure(bed: Testbed, way: Way, suiteName: string): Promise<void> {
    const agreed = { suite: suite(suiteName), selectors: 'networks' } as const;
    const end: End =
      way === 'strongswan'
        ? { program: way, settings: agreed }
        : { program: 'espalier', settings: { ...agreed, sockets: way } };
    await routeHosts();
    await bringUp(bed, makePair(bed, { initiator: end, responder: end }));
    await awaitWay(bed);
    bed.start({ router: 'R4', name: 'iperf3', argv: ['iperf3', '--server', '--one-off'] });
    await bed.pause(0.5);
    const client = ['iperf3', '--client', hostOf('R4'), '--time', `${MEASURED_SECONDS}`, '--omit', '1', '--json'];
    const report: unknown = JSON.parse(await bed.must('R1', client, { seconds: MEASURED_SECONDS + 20 }));
    const rate = numberAt(report, ['end', 'sum_received', 'bits_per_second']);
    check(rate !== undefined && rate > 0, 'iperf3 reports no throughput');
    this.#measured.set(`${way} ${suiteName}`, rate);
    bed.verify(megabits(rate));
  }
}

/** With how many times as much it is as what it is compared with. */
function rateOf(rate: number | undefined, other: number | undefined): string {
  const times = rate === undefined || other === undefined ? '' : `, ${(rate / other).toFixed(2)}`;
  return `${megabits(rate)}${times}`;
}

function megabits(rate: number | undefined): string {
  return rate === undefined ? '-' : `${(rate / 1e6).toFixed(1)} Mbit/s`;
}

function numberAt(value: unknown, path: readonly string[]): number | undefined {
  let at = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return typeof at === 'number' ? at : undefined;
}
