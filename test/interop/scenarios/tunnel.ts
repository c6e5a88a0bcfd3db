import type { Testbed } from '../machine/testbed.ts';
import { pingAllSizes, transfer } from '../traffic.ts';
import { awaitNothing, awaitTunnel, bringUp, carriesTraffic, type Pair } from './pair.ts';

const TEN_MEGABYTES = 10_000_000;

/** A tunnel that carries everything, and is taken down by one end and then by the other. */
export async function tunnel(bed: Testbed, pair: Pair): Promise<void> {
  await bringUp(bed, pair);
  bed.verify('negotiation');
  if (carriesTraffic(pair)) {
    await pingAllSizes(bed);
    await transfer(bed, TEN_MEGABYTES, 60);
  }
  await pair.initiator.stop();
  await awaitNothing(bed, pair.responder, 'responder', 5);

  await pair.initiator.start('initiator');
  await awaitTunnel(bed, pair);
  await pair.responder.stop();
  await awaitNothing(bed, pair.initiator, 'initiator', 5);
  bed.verify('Delete on shutdown, either end');
}
