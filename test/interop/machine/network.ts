import { existsSync, readdirSync } from 'node:fs';
import { must, run } from './command.ts';

/**
 * The four routers of the seed scenario, each a network namespace:
 *
 *     R1 10.1.12.2 -- 10.1.12.1 R2 10.1.15.1 == IPsec == 10.1.15.2 R3 10.1.56.1 -- 10.1.56.2 R4
 */
export const ROUTERS = ['R1', 'R2', 'R3', 'R4'] as const;
export type Router = (typeof ROUTERS)[number];

/** What a gateway knows about its place. */
export interface Place {
  readonly address: string;
  readonly peerAddress: string;
  readonly near: string;
  readonly far: string;
}

export const PLACES: { readonly R2: Place; readonly R3: Place } = {
  R2: { address: '10.1.15.1', peerAddress: '10.1.15.2', near: '10.1.12.0/24', far: '10.1.56.0/24' },
  R3: { address: '10.1.15.2', peerAddress: '10.1.15.1', near: '10.1.56.0/24', far: '10.1.12.0/24' },
};
export type GatewayRouter = keyof typeof PLACES;

/** Addresses behind the gateways, from which traffic starts and where it ends. */
export const HOSTS = { R1: '10.1.12.2', R4: '10.1.56.2' } as const;

const PREFIX = 'espalier';

/** Namespaces carry the number of the process that made them, so that several runs never meet. */
export function namespace(router: Router): string {
  return `${PREFIX}-${process.pid}-${router}`;
}

/** What to put before a command to run it on that router. */
export function on(router: Router): readonly string[] {
  return ['ip', 'netns', 'exec', namespace(router)];
}

export async function makeNetwork(signal?: AbortSignal): Promise<void> {
  for (const router of ROUTERS) {
    await must(['ip', 'netns', 'add', namespace(router)], { signal });
    await ip(router, 'link', 'set', 'lo', 'up');
    await must([...on(router), 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.default.disable_ipv6=1']);
  }
  await connect(['R1', 'eth0', '10.1.12.2/30'], ['R2', 'eth0', '10.1.12.1/30']);
  await connect(['R2', 'eth1', '10.1.15.1/30'], ['R3', 'eth1', '10.1.15.2/30']);
  await connect(['R3', 'eth0', '10.1.56.1/30'], ['R4', 'eth0', '10.1.56.2/30']);
}

/** Sends everything from the hosts to their gateways. */
export async function routeHosts(): Promise<void> {
  await ip('R1', 'route', 'add', 'default', 'via', '10.1.12.1');
  await ip('R4', 'route', 'add', 'default', 'via', '10.1.56.1');
}

/** Ends whatever still runs on the routers, all of it started from here, and takes them down. */
export async function removeNetwork(owner: number = process.pid): Promise<void> {
  for (const router of ROUTERS) {
    const name = `${PREFIX}-${owner}-${router}`;
    if (!existsSync(`/run/netns/${name}`)) continue;
    const { stdout } = await run(['ip', 'netns', 'pids', name]);
    for (const pid of stdout.split('\n').map(Number)) if (pid > 0) end(pid);
    await run(['ip', 'netns', 'del', name]);
  }
}

/** Namespaces of a run that was killed before it could clean up. */
export async function removeOrphans(): Promise<void> {
  if (!existsSync('/run/netns')) return;
  const owners = readdirSync('/run/netns').map((name) => /^espalier-(\d+)-R\d$/.exec(name)?.[1]);
  for (const owner of new Set(owners)) {
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await removeNetwork(Number(owner));
  }
}

/** `ip` on that router. */
export async function ip(router: Router, ...words: readonly string[]): Promise<string> {
  return must(['ip', '-n', namespace(router), ...words]);
}

type End = readonly [router: Router, device: string, address: string];

async function connect(left: End, right: End): Promise<void> {
  const peer = ['peer', 'name', right[1], 'netns', namespace(right[0])];
  await ip(left[0], 'link', 'add', left[1], 'type', 'veth', ...peer);
  for (const [router, device, address] of [left, right]) {
    await ip(router, 'addr', 'add', address, 'dev', device);
    await ip(router, 'link', 'set', device, 'up');
    // Without it captures show UDP checksums that were never computed.
    await run([...on(router), 'ethtool', '-K', device, 'tx', 'off']);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
