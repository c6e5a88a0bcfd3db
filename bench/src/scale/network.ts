import { randomFillSync } from 'node:crypto';
import { type Engine, type EspSuite, espSuite } from '@espalier/crypto';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import { fromAscii, type Instant, seconds } from '@espalier/wire';
import { innerPacket } from '../packets/suites.ts';

const HUB = '198.18.0.1';
const ALGORITHMS = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;

/** A hub and all its spokes: two gateways, since one can be every spoke at once. */
export interface Star {
  readonly hub: Gateway;
  readonly spokes: Gateway;
}

export interface StarOptions {
  readonly engine: Engine;
  readonly peers: number;
  readonly childrenPerPeer: number;
  /** Default AES-CBC with HMAC-SHA1. */
  readonly suite?: EspSuite;
}

export function createStar({ engine, ...network }: StarOptions): Star {
  const rng = { fill: randomFillSync };
  const make = (isHub: boolean): Gateway => new Gateway({ config: configuration(isHub, network), engine, rng });
  return { hub: make(true), spokes: make(false) };
}

/** A packet from the net behind the hub to the net behind a spoke's child, or the other way. */
export function packetBetween(peer: number, child: number, isFromHub: boolean, octets = 64): Uint8Array {
  const packet = innerPacket(octets);
  const [hubHost, spokeHost] = [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(10 + 1 + child, peer >> 8, peer, 1)];
  packet.set(isFromHub ? hubHost : spokeHost, 12);
  packet.set(isFromHub ? spokeHost : hubHost, 16);
  packet.set([0, 0], 10);
  packet.set(checksum(packet.subarray(0, 20)), 10);
  return packet;
}

/** Negotiates a child by a packet for it from the hub, and sees it arrive. */
export function establish({ hub, spokes }: Star, peer: number, child: number, now: Instant): void {
  hub.handleInside(now, packetBetween(peer, child, true));
  relay(now, hub, spokes);
  if (spokes.pollInside() === undefined) throw new Error(`no packet came through to spoke ${peer}`);
}

/** Hands on what both have to send, until neither has. */
function relay(now: Instant, a: Gateway, b: Gateway): void {
  while (pass(now, a, b) || pass(now, b, a));
}

function pass(now: Instant, from: Gateway, to: Gateway): boolean {
  while (from.pollEvent() !== undefined);
  const sent = from.pollTransmit();
  if (sent?.kind === 'packet') to.handleOutside(now, sent.octets);
  return sent !== undefined;
}

function configuration(
  isHub: boolean,
  { peers, childrenPerPeer, suite = espSuite('aes-128-cbc/hmac-sha1-96') }: Omit<StarOptions, 'engine'>,
): GatewayConfig {
  const indices = Array.from({ length: peers }, (_, peer) => peer);
  return {
    peers: indices.map((peer) => peerOf(isHub, peer)),
    policies: indices.flatMap((peer) =>
      Array.from({ length: childrenPerPeer }, (_, child) => policyOf(isHub, peer, child, suite)),
    ),
  };
}

function peerOf(isHub: boolean, peer: number): GatewayPeer {
  const spoke = `198.19.${peer >> 8}.${peer & 255}`;
  return {
    name: `spoke-${peer}`,
    local: isHub ? HUB : spoke,
    remote: isHub ? spoke : HUB,
    preSharedKey: fromAscii(`the key of spoke ${peer}`),
    proposals: [{ ...ALGORITHMS, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    natTraversal: 'off',
  };
}

function policyOf(isHub: boolean, peer: number, child: number, suite: EspSuite): PolicyConfig {
  const [hubNet, spokeNet] = ['10.0.0.0/24', `${10 + 1 + child}.${peer >> 8}.${peer & 255}.0/24`];
  return {
    name: `spoke-${peer}-${child}`,
    selectors: isHub ? { local: hubNet, remote: spokeNet } : { local: spokeNet, remote: hubNet },
    action: {
      kind: 'protect',
      peer: `spoke-${peer}`,
      suites: [suite],
      lifetime: seconds(28_800),
    },
  };
}

function checksum(header: Uint8Array): readonly [number, number] {
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += ((header[i] ?? 0) << 8) | (header[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return [~sum >> 8, ~sum & 0xff];
}
