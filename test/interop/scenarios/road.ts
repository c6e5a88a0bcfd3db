import { EspalierRoad } from '../gateways/espalier-road.ts';
import { StrongSwan } from '../gateways/strongswan.ts';
import { Vpnc } from '../gateways/vpnc.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitNothing, awaitTunnel, bringUp, carriesTraffic, type Pair } from './pair.ts';

const SIZES: readonly number[] = [0, 56, 1200, 2000];

/** A client that says who it is and is given an address: it reaches the host behind the gateway, and is reached; twice. */
export async function road(bed: Testbed, pair: Pair): Promise<void> {
  await bringUp(bed, pair);
  bed.verify('XAuth and Mode Config');
  const first = await addressOf(bed, pair);
  if (carriesTraffic(pair)) await pingBothWays(bed, first);
  await pair.initiator.stop();
  await awaitNothing(bed, pair.responder, 'responder', 10);
  await pair.initiator.start('initiator');
  await awaitTunnel(bed, pair);
  const second = await addressOf(bed, pair);
  check(second === first, `the client had ${first}, and has ${second} when it comes again`);
  if (carriesTraffic(pair)) await pingBothWays(bed, second);
  bed.verify('the same address again');
}

export async function addressOf(bed: Testbed, { initiator: client, responder }: Pair): Promise<string> {
  return bed.until('an address for the client', 20, () => {
    if (client instanceof EspalierRoad || client instanceof Vpnc || client instanceof StrongSwan)
      return client.address();
    return responder instanceof EspalierRoad ? responder.given() : undefined;
  });
}

async function pingBothWays(bed: Testbed, address: string): Promise<void> {
  const ways = [
    ['R2', ['-I', address, bed.hostOf('R4')]],
    ['R4', [address]],
  ] as const;
  await awaitWayFrom(bed, address);
  for (const [from, to] of ways) {
    for (const size of SIZES) {
      const { code } = await bed.run(from, ['ping', '-nq', '-c1', '-W3', '-M', 'dont', '-s', `${size}`, ...to]);
      check(code === 0, `ping with ${size} octets from ${from} to ${to.at(-1)} was lost`);
    }
  }
  bed.verify('pings both ways from the assigned address');
}

/** Until the first ping of the client passes. */
export async function awaitWayFrom(bed: Testbed, address: string): Promise<void> {
  await bed.until('a way through the tunnel', 15, async () => {
    const { code } = await bed.run('R2', ['ping', '-nqc1', '-W1', '-I', address, bed.hostOf('R4')]);
    return code === 0 || undefined;
  });
}
