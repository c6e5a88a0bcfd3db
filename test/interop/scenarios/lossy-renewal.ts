import type { Role, Tally } from '../gateways/gateway.ts';
import type { Router } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitWay, SteadyPings } from '../traffic.ts';
import { bringUp, type Pair } from './pair.ts';

/** One datagram of a renewal. */
interface Datagram {
  readonly name: string;
  readonly exchange: 'main' | 'quick';
  /** Where it is on its way to: the initiator's end is R2. */
  readonly to: Extract<Router, 'R2' | 'R3'>;
  /** The payload that its header names, and which it is of those of its sender that do. */
  readonly firstPayload: 'sa' | 'ke' | 'id' | 'hash';
  readonly index: 0 | 1;
}

const MAIN_MODE: readonly Datagram[] = [
  { name: 'main-1', exchange: 'main', to: 'R3', firstPayload: 'sa', index: 0 },
  { name: 'main-2', exchange: 'main', to: 'R2', firstPayload: 'sa', index: 0 },
  { name: 'main-3', exchange: 'main', to: 'R3', firstPayload: 'ke', index: 0 },
  { name: 'main-4', exchange: 'main', to: 'R2', firstPayload: 'ke', index: 0 },
  { name: 'main-5', exchange: 'main', to: 'R3', firstPayload: 'id', index: 0 },
  { name: 'main-6', exchange: 'main', to: 'R2', firstPayload: 'id', index: 0 },
];

const QUICK_MODE: readonly Datagram[] = [
  { name: 'quick-1', exchange: 'quick', to: 'R3', firstPayload: 'hash', index: 0 },
  { name: 'quick-2', exchange: 'quick', to: 'R2', firstPayload: 'hash', index: 0 },
  { name: 'quick-3', exchange: 'quick', to: 'R3', firstPayload: 'hash', index: 1 },
];

/** RFC 2408 §3.1 */
const EXCHANGE = { main: 2, quick: 32 } as const;
const PAYLOAD = { sa: 1, ke: 4, id: 5, hash: 8 } as const;
/** Bits from the UDP header to the fields of the ISAKMP header behind the non-ESP marker. */
const AT = { marker: 64, firstPayload: 224, exchange: 240 } as const;

/** A phase is renewed by the initiator, and each datagram of that is lost once: no packet of the traffic is. */
export async function lossyRenewal(bed: Testbed, pair: Pair, phase: 1 | 2, seconds: number): Promise<void> {
  await bringUp(bed, pair);
  await awaitWay(bed);
  const pings = new SteadyPings(bed);
  if (phase === 1) await loseEach(bed, pair, MAIN_MODE, seconds, ({ ike }) => ike);
  else await loseEach(bed, pair, QUICK_MODE, seconds, ({ child }) => child);
  await bed.pause(2);
  const [exchange, count] = phase === 1 ? ['Main', MAIN_MODE.length] : ['Quick', QUICK_MODE.length];
  bed.verify(`each of the ${count} datagrams of ${exchange} Mode lost once in a renewal`);
  bed.verify(`${await pings.finish()} pings without loss`);
}

/** One after the other: it is lost, and what it belongs to comes about at both ends all the same. */
async function loseEach(
  bed: Testbed,
  pair: Pair,
  datagrams: readonly Datagram[],
  seconds: number,
  countOf: (tally: Tally) => number,
): Promise<void> {
  const counts = async (): Promise<Readonly<Record<Role, number>>> => ({
    initiator: countOf(await pair.initiator.established()),
    responder: countOf(await pair.responder.established()),
  });
  for (const datagram of datagrams) {
    await lose(bed, datagram);
    let before = await counts();
    await bed.until(`the loss of ${datagram.name}`, seconds, async () => {
      const now = await counts();
      if (await isLost(bed, datagram)) return true;
      before = now;
      return undefined;
    });
    await bed.until(`a renewal without ${datagram.name}`, seconds, async () => {
      const now = await counts();
      return (now.initiator > before.initiator && now.responder > before.responder) || undefined;
    });
    await bed.must(datagram.to, ['nft', 'delete', 'table', 'ip', tableOf(datagram)]);
  }
}

/** Where it arrives, so that its sender is told nothing. */
async function lose(bed: Testbed, datagram: Datagram): Promise<void> {
  const { exchange, to, firstPayload, index } = datagram;
  const isIt = [
    'udp dport 4500',
    `@th,${AT.marker},32 0`,
    `@th,${AT.exchange},8 ${EXCHANGE[exchange]}`,
    `@th,${AT.firstPayload},8 ${PAYLOAD[firstPayload]}`,
    `numgen inc mod 100000 == ${index}`,
  ];
  const chain = `chain in { type filter hook input priority filter; ${isIt.join(' ')} counter drop; }`;
  await bed.must(to, ['nft', `table ip ${tableOf(datagram)} { ${chain}; }`]);
}

async function isLost(bed: Testbed, datagram: Datagram): Promise<boolean> {
  const listed = await bed.must(datagram.to, ['nft', 'list', 'table', 'ip', tableOf(datagram)]);
  return Number(/counter packets (\d+)/.exec(listed)?.[1] ?? 0) > 0;
}

function tableOf({ name }: Datagram): string {
  return `lost-${name}`;
}
