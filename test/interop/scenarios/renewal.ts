import type { Tally } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, SteadyPings } from '../traffic.ts';
import { bringUp, carriesTraffic, type Pair } from './pair.ts';

/** Associations that may linger while the next ones already carry the traffic. */
const MOST_AT_ONCE: Tally = { ike: 6, child: 8 };

/** How much traffic flows, and how many associations may be there at once. */
interface Load {
  readonly packetsPerSecond?: number;
  readonly mostAtOnce?: Tally;
}

/** Both phases are renewed while traffic flows, and nothing is lost. `wanted` counts the first ones too. */
export async function renewal(
  bed: Testbed,
  pair: Pair,
  wanted: Tally,
  seconds: number,
  { packetsPerSecond, mostAtOnce = MOST_AT_ONCE }: Load = {},
): Promise<void> {
  await bringUp(bed, pair);
  const carries = carriesTraffic(pair);
  if (carries) await awaitWay(bed);
  const pings = carries ? new SteadyPings(bed, 'pings', packetsPerSecond) : undefined;
  for (const role of ['initiator', 'responder'] as const) {
    await bed.until(`the renewal of both phases at the ${role}`, seconds, async () => {
      const { ike, child } = await pair[role].established();
      return (ike >= wanted.ike && child >= wanted.child) || undefined;
    });
  }
  await bed.pause(2);
  bed.verify('rekey of both phases');
  if (pings !== undefined) bed.verify(`${await pings.finish()} pings without loss`);

  for (const role of ['initiator', 'responder'] as const) {
    const { ike, child } = await pair[role].alive();
    const held = `the ${role} holds ${ike} of phase 1 and ${child} of phase 2`;
    check(ike >= 1 && child >= 1, `after the renewals ${held}`);
    check(ike <= mostAtOnce.ike && child <= mostAtOnce.child, `after the renewals ${held}`);
  }
}
