import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, SteadyPings } from '../traffic.ts';
import { bringUp, type Pair } from './pair.ts';
import { framesOf } from './trace.ts';

const MASQUERADE = 'oifname "eth1" udp sport { 500, 4500 } masquerade to :20000-30000';
const NAT = `table ip nat { chain post { type nat hook postrouting priority srcnat; ${MASQUERADE}; }; }`;

/** What holds a mapping while no ESP flows: a keepalive, due when nothing else was sent (RFC 3948 §4), or a probe. */
const ALIVE = '(udpencap.nat_keepalive || isakmp) && udp.srcport >= 20000';

/**
 * The initiator behind a NAT that changes its ports: both float to 4500, ESP flows in UDP, the mapping is kept alive.
 * When the NAT goes, the initiator's port is another, and the responder follows what is authenticated.
 */
export async function nat(bed: Testbed, pair: Pair): Promise<void> {
  await masquerade(bed);
  await bringUp(bed, pair);
  await awaitWay(bed);
  check((await framesOf(bed, 'esp && udp.srcport >= 20000')) > 0, 'no ESP in UDP came through the NAT');
  bed.verify('negotiation and pings behind a NAT');

  const before = await framesOf(bed, ALIVE);
  await bed.until('a sign of life', 30, async () => (await framesOf(bed, ALIVE)) > before || undefined);
  bed.verify('mapping kept alive');

  const pings = new SteadyPings(bed, 'behind-nat');
  await bed.pause(2);
  await pings.finish();
  await bed.must('R2', ['nft', 'delete', 'table', 'ip', 'nat']);
  await awaitWay(bed, 'R1', 20);
  await awaitWay(bed, 'R4', 20);
  bed.verify('change of port');
}

/** R2 changes the ports of IKE and of ESP in UDP, its own and those of whoever is behind it. */
export async function masquerade(bed: Testbed): Promise<void> {
  await bed.must('R2', ['nft', NAT]);
}
