import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EspalierL2tp } from '../gateways/espalier-l2tp.ts';
import type { GatewaySettings } from '../gateways/gateway.ts';
import { StrongSwan } from '../gateways/strongswan.ts';
import { childKeysIn } from '../gateways/strongswan-keys.ts';
import { check } from '../machine/failures.ts';
import { addHostBeside, type ClientRouter, clientAddress, placeOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { masquerade } from './nat.ts';

const CLIENTS: readonly ClientRouter[] = ['R1', 'R5'];
const FIRST_TUNNEL = 4711;
const HELLOS = 20;
/** From scenarios, compiled. */
const PROGRAM = fileURLToPath(new URL('../../programs/l2tp-client.py', import.meta.url));

/** SCCRP, and to all else an acknowledgement without a body (RFC 2661 §5.8). */
const REPLIES: readonly (number | null)[] = [2, ...Array.from({ length: HELLOS + 2 }, () => null)];

/** What scapy has read of an answer of ours. */
interface Answer {
  readonly type: number | null;
  readonly isControl: boolean;
  readonly tunnel: number;
  readonly nr: number;
  readonly ports: readonly number[];
  readonly checksum: boolean;
}

/**
 * Two L2TP clients behind one NAT, both at UDP port 1701, as phones are: charon negotiates transport mode for each, and scapy
 * speaks L2TP in the SAs that it has, for no userland of charon's carries them. Ours tells them apart by their interfaces.
 */
export async function l2tpBehindNat(bed: Testbed, settings: GatewaySettings): Promise<void> {
  await addHostBeside(bed.signal);
  await masquerade(bed);
  const server = new EspalierL2tp(bed, 'R3');
  await server.start('responder');
  const clients = CLIENTS.map((router) => new StrongSwan(bed, router, settings));
  for (const client of clients) await client.start('initiator');
  await awaitTunnels(bed, server, clients.length);
  bed.verify('transport mode for UDP port 1701 of two behind one NAT');

  const spoken = await Promise.all(
    clients.map((client, i) => speak(bed, client, CLIENTS[i] ?? 'R1', FIRST_TUNNEL + i)),
  );
  for (const [i, answers] of spoken.entries()) expectAnswers(answers, FIRST_TUNNEL + i);
  expectHeard(server.heard());
  bed.verify(`L2TP control connections of both at once, ${spoken.flat().length} messages each way, checksums mended`);

  await clients[0]?.stop();
  await awaitTunnels(bed, server, 1);
}

async function awaitTunnels(bed: Testbed, server: EspalierL2tp, wanted: number): Promise<void> {
  await bed.until(`${wanted} pairs of SAs at the server`, 20, async () => {
    const { ike, child } = await server.alive();
    return (ike === wanted && child === wanted) || undefined;
  });
}

async function speak(
  bed: Testbed,
  client: StrongSwan,
  router: ClientRouter,
  tunnel: number,
): Promise<readonly unknown[]> {
  const file = join(bed.folder, `${router}-l2tp.json`);
  const config = {
    ...{ address: clientAddress(router), server: placeOf('R3').address, seen: placeOf('R2').address },
    ...{ interface: 'eth0', tunnel, hellos: HELLOS, ...childKeysIn(client.log()) },
  };
  writeFileSync(file, JSON.stringify(config));
  const answers: unknown = JSON.parse(await bed.must(router, ['/usr/bin/python3', PROGRAM, file], { seconds: 60 }));
  check(Array.isArray(answers), 'scapy has heard nothing');
  return answers;
}

/** To the client's own tunnel, in their order, with the checksum of the addresses that the server sees (RFC 3948 §3.1.2). */
function expectAnswers(answers: readonly unknown[], tunnel: number): void {
  const read = answers.map((answer) => {
    check(isAnswer(answer), `scapy has read no answer of L2TP: ${JSON.stringify(answer)}`);
    return answer;
  });
  const types = read.map(({ type }) => type);
  check(JSON.stringify(types) === JSON.stringify(REPLIES), `the answers are ${types.join(', ')}`);
  read.forEach((answer, i) => {
    const { isControl, checksum, ports, nr } = answer;
    const isRight = isControl && checksum && ports.join() === '1701,1701' && nr === i + 1 && answer.tunnel === tunnel;
    check(isRight, `answer ${i + 1} is not right: ${JSON.stringify(answer)}`);
  });
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'isControl' in value && 'ports' in value;
}

/** From two callers, each message with its checksum right as it came out of its SA. */
function expectHeard(heard: readonly string[]): void {
  const callers = new Set(heard.map((line) => /"caller":"(l2tp\d+)"/.exec(line)?.[1]));
  check(callers.size === CLIENTS.length && !callers.has(undefined), `the server knows ${[...callers].join(', ')}`);
  const isGood = heard.every((line) => line.includes('"checksum":"good"'));
  check(isGood && heard.length === CLIENTS.length * REPLIES.length, `the server has heard ${heard.length} messages`);
}
