import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../machine/command.ts';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import { hasIpv6, ip, type Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';

/** Where a gateway without a TUN of its own takes inner packets from the kernel, and where it hands them to it. */
export const TUN_RELAY = { packetsFromKernel: 7001, packetsToKernel: 7000 } as const;

/** Room for ESP, UDP and an outer header in 1500 octets, whatever the suite; equal on both ends (OSPF compares it). */
const TUN_MTU = 1400;

/** A TUN that stays while the programs that carry it come and go. */
export async function makeTun(bed: Testbed, router: Seat, device: string, mtu: number = TUN_MTU): Promise<void> {
  await ip(router, 'tuntap', 'add', 'dev', device, 'mode', 'tun');
  if (hasIpv6(bed.families)) await bed.must(router, ['nft', silence(device)]);
  await ip(router, 'link', 'set', device, 'mtu', `${mtu}`, 'up');
}

/** What a kernel with IPv6 says on every link, of routers and groups, would make a gateway seek an SA. */
function silence(device: string): string {
  const drop = `oifname ${device} ip6 daddr ff00::/8 drop;`;
  return `table ip6 quiet { chain out { type filter hook output priority 0; ${drop} }; }`;
}

/** Routes the network behind the other gateway into the TUN. */
export async function routeThroughTun(bed: Testbed, router: Seat, device: string): Promise<void> {
  await ip(router, 'route', 'replace', bed.placeOf(router).far, 'dev', device);
}

/** Relays between a TUN and UDP on loopback: Node cannot open a TUN. One datagram is one inner packet. */
export async function relayTun(bed: Testbed, router: Seat, device: string): Promise<Daemon> {
  const argv = (await relayOfOurs(bed, device)) ?? relayOfSocat(device);
  const relay = bed.start({ router, name: `${router}-tun`, argv });
  await bed.until(`the TUN of ${router}`, 10, async () => {
    check(relay.running, `the TUN relay on ${router} ended; see ${bed.folder}/${router}-tun.out`);
    return (await ip(router, 'link', 'show', device)).includes('LOWER_UP') || undefined;
  });
  return relay;
}

const { packetsFromKernel, packetsToKernel } = TUN_RELAY;

/** One packet a turn. */
function relayOfSocat(device: string): string[] {
  const udp = `UDP4-DATAGRAM:127.0.0.1:${packetsFromKernel},bind=127.0.0.1:${packetsToKernel}`;
  return ['socat', `TUN,tun-name=${device},iff-no-pi,iff-up`, udp];
}

const RELAY = fileURLToPath(new URL('../../programs/tun-relay.c', import.meta.url));

/** Many packets a turn; compiled when it is first wanted, where there is a compiler. */
async function relayOfOurs(bed: Testbed, device: string): Promise<string[] | undefined> {
  const program = join(bed.runFolder, 'tun-relay');
  if (!existsSync(program)) {
    const { code } = await run(['gcc', '-O2', '-o', program, RELAY], { signal: bed.signal }).catch(() => ({ code: 1 }));
    if (code !== 0) return undefined;
  }
  return [program, device, `${packetsToKernel}`, `${packetsFromKernel}`];
}
