import type { Role } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, SteadyPings } from '../traffic.ts';
import { bringUp, type Pair } from './pair.ts';
import { addressOf, awaitWayFrom } from './road.ts';

const ROLES: readonly Role[] = ['initiator', 'responder'];

/**
 * There is a new IKE SA, and the old one goes, so often: the child stays as it is, goes over to the new one, and not a packet
 * is lost. A user on the road says the password again and keeps the address.
 */
export async function reauthentication(bed: Testbed, pair: Pair, times: number, seconds: number): Promise<void> {
  await bringUp(bed, pair);
  const pings = await steadyPings(bed, pair);
  for (const role of ROLES) {
    await bed.until(`${times} reauthentications at the ${role}`, seconds, async () => {
      const { ike } = await pair[role].established();
      return ike > times || undefined;
    });
  }
  await bed.pause(2);
  const count = await pings.finish();
  for (const role of ROLES) {
    const { child } = await pair[role].established();
    check(child === 1, `the ${role} has made ${child} children: they did not go over to the new IKE SA`);
    const alive = await pair[role].alive();
    check(alive.child === 1 && alive.ike >= 1 && alive.ike <= 2, `the ${role} holds ${alive.ike} IKE SAs`);
  }
  const title = times === 1 ? 'a reauthentication' : `${times} reauthentications`;
  bed.verify(`${title}, the child adopted by each new IKE SA, ${count} pings without loss`);
}

async function steadyPings(bed: Testbed, pair: Pair): Promise<SteadyPings> {
  if (!pair.isRoad) {
    await awaitWay(bed);
    return new SteadyPings(bed);
  }
  const address = await addressOf(bed, pair);
  await awaitWayFrom(bed, address);
  return new SteadyPings(bed, 'pings', 50, { router: 'R2', address });
}
