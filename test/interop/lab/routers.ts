import type { Gateway } from '../gateways/gateway.ts';
import { run } from '../machine/command.ts';
import { check } from '../machine/failures.ts';
import { ip, namespace, ROUTERS } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';

/** What the routers of the seed need beside their links: a loopback address each, and Junos's time to live. */
export async function prepareRouters(bed: Testbed): Promise<void> {
  const settings = [
    'net.ipv4.ip_default_ttl=255',
    // Repeated traceroutes want every ICMP error.
    'net.ipv4.icmp_ratelimit=0',
    // R4 has no route to 10.1.15.2, from which its traceroute is answered.
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
  ];
  for (const router of ROUTERS) {
    await ip(router, 'addr', 'add', `10.0.0.${router.slice(1)}/32`, 'dev', 'lo');
    await bed.must(router, ['sysctl', '-qw', ...settings]);
    for (const device of ['eth0', 'eth1']) {
      await bed.run(router, ['sysctl', '-qw', `net.ipv4.conf.${device}.rp_filter=0`]);
    }
  }
  await answerTracerouteAsJunos(bed);
}

/** The inside interface (`sp-1/2/0.1` in the seed): point to point, unnumbered, the address of `lo` once more. */
export async function prepareInside({ program, router, inside }: Gateway): Promise<void> {
  check(inside !== undefined, `${program} has no inside interface`);
  await ip(router, 'link', 'set', inside, 'mtu', '1400', 'up', 'multicast', 'on');
  await ip(router, 'addr', 'replace', `10.0.0.${router.slice(1)}/32`, 'dev', inside);
  // charon sends all within its selectors to its TUN before the main table is asked; here OSPF decides.
  if (program === 'strongswan') await run(['ip', '-n', namespace(router), 'rule', 'del', 'pref', '220']);
}

/** The seed's hop 1 is 10.1.15.2; Linux answers with the address of the interface towards R4. */
async function answerTracerouteAsJunos(bed: Testbed): Promise<void> {
  const rule = 'oifname eth0 icmp type time-exceeded ip saddr set 10.1.15.2';
  await bed.must('R3', ['nft', `table ip lab { chain out { type filter hook output priority raw; ${rule}; }; }`]);
}
