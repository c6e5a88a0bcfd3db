import { espSuite } from '@espalier/crypto';
import type { Endpoint, ExchangeMode, PeerConfig } from '@espalier/ike';
import { fqdnId, fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';

/** The gateway that is flooded. */
export const GATEWAY: Endpoint = { address: '192.0.2.1', port: 500 };

/** Of the peers of a gateway that knows each by its address. */
export function peerAddress(peer: number): Endpoint {
  return { address: `198.51.${100 + (peer >> 8)}.${peer & 0xff}`, port: 500 };
}

/** Of whoever a gateway that takes anybody hears from: 65,536 of them. */
export function anyAddress(number: number): Endpoint {
  return { address: `198.18.${(number >> 8) & 0xff}.${number & 0xff}`, port: 500 };
}

const KEY = fromAscii('a key that protects nothing');
const INSIDE = { gateway: ipv4SubnetId('10.1.0.0/16'), client: ipv4SubnetId('10.2.0.0/16') } as const;
const GATEWAY_NAME = fqdnId('gateway.example');
/** What a peer that is known by its address is called. */
export const CLIENT_NAME = 'client.example';

/** The gateway's peers: one that may be anywhere, or so many, each at its address. */
export function gatewayPeers(count: number, mode: ExchangeMode): readonly PeerConfig[] {
  if (count === 1) {
    const anybody = { remote: { addresses: 'any' as const }, allowWildcardKey: true, remoteIdentity: 'any' as const };
    return [{ ...common(mode, 'gateway'), name: 'anybody', local: GATEWAY, localIdentity: GATEWAY_NAME, ...anybody }];
  }
  return Array.from({ length: count }, (_, peer) => ({
    ...common(mode, 'gateway'),
    ...{ name: `peer ${peer}`, local: GATEWAY, remote: peerAddress(peer) },
    ...{ localIdentity: GATEWAY_NAME, remoteIdentity: fqdnId(CLIENT_NAME) },
  }));
}

/** How whoever has the key knows the gateway. */
export function clientPeer(local: Endpoint, mode: ExchangeMode, name: string): PeerConfig {
  return {
    ...common(mode, 'client'),
    ...{ name: 'gateway', local, remote: GATEWAY },
    ...{ localIdentity: fqdnId(name), remoteIdentity: GATEWAY_NAME },
  };
}

function common(mode: ExchangeMode, own: keyof typeof INSIDE) {
  return {
    mode,
    preSharedKey: KEY,
    proposals: [
      { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 14, authentication: 'pre-shared-key' },
    ] as const,
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-128-cbc/hmac-sha1-96')],
        localIdentity: INSIDE[own],
        remoteIdentity: INSIDE[own === 'client' ? 'gateway' : 'client'],
        lifetime: seconds(1800),
      },
    ],
  };
}
