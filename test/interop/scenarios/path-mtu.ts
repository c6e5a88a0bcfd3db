import { check } from '../machine/failures.ts';
import { insertRouter, ip } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, transfer } from '../traffic.ts';
import { bringUp, type Pair } from './pair.ts';

const TWO_MEGABYTES = 2_000_000;
/** With an inner header they are more than fits into the tunnel. */
const TOO_MANY = 1400;

/** Addresses of the gateways on the inside. */
const INSIDE = { R2: { 4: '10.1.12.1', 6: 'fd12::1' }, R3: { 4: '10.1.56.1', 6: 'fd56::1' } } as const;

/**
 * The TUN carries more than the tunnel, and the tunnel as much as the link: who sends too much is told by the gateway, and
 * the host that the gateway runs on hands that on (RFC 4301 §8.2).
 */
export async function smallLink(bed: Testbed, pair: Pair, linkMtu: number): Promise<void> {
  for (const router of ['R2', 'R3'] as const) await ip(router, 'link', 'set', 'eth1', 'mtu', `${linkMtu}`);
  await bringUp(bed, pair);
  await awaitWay(bed);
  await sendersAreTold(bed, pair);
  await transfer(bed, TWO_MEGABYTES, 60);
}

/** The same, where only a router on the way knows how little its next link carries. */
export async function smallLinkFarAway(bed: Testbed, pair: Pair, linkMtu: number): Promise<void> {
  await insertRouter(linkMtu, bed.signal);
  await bringUp(bed, pair);
  await awaitWay(bed);
  await transfer(bed, TWO_MEGABYTES, 60);
  bed.verify('a router in the middle that lowers the MTU');
}

/** Packets that must not be fragmented, from the host behind our gateway and from its own host. */
async function sendersAreTold(bed: Testbed, { initiator, responder }: Pair): Promise<void> {
  const ours = initiator.program === 'espalier' ? 'R2' : 'R3';
  check((ours === 'R2' ? initiator : responder).program === 'espalier', 'one of the two is ours');
  const [from, to] = ours === 'R2' ? (['R1', 'R4'] as const) : (['R4', 'R1'] as const);
  for (const router of [from, ours] as const) {
    const source = router === from ? [] : ['-I', INSIDE[ours][bed.families.inner]];
    const ping = ['ping', '-n', '-c3', '-i0.3', '-W1', '-M', 'do', '-s', `${TOO_MANY}`, ...source, bed.hostOf(to)];
    const { stdout } = await bed.run(router, ping);
    const isTold = /mtu[ =]/i.test(stdout);
    check(isTold, `${router} was not told that ${TOO_MANY} octets are too many: ${stdout}`);
  }
  bed.verify('fragmentation needed reaches senders');
}
