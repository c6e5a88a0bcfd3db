import type { Role } from '../gateways/gateway.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay } from '../traffic.ts';
import { awaitTunnel, bringUp, carriesTraffic, type Pair } from './pair.ts';

/** One end loses everything, comes back and negotiates anew: INITIAL-CONTACT clears what the other still held. */
export async function restart(bed: Testbed, pair: Pair, victim: Role): Promise<void> {
  await bringUp(bed, pair);
  await pair[victim].kill();
  await pair[victim].start('initiator');
  await awaitTunnel(bed, pair);
  if (carriesTraffic(pair)) await awaitWay(bed);
  bed.verify(`restart of the ${victim} (INITIAL-CONTACT)`);
}

/** One end loses everything, comes back and waits: the other sends, and is heard again within so many seconds. */
export async function quietRestart(bed: Testbed, pair: Pair, victim: Role, seconds: number): Promise<void> {
  await bringUp(bed, pair);
  await awaitWay(bed);
  await pair[victim].kill();
  await pair[victim].start('responder');
  const begins = Date.now();
  await awaitWay(bed, victim === 'responder' ? 'R1' : 'R4', seconds);
  const took = ((Date.now() - begins) / 1000).toFixed(1);
  bed.verify(`the ${victim} restarted without a word: traffic passes again after ${took} s`);
}
