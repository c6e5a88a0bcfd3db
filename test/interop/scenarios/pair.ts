import type { Gateway, GatewaySettings, Program, Role, Tally } from '../gateways/gateway.ts';
import { makeGateway } from '../gateways/make.ts';
import type { Testbed } from '../machine/testbed.ts';

/** The two ends of a tunnel: the initiator is R2, the responder R3. */
export interface Pair {
  readonly initiator: Gateway;
  readonly responder: Gateway;
  /** The initiator is a user on the road. */
  readonly isRoad: boolean;
}

/** What runs at one end, and how. */
export interface End {
  readonly program: Program;
  readonly settings: GatewaySettings;
}

export function makePair(bed: Testbed, ends: Readonly<Record<Role, End>>): Pair {
  const { initiator, responder } = ends;
  return {
    initiator: makeGateway(initiator.program, bed, 'R2', initiator.settings),
    responder: makeGateway(responder.program, bed, 'R3', responder.settings),
    isRoad: responder.settings.road !== undefined,
  };
}

/** Whether ESP flows: libreswan negotiates only. */
export function carriesTraffic({ initiator, responder }: Pair): boolean {
  return initiator.inside !== undefined && responder.inside !== undefined;
}

/** Starts both and waits until both say that the tunnel is up. */
export async function bringUp(bed: Testbed, pair: Pair): Promise<void> {
  await pair.responder.start('responder');
  await pair.initiator.start('initiator');
  await awaitTunnel(bed, pair);
}

/** Until both ends hold exactly one association of each phase. */
export async function awaitTunnel(bed: Testbed, pair: Pair, seconds = 20): Promise<void> {
  for (const role of ['initiator', 'responder'] as const) {
    const gateway = pair[role];
    await awaitTally(bed, gateway, role, 'one tunnel', seconds, ({ ike, child }) => ike === 1 && child === 1);
  }
}

/** Until that end holds nothing any more. */
export async function awaitNothing(bed: Testbed, gateway: Gateway, role: Role, seconds: number): Promise<void> {
  await awaitTally(bed, gateway, role, 'no tunnel', seconds, ({ ike, child }) => ike === 0 && child === 0);
}

async function awaitTally(
  bed: Testbed,
  gateway: Gateway,
  role: Role,
  what: string,
  seconds: number,
  wanted: (tally: Tally) => boolean,
): Promise<void> {
  let last: Tally = { ike: 0, child: 0 };
  const probe = async (): Promise<true | undefined> => {
    last = await gateway.alive();
    return wanted(last) || undefined;
  };
  try {
    await bed.until(`${what} at the ${role} (${gateway.program})`, seconds, probe);
  } catch (error) {
    if (error instanceof Error) error.message += ` (phase 1: ${last.ike}, phase 2: ${last.child})`;
    throw error;
  }
}
