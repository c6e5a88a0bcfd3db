import { fileURLToPath } from 'node:url';
import type { Role } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import { placeOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, SteadyPings } from '../traffic.ts';
import { awaitTunnel, bringUp, type Pair } from './pair.ts';

const GENERATOR = fileURLToPath(new URL('../programs/nonsense.js', import.meta.url));

/** The generator's ports, rewritten on their way out: the nonsense comes from the peer's own address and ports. */
const DISGUISE =
  'table ip nonsense { chain out { type filter hook postrouting priority 0; ' +
  'udp sport 6500 udp sport set 500; udp sport 6501 udp sport set 4500; }; }';

const WARM_UP_SECONDS = 15;
const DATAGRAMS_PER_SECOND = 300;
const MOST_GROWTH = 24 * 2 ** 20;

/**
 * Nonsense on 500 and 4500, much of it made from the tunnel's own datagrams with its live cookies and SPIs, while the
 * tunnel carries traffic: nothing is lost, and the target does not grow.
 */
export async function nonsense(bed: Testbed, pair: Pair, target: Role, seconds: number): Promise<void> {
  const router = pair[target].router;
  const source = router === 'R2' ? 'R3' : 'R2';
  await bringUp(bed, pair);
  await awaitWay(bed);
  await bed.must(source, ['nft', DISGUISE]);
  const pings = new SteadyPings(bed);
  await bed.pause(1);
  const argv = [
    process.execPath,
    GENERATOR,
    placeOf(router).address,
    `${seconds}`,
    `${DATAGRAMS_PER_SECOND}`,
    bed.trace,
  ];
  const generator = bed.start({ router: source, name: 'nonsense', argv });

  await bed.pause(WARM_UP_SECONDS);
  const before = pair[target].memory();
  await bed.until('the end of the nonsense', seconds, () => !generator.running || undefined);
  const after = pair[target].memory();
  check(generator.exitCode === 0, `the generator failed; see ${bed.folder}/nonsense.out`);

  const sent = await pings.finish();
  bed.verify(`${sent} pings without loss`);
  await awaitTunnel(bed, pair, 5);
  check(before > 0 && after > 0, `the ${target} ended`);
  check(after - before < MOST_GROWTH, `memory grew from ${megabytes(before)} to ${megabytes(after)}`);
  bed.verify(`memory ${megabytes(before)} then ${megabytes(after)}`);
}

function megabytes(octets: number): string {
  return `${Math.round(octets / 2 ** 20)} MB`;
}
