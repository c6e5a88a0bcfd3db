import { espSuite, nobleEngine } from '@espalier/crypto';
import { type Datagram, Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import { Chance, seededChoices } from '@espalier/testing/network';
import { fromAscii, type Instant, instant, seconds } from '@espalier/wire';
import { heapInUse } from '../heap.ts';
import { worldEngine } from '../world/engine.ts';

const VICTIM = '192.0.2.1';
/** Datagrams a second, of virtual time. */
const RATE = 10_000;
/** How often it is looked at how much is held, and whether a real peer still comes through. */
const LOOKS = 10;

/** What is sent to a gateway, datagram by datagram, by who has nothing. */
export interface FloodKind {
  readonly name: string;
  /** `first`: the first message of an honest peer. Alters nothing of it. */
  readonly datagram: (first: Uint8Array, index: number, peers: number, chance: Chance) => Datagram;
}

export interface FloodResult {
  readonly kind: string;
  readonly peers: number;
  readonly datagrams: number;
  /** Of processor time, in microseconds. */
  readonly each: number;
  readonly answers: number;
  /** More than before, in octets, at the worst look; and a minute after the flood. */
  readonly heapMore: number;
  readonly heapLeft: number;
  /** Of `LOOKS` honest peers: how many had their SAs within 30 s while the flood went on. */
  readonly honest: number;
  readonly looks: number;
}

export const FLOODS: readonly FloodKind[] = [
  {
    name: 'first messages, from addresses of peers',
    datagram: (first, i, peers, chance) => spoofed(withCookie(first, chance), peerAddress(i % peers)),
  },
  {
    name: 'first messages, from anywhere',
    datagram: (first, _, __, chance) => spoofed(withCookie(first, chance), anyAddress(chance)),
  },
  { name: 'one first message again and again', datagram: (first) => spoofed(first, peerAddress(0)) },
  {
    name: 'notifications in clear',
    datagram: (_, i, peers, chance) => spoofed(notification(chance), peerAddress(i % peers)),
  },
  {
    name: 'fragments of messages',
    datagram: (_, i, peers, chance) => spoofed(fragment(chance), peerAddress(i % peers)),
  },
];

/** Floods one gateway that has so many peers, on virtual time. */
export function flood(kind: FloodKind, peers: number, datagrams: number): FloodResult {
  const chance = new Chance(seededChoices(peers));
  const victim = gatewayOf(VICTIM, Array.from({ length: peers }, (_, i) => peerAddress(i)).concat(HONEST), chance);
  const first = firstMessage(chance);
  let now = instant(0);
  let answers = 0;
  let honest = 0;
  let heapMore = 0;
  let processor = 0;
  const before = heapInUse();
  for (let look = 0; look < LOOKS; look++) {
    const count = Math.floor(datagrams / LOOKS);
    const from = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      now = instant(now + 1000 / RATE);
      answers += given(victim, now, kind.datagram(first, look * count + i, peers, chance));
    }
    const { user, system } = process.cpuUsage(from);
    processor += user + system;
    heapMore = Math.max(heapMore, heapInUse() - before);
    const flooded = (at: Instant, index: number): number =>
      given(victim, at, kind.datagram(first, index, peers, chance));
    const [isUp, until] = comesThrough(victim, now, chance, flooded);
    now = until;
    honest += isUp ? 1 : 0;
  }
  const end = instant(now + 60_000);
  for (let at = victim.pollTimeout()?.at; at !== undefined && at <= end; at = victim.pollTimeout()?.at) {
    victim.handleTimeout(instant(Math.max(at, now)));
    drained(victim);
  }
  const heapLeft = heapInUse() - before;
  victim.close(end);
  return {
    kind: kind.name,
    peers,
    datagrams,
    each: processor / datagrams,
    answers,
    heapMore,
    heapLeft,
    honest,
    looks: LOOKS,
  };
}

const HONEST = '198.51.100.7';

