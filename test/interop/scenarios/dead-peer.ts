import type { Role } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { SteadyPings } from '../traffic.ts';
import { awaitNothing, awaitTunnel, bringUp, type Pair } from './pair.ts';

/** A silent peer that answers probes stays; one that was killed is given up. */
export async function deadPeer(bed: Testbed, pair: Pair, victim: Role, seconds: number): Promise<void> {
  const survivor: Role = victim === 'initiator' ? 'responder' : 'initiator';
  await bringUp(bed, pair);
  await bed.pause(8);
  await awaitTunnel(bed, pair, 1);
  const { ike } = await pair[survivor].established();
  check(ike === 1, `the ${survivor} gave up a peer that lives`);

  await pair[victim].kill();
  // Traffic without an answer is what makes liveness worth asking for (RFC 3706 §5.4).
  const pings = new SteadyPings(bed, 'unanswered', 5);
  await awaitNothing(bed, pair[survivor], survivor, seconds);
  await pings.stop();
  bed.verify(`DPD of a dead ${victim}`);
}
