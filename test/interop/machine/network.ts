import { existsSync, readdirSync } from 'node:fs';
import { must, run } from './command.ts';

/**
 * The four routers of the seed scenario, each a network namespace:
 *
 *     R1 10.1.12.2 -- 10.1.12.1 R2 10.1.15.1 == IPsec == 10.1.15.2 R3 10.1.56.1 -- 10.1.56.2 R4
 *        fd12::2   -- fd12::1      fd15::1   == IPsec == fd15::2      fd56::1   -- fd56::2
 */
export const ROUTERS = ['R1', 'R2', 'R3', 'R4'] as const;
/** Stands between R2 and R3 where a case wants it to. */
const MIDDLE = 'RM';
/** Stands beside R1, behind R2, where a case wants it to. */
const BESIDE = 'R5';
export type Router = (typeof ROUTERS)[number] | typeof MIDDLE | typeof BESIDE;

/** What a gateway knows about its place. */
export interface Place {
  readonly address: string;
  readonly peerAddress: string;
  readonly near: string;
  readonly far: string;
}

/** What the tunnel goes through, and what goes through it: IPv4 or IPv6. */
export interface Families {
  readonly outer: 4 | 6;
  readonly inner: 4 | 6;
}

export const IPV4: Families = { outer: 4, inner: 4 };

export function hasIpv6({ outer, inner }: Families): boolean {
  return outer === 6 || inner === 6;
}

export type GatewayRouter = 'R2' | 'R3';

/** Hosts behind R2 that are themselves an end of a tunnel to R3. */
export type ClientRouter = 'R1' | typeof BESIDE;

/** Where an end of a tunnel can be. */
export type Seat = GatewayRouter | ClientRouter;

const ENDS = { R2: { 4: '10.1.15.1', 6: 'fd15::1' }, R3: { 4: '10.1.15.2', 6: 'fd15::2' } } as const;
const NETWORKS = { R2: { 4: '10.1.12.0/24', 6: 'fd12::/64' }, R3: { 4: '10.1.56.0/24', 6: 'fd56::/64' } } as const;

export function placeOf(router: Seat, families: Families = IPV4): Place {
  return isClient(router) ? placeOfClient(router) : placeOfGateway(router, families);
}

export function isClient(router: Seat): router is ClientRouter {
  return router === 'R1' || router === BESIDE;
}

/** A client has no network but itself. */
function placeOfClient(router: ClientRouter): Place {
  const address = clientAddress(router);
  return { address, peerAddress: ENDS.R3[4], near: `${address}/32`, far: NETWORKS.R3[4] };
}

export function clientAddress(router: ClientRouter): string {
  return CLIENTS[router];
}

function placeOfGateway(router: GatewayRouter, { outer, inner }: Families): Place {
  const other = router === 'R2' ? 'R3' : 'R2';
  return {
    address: ENDS[router][outer],
    peerAddress: ENDS[other][outer],
    near: NETWORKS[router][inner],
    far: NETWORKS[other][inner],
  };
}

/** Behind the gateways, where traffic starts and where it ends. */
export type Host = 'R1' | 'R4';

const CLIENTS = { R1: '10.1.12.2', R5: '10.1.13.2' } as const;

const HOSTS = { R1: { 4: '10.1.12.2', 6: 'fd12::2' }, R4: { 4: '10.1.56.2', 6: 'fd56::2' } } as const;

export function hostOf(router: Host, { inner }: Families = IPV4): string {
  return HOSTS[router][inner];
}

/** Of R3, towards R4. */
export const R3_INSIDE = '10.1.56.1';

const PREFIX = 'espalier';

/** Namespaces carry the number of the process that made them, so that several runs never meet. */
export function namespace(router: Router): string {
  return `${PREFIX}-${process.pid}-${router}`;
}

/** What to put before a command to run it on that router. */
export function on(router: Router): readonly string[] {
  return ['ip', 'netns', 'exec', namespace(router)];
}

/**
 * Without IPv6 in `families` there is none at all: routers that have it send packets of their own accord. `offload`: whether what
 * a network card would do is left to be done where it is needed, as on any machine.
 */
