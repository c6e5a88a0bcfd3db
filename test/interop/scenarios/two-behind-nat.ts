import type { Gateway, GatewaySettings, Program } from '../gateways/gateway.ts';
import { makeGateway } from '../gateways/make.ts';
import { check } from '../machine/failures.ts';
import { addHostBeside, type ClientRouter, clientAddress, ip } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { masquerade } from './nat.ts';
import { fieldsOf } from './trace.ts';

/** Of R1 and of the host beside it. */
const CLIENTS: readonly ClientRouter[] = ['R1', 'R5'];
/** Where both are. */
export const BEHIND_NAT = '10.1.12.0/23';

const SIZES: readonly number[] = [0, 56, 1200, 2000];
const PINGS_TOGETHER = 100;

interface Ends {
  readonly gateway: { readonly program: Program; readonly settings: GatewaySettings };
  /** Of R1, and of the host beside it. */
  readonly clients: readonly { readonly program: Program; readonly settings: GatewaySettings }[];
}

/**
 * Two clients behind one NAT, which the gateway sees at one address: each has its own tunnel, both ways, while the other
 * speaks too; and when one goes, the other stays.
 */
export async function twoBehindNat(bed: Testbed, { gateway, clients }: Ends): Promise<void> {
  await addHostBeside(bed.signal);
  await masquerade(bed);
  const responder = makeGateway(gateway.program, bed, 'R3', gateway.settings);
  const [first, second] = CLIENTS.map((router, i) => {
    const client = clients[i];
    check(client !== undefined, `nobody is at ${router}`);
    return makeGateway(client.program, bed, router, client.settings);
  });
  check(first !== undefined && second !== undefined, 'there are two');
  await responder.start('responder');
  for (const client of [first, second]) await client.start('initiator');
  await awaitTunnels(bed, responder, 2);
  for (const router of CLIENTS) await routeTo(bed, responder, router);
  bed.verify('negotiation of two behind one NAT');

  for (const router of CLIENTS) await pingBothWays(bed, router);
  await Promise.all(CLIENTS.flatMap((router) => [pingsFrom(bed, router), pingsTo(bed, router)]));
  bed.verify(`${4 * PINGS_TOGETHER} pings of both at once and to both, none lost`);
  const ports = await portsOf(bed);
  check(ports.size === 2, `ESP in UDP came from ${ports.size} ports`);

  await first.stop();
  await awaitTunnels(bed, responder, 1);
  await pingBothWays(bed, 'R5');
  bed.verify('one goes, the other stays');
}

async function awaitTunnels(bed: Testbed, responder: Gateway, wanted: number): Promise<void> {
  await bed.until(`${wanted} tunnels at the gateway`, 20, async () => {
    const { ike, child } = await responder.alive();
    return (ike === wanted && child === wanted) || undefined;
  });
}

/** strongSwan sets routes to its clients itself. */
async function routeTo(bed: Testbed, responder: Gateway, router: ClientRouter): Promise<void> {
  if (responder.program === 'strongswan' || responder.inside === undefined) return;
  await ip(responder.router, 'route', 'replace', bed.placeOf(router).near, 'dev', responder.inside);
}

async function pingBothWays(bed: Testbed, router: ClientRouter): Promise<void> {
  const host = bed.hostOf('R4');
  await bed.until(`a way from ${router}`, 15, async () => {
    const { code } = await bed.run(router, ['ping', '-nqc1', '-W1', host]);
    return code === 0 || undefined;
  });
  for (const [from, to] of [
    [router, host],
    ['R4', clientAddress(router)],
  ] as const) {
    for (const size of SIZES) {
      const { code } = await bed.run(from, ['ping', '-nq', '-c1', '-W3', '-M', 'dont', '-s', `${size}`, to]);
      check(code === 0, `ping with ${size} octets from ${from} to ${to} was lost`);
    }
  }
}

function pingsFrom(bed: Testbed, router: ClientRouter): Promise<void> {
  return pings(bed, router, bed.hostOf('R4'));
}

function pingsTo(bed: Testbed, router: ClientRouter): Promise<void> {
  return pings(bed, 'R4', clientAddress(router));
}

async function pings(bed: Testbed, from: ClientRouter | 'R4', to: string): Promise<void> {
  const argv = ['ping', '-nq', '-c', `${PINGS_TOGETHER}`, '-i', '0.02', '-W3', to];
  const answer = await bed.must(from, argv, { seconds: 30 });
  check(answer.includes(` ${PINGS_TOGETHER} received`), `pings from ${from} to ${to} were lost:\n${answer}`);
}

/** That the gateway saw ESP come from. */
async function portsOf(bed: Testbed): Promise<ReadonlySet<string>> {
  return new Set(await fieldsOf(bed, 'esp && udp.srcport >= 20000', 'udp.srcport'));
}
