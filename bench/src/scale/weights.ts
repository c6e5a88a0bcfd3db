import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nodeEngine } from '@espalier/crypto/node';
import { after, seconds } from '@espalier/wire';
import { withCheapKeys } from './cheap-keys.ts';
import { endpointOf, peerConfigs, START } from './ike-peers.ts';
import { createStar, establish, type Star } from './network.ts';
import type { ScaleRow } from './rows.ts';

/** After which nothing of a negotiation is repeated any more. */
const LINGERS = seconds(120);
const ARENAS = [4, 8].map((mebioctets) => mebioctets * 1_048_576);

/** What peers and tunnels weigh: octets of the heap, and of the engine's arena. */
export function measureWeights(peers: number): readonly ScaleRow[] {
  const part = 'scale';
  return [
    { part, what: 'heap of a configured idle peer', peers, children: 2, octets: idleOctets(peers) },
    { part, what: 'heap of a live tunnel end', peers, children: 1, octets: liveOctets(peers) },
    { part, what: 'arena of a live tunnel end', peers, children: 1, octets: arenaOctets() },
  ];
}

/** Without what the caller's own configuration weighs. */
function idleOctets(peers: number): number {
  const engine = withCheapKeys(nodeEngine());
  const configs = peerConfigs(true, peers, 2);
  const before = heapUsed();
  const endpoint = endpointOf(engine, configs);
  const weight = (heapUsed() - before) / peers;
  if (endpoint.peerNames().length !== configs.length) throw new Error('peers are missing');
  return weight;
}

/** An IKE SA and a pair of ESP SAs at one end of a tunnel of a gateway, once its negotiation is forgotten. */
function liveOctets(peers: number): number {
  const star = createStar({ engine: withCheapKeys(nodeEngine()), peers, childrenPerPeer: 1 });
  const before = heapUsed();
  for (let peer = 0; peer < peers; peer++) establish(star, peer, 0, START);
  settle(star);
  return (heapUsed() - before) / (2 * peers);
}

/** From how many tunnels fit into one arena, and how many into a larger one. */
function arenaOctets(): number {
  const [small = 0, large = 0] = ARENAS.map(tunnelsIn);
  const [few = 0, many = 0] = ARENAS;
  return (many - few) / (2 * (large - small));
}

function tunnelsIn(arenaOctets: number): number {
  const peers = 16_000;
  const star = createStar({ engine: withCheapKeys(nodeEngine({ arenaOctets })), peers, childrenPerPeer: 1 });
  for (let peer = 0; peer < peers; peer++) {
    try {
      establish(star, peer, 0, START);
    } catch {
      return peer;
    }
  }
  throw new Error('the arena holds more than was tried');
}

function settle({ hub, spokes }: Star): void {
  const now = after(START, LINGERS);
  for (const gateway of [hub, spokes]) {
    for (let next = gateway.pollTimeout(); next !== undefined && next.at <= now; next = gateway.pollTimeout()) {
      gateway.handleTimeout(now);
      while (gateway.pollTransmit() !== undefined);
    }
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