export async function makeNetwork(families: Families, offload: boolean, signal?: AbortSignal): Promise<void> {
  const isWanted = hasIpv6(families);
  for (const router of ROUTERS) {
    await must(['ip', 'netns', 'add', namespace(router)], { signal });
    await ip(router, 'link', 'set', 'lo', 'up');
    await must([...on(router), 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.default.disable_ipv6=1']);
    if (isWanted) await must([...on(router), 'sysctl', '-qw', ...IPV6_ON]);
  }
  const of = (ipv4: string, ipv6: string) => (isWanted ? [ipv4, ipv6] : [ipv4]);
  const links: readonly [End, End][] = [
    [
      ['R1', 'eth0', of('10.1.12.2/30', 'fd12::2/64')],
      ['R2', 'eth0', of('10.1.12.1/30', 'fd12::1/64')],
    ],
    [
      ['R2', 'eth1', of('10.1.15.1/30', 'fd15::1/64')],
      ['R3', 'eth1', of('10.1.15.2/30', 'fd15::2/64')],
    ],
    [
      ['R3', 'eth0', of(`${R3_INSIDE}/30`, 'fd56::1/64')],
      ['R4', 'eth0', of('10.1.56.2/30', 'fd56::2/64')],
    ],
  ];
  for (const [left, right] of links) await connect(left, right, offload);
}

/**
 * Puts a router between R2 and R3, who keep their addresses of one network: it answers for each to the other (RFC 1027). Its
 * link to R3 carries packets of at most `mtu` octets, of which it tells senders.
 */
export async function insertRouter(mtu: number, signal?: AbortSignal): Promise<void> {
  await must(['ip', 'netns', 'add', namespace(MIDDLE)], { signal });
  const answers = ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.proxy_arp=1', 'net.ipv4.conf.default.proxy_arp=1'];
  await must([...on(MIDDLE), 'sysctl', '-qw', ...answers]);
  await ip('R2', 'link', 'del', 'eth1');
  await connect(['R2', 'eth1', ['10.1.15.1/30']], [MIDDLE, 'eth0', ['10.99.0.1/32']]);
  await connect([MIDDLE, 'eth1', ['10.99.0.2/32']], ['R3', 'eth1', ['10.1.15.2/30']]);
  await ip(MIDDLE, 'route', 'add', '10.1.15.1/32', 'dev', 'eth0');
  await ip(MIDDLE, 'route', 'add', '10.1.15.2/32', 'dev', 'eth1');
  await ip('R2', 'route', 'add', '10.99.0.0/30', 'dev', 'eth1');
  await ip('R3', 'route', 'add', '10.99.0.0/30', 'dev', 'eth1');
  for (const router of [MIDDLE, 'R3'] as const) await ip(router, 'link', 'set', 'eth1', 'mtu', `${mtu}`);
}

/** Puts a host beside R1: it too is behind R2, in a network of its own. */
export async function addHostBeside(signal?: AbortSignal): Promise<void> {
  await must(['ip', 'netns', 'add', namespace(BESIDE)], { signal });
  await ip(BESIDE, 'link', 'set', 'lo', 'up');
  await must([...on(BESIDE), 'sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
  await connect([BESIDE, 'eth0', [`${CLIENTS.R5}/30`]], ['R2', 'eth2', ['10.1.13.1/30']]);
  await ip(BESIDE, 'route', 'add', 'default', 'via', '10.1.13.1');
}

/** Sends everything from the hosts to their gateways. */
export async function routeHosts({ inner }: Families = IPV4): Promise<void> {
  await ip('R1', 'route', 'add', 'default', 'via', inner === 4 ? '10.1.12.1' : 'fd12::1');
  await ip('R4', 'route', 'add', 'default', 'via', inner === 4 ? '10.1.56.1' : 'fd56::1');
}

/** Ends whatever still runs on the routers, all of it started from here, and takes them down. */
export async function removeNetwork(owner: number = process.pid): Promise<void> {
  for (const router of [...ROUTERS, MIDDLE, BESIDE]) {
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
  const owners = readdirSync('/run/netns').map((name) => /^espalier-(\d+)-R[\dM]$/.exec(name)?.[1]);
  for (const owner of new Set(owners)) {
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await removeNetwork(Number(owner));
  }
}

/** `ip` on that router. */
export async function ip(router: Router, ...words: readonly string[]): Promise<string> {
  return must(['ip', '-n', namespace(router), ...words]);
}

type End = readonly [router: Router, device: string, addresses: readonly string[]];

const IPV6_ON = [
  'net.ipv6.conf.all.disable_ipv6=0',
  'net.ipv6.conf.default.disable_ipv6=0',
  'net.ipv6.conf.default.accept_ra=0',
  'net.ipv6.conf.all.forwarding=1',
];

async function connect(left: End, right: End, offload = false): Promise<void> {
  const peer = ['peer', 'name', right[1], 'netns', namespace(right[0])];
  await ip(left[0], 'link', 'add', left[1], 'type', 'veth', ...peer);
  for (const [router, device, addresses] of [left, right]) {
    for (const address of addresses) {
      // Nobody else has it: no need to ask first.
      const unasked = address.includes(':') ? ['nodad'] : [];
      await ip(router, 'addr', 'add', address, 'dev', device, ...unasked);
    }
    await ip(router, 'link', 'set', device, 'up');
    // Else captures show UDP checksums that were never computed.
    if (!offload) await run([...on(router), 'ethtool', '-K', device, 'tx', 'off']);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
