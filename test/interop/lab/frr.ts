import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gateway } from '../gateways/gateway.ts';
import { must } from '../machine/command.ts';
import { check } from '../machine/failures.ts';
import { ROUTERS, type Router } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';

/** FRR's zebra and ospfd on every router: area 0 on `lo`, `eth0` and the inside interfaces of the gateways. */
export async function startFrr(bed: Testbed, gateways: readonly Gateway[]): Promise<void> {
  const insideOf = (router: Router): string[] =>
    gateways.filter((gateway) => gateway.router === router).flatMap(({ inside }) => inside ?? []);
  await Promise.all(ROUTERS.map((router) => startRouter(bed, router, ['lo', 'eth0', ...insideOf(router)])));
}

/** The answer of FRR's shell on that router. */
export function vtysh(bed: Testbed, router: Router, command: string): Promise<string> {
  const argv = [
    'vtysh',
    '--vty_socket',
    bed.socketFolderOf(router),
    '--config_dir',
    frrFolder(bed, router),
    '-c',
    command,
  ];
  return must(argv, { signal: bed.signal });
}

async function startRouter(bed: Testbed, router: Router, interfaces: readonly string[]): Promise<void> {
  const folder = frrFolder(bed, router);
  const sockets = bed.socketFolderOf(router);
  writeFileSync(join(folder, 'zebra.conf'), `hostname ${router}\n`);
  writeFileSync(join(folder, 'ospfd.conf'), ospfdConf(router, interfaces));
  writeFileSync(join(folder, 'vtysh.conf'), '');
  for (const name of ['zebra', 'ospfd']) {
    const argv = [
      ...[`/usr/lib/frr/${name}`, '-u', 'root', '-g', 'frrvty', '-P', '0', '--vty_socket', sockets],
      ...['-f', join(folder, `${name}.conf`), '-i', join(folder, `${name}.pid`), '-z', join(sockets, 'zserv.api')],
      ...['--log', `file:${join(folder, `${name}.log`)}`],
    ];
    const daemon = bed.start({ router, name: `${router}-${name}`, argv });
    await bed.until(`${name} on ${router}`, 15, async () => {
      check(daemon.running, `${name} on ${router} ended; see ${bed.folder}/${router}-${name}.out`);
      return vtysh(bed, router, 'show version').then(
        () => true as const,
        () => undefined,
      );
    });
  }
}

function frrFolder(bed: Testbed, router: Router): string {
  return bed.folderOf(`${router}-frr`);
}

function ospfdConf(router: Router, interfaces: readonly string[]): string {
  return `hostname ${router}
${interfaces.map(ospfInterface).join('\n')}
router ospf
 ospf router-id 10.0.0.${router.slice(1)}
 timers throttle spf 10 50 500
 timers throttle lsa all 100
 timers lsa min-arrival 50
exit
`;
}

/** Timers far below the defaults: what matters converges in seconds. */
function ospfInterface(name: string): string {
  const link = ` ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
 ip ospf retransmit-interval 1
`;
  return `interface ${name}
 ip ospf area 0.0.0.0
${name === 'lo' ? '' : link}exit`;
}
