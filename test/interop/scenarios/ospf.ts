import type { Gateway } from '../gateways/gateway.ts';
import { startFrr, vtysh } from '../lab/frr.ts';
import { prepareInside, prepareRouters } from '../lab/routers.ts';
import { check } from '../machine/failures.ts';
import { hostOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay } from '../traffic.ts';
import type { Pair } from './pair.ts';

/** The seed's four routers with FRR: OSPF runs through the tunnel, and comes back after the gateway of R2 was away. */
export async function ospf(bed: Testbed, pair: Pair): Promise<void> {
  await prepareRouters(bed);
  await pair.responder.start('responder');
  await pair.initiator.start('initiator');
  await prepareInside(pair.initiator);
  await prepareInside(pair.responder);
  await startFrr(bed, [pair.initiator, pair.responder]);

  await awaitWay(bed, 'R1', 40);
  await verifyAsTheSeedDoes(bed, pair);
  bed.verify('OSPF Full through the tunnel, pings, traceroute');

  await pair.initiator.stop();
  await bed.until('the loss of the adjacency', 20, async () => ((await isAdjacent(bed, pair)) ? undefined : true));
  await restart(pair.initiator);
  await awaitWay(bed, 'R1', 30);
  await verifyAsTheSeedDoes(bed, pair);
  bed.verify('adjacency back after R2 was away');
}

async function restart(gateway: Gateway): Promise<void> {
  await gateway.start('initiator');
  await prepareInside(gateway);
}

async function isAdjacent(bed: Testbed, { responder }: Pair): Promise<boolean> {
  return hasFullNeighbour(await vtysh(bed, 'R3', 'show ip ospf neighbor'), '10.0.0.2', `${responder.inside}:10.0.0.3`);
}

function hasFullNeighbour(table: string, neighbour: string, inside: string): boolean {
  return table
    .split('\n')
    .some((row) => row.startsWith(`${neighbour} `) && / Full\W/.test(row) && row.includes(inside));
}

/** "Verifying Your Work" of the seed, with the neighbours before it. */
async function verifyAsTheSeedDoes(bed: Testbed, { initiator }: Pair): Promise<void> {
  const neighbours = await vtysh(bed, 'R2', 'show ip ospf neighbor');
  const inside = `${initiator.inside}:10.0.0.2`;
  check(hasFullNeighbour(neighbours, '10.0.0.3', inside), `R2 and R3 are not Full on ${inside}:\n${neighbours}`);
  check(!neighbours.includes('eth1'), `OSPF runs on the physical link:\n${neighbours}`);
  await bed.must('R1', ['ping', '-nqc5', '-i0.2', hostOf('R4')]);
  await bed.must('R4', ['ping', '-nqc5', '-i0.2', hostOf('R1')]);
  const hops = await bed.must('R4', ['traceroute', '-n', hostOf('R1'), '40'], { seconds: 30 });
  const answered = hops
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/)[1]);
  const wanted = ['10.1.15.2', '10.0.0.2', hostOf('R1')];
  check(
    wanted.every((hop, index) => answered[index] === hop),
    `not the hops of the seed:\n${hops}`,
  );
}