/** An honest peer calls, while the flood goes on: whether there are SAs within half a minute. */
function comesThrough(
  victim: Gateway,
  from: Instant,
  chance: Chance,
  flooded: (now: Instant, index: number) => number,
): readonly [isUp: boolean, until: Instant] {
  const caller = gatewayOf(HONEST, [VICTIM], chance, 'immediately');
  const until = instant(from + 30_000);
  let index = 0;
  for (let now = from; now < until; now = instant(now + 10)) {
    for (let i = 0; i < 10; i++) flooded(now, index++);
    caller.handleTimeout(now);
    victim.handleTimeout(now);
    for (const datagram of drained(caller)) {
      victim.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
    }
    for (const datagram of drained(victim)) {
      if (datagram.destination.address === HONEST) {
        caller.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
      }
    }
    if (caller.ipsecSas().length > 0) {
      caller.close(now);
      for (const { source, destination, octets } of drained(caller))
        victim.handleDatagram(now, source, destination, octets);
      return [true, now];
    }
  }
  caller.close(until);
  return [false, until];
}

function gatewayOf(
  local: string,
  remotes: readonly string[],
  chance: Chance,
  establish: NonNullable<GatewayConfig['establish']> = 'responder-only',
): Gateway {
  const peers = remotes.map(
    (remote): GatewayPeer => ({
      name: remote,
      local,
      remote,
      preSharedKey: fromAscii(`of ${local < remote ? local : remote}`),
      proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
      lifetime: seconds(3600),
    }),
  );
  const policies = remotes.map(
    (remote): PolicyConfig => ({
      name: remote,
      selectors: { local: `${local}/32`, remote: `${remote}/32` },
      action: { kind: 'protect', peer: remote, suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) },
    }),
  );
  const engine = worldEngine(nobleEngine(), { octets: 0, transforms: 0, keyPairs: 0 });
  return new Gateway({
    config: { establish, peers, policies },
    engine,
    rng: chance.rng(),
    outside: 'udp',
    packetSlots: 16,
  });
}

function given(victim: Gateway, now: Instant, { source, destination, octets }: Datagram): number {
  victim.handleDatagram(now, source, destination, octets);
  if ((victim.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= now) victim.handleTimeout(now);
  return drained(victim).length;
}

/** What a gateway has to send; what else it tells is of no interest. */
function drained(gateway: Gateway): readonly Datagram[] {
  const datagrams: Datagram[] = [];
  for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
    if (out.kind === 'datagram') datagrams.push(out);
  }
  while (gateway.pollEvent() !== undefined);
  return datagrams;
}

function firstMessage(chance: Chance): Uint8Array {
  const caller = gatewayOf(peerAddress(0), [VICTIM], chance, 'immediately');
  caller.handleTimeout(instant(0));
  const [first] = drained(caller);
  caller.close(instant(0));
  if (first === undefined) throw new Error('a gateway that is to begin sends nothing');
  return first.octets;
}

function spoofed(octets: Uint8Array, address: string): Datagram {
  return { source: { address, port: 500 }, destination: { address: VICTIM, port: 500 }, octets };
}

function peerAddress(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

function anyAddress(chance: Chance): string {
  return `${chance.between(11, 120)}.${chance.below(256)}.${chance.below(256)}.${chance.between(1, 254)}`;
}

const COOKIE_OCTETS = 8;

function withCookie(message: Uint8Array, chance: Chance): Uint8Array {
  const altered = message.slice();
  chance.rng().fill(altered.subarray(0, COOKIE_OCTETS));
  return altered;
}

/** An Informational of an IKE SA that nobody has: exchange 5, a notification (RFC 2408 §3.14). */
function notification(chance: Chance): Uint8Array {
  const message = new Uint8Array(40);
  chance.rng().fill(message.subarray(0, 16));
  message.set([11, 0x10, 5, 0, 0, 0, 0, 1, 0, 0, 0, 40], 16);
  message.set([0, 0, 0, 12, 0, 0, 0, 1, 1, 0, 0, 14], 28);
  return message;
}

/** The first of two fragments (Cisco's fragmentation, payload 132), of which the second never comes. */
function fragment(chance: Chance): Uint8Array {
  const message = new Uint8Array(500);
  chance.rng().fill(message.subarray(0, 16));
  message.set([132, 0x10, 2, 0, 0, 0, 0, 0, 0, 0, 500 >> 8, 500 & 255], 16);
  message.set([0, 0, (500 - 28) >> 8, (500 - 28) & 255, 0, chance.between(1, 255), 1, 0], 28);
  return message;
}
