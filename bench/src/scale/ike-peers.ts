import { randomFillSync } from 'node:crypto';
import { type Engine, espSuite } from '@espalier/crypto';
import { type Endpoint, IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { fromAscii, type Instant, instant, ipv4SubnetId, seconds } from '@espalier/wire';

export const START: Instant = instant(1_000_000);
export const HUB: Endpoint = { address: '198.18.0.1', port: 500 };

const HUB_NET = ipv4SubnetId('10.0.0.0/24');
const ALGORITHMS = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;
const RNG = { fill: randomFillSync };

function spokeAddress(peer: number): Endpoint {
  return { address: `198.19.${peer >> 8}.${peer & 255}`, port: 500 };
}

/** Peers with so many children each, as the hub has them, or as they have the hub. */
export function peerConfigs(isHub: boolean, peers: number, children: number): readonly PeerConfig[] {
  return Array.from({ length: peers }, (_, peer) => peerConfig(isHub, peer, children));
}

export function endpointOf(engine: Engine, peers: readonly PeerConfig[]): IkeEndpoint {
  return new IkeEndpoint({ engine, rng: RNG, peers });
}

function peerConfig(isHub: boolean, peer: number, children: number): PeerConfig {
  const spoke = spokeAddress(peer);
  return {
    name: `spoke-${peer}`,
    local: isHub ? HUB : spoke,
    remote: isHub ? spoke : HUB,
    preSharedKey: fromAscii(`the key of spoke ${peer}`),
    proposals: [{ ...ALGORITHMS, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    natTraversal: 'off',
    children: Array.from({ length: children }, (_, child) => {
      const spokeNet = ipv4SubnetId(`${11 + child}.${peer >> 8}.${peer & 255}.0/24`);
      return {
        name: `net-${child}`,
        suites: [espSuite('aes-128-cbc/hmac-sha1-96')],
        localIdentity: isHub ? HUB_NET : spokeNet,
        remoteIdentity: isHub ? spokeNet : HUB_NET,
        lifetime: seconds(28_800),
      };
    }),
  };
}

/**
 * Hands over what one end has to send; false when that is nothing. `spent` is told when the other's call began and ended, in
 * milliseconds.
 */
export function pass(
  now: Instant,
  from: IkeEndpoint,
  to: IkeEndpoint,
  spent: (began: number, ended: number) => void,
): boolean {
  while (from.pollEvent() !== undefined);
  const message = from.pollTransmit();
  if (message === undefined) return false;
  const before = performance.now();
  to.handleDatagram(now, message.source, message.destination, message.octets);
  spent(before, performance.now());
  return true;
}
