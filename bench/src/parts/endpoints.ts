import { randomFillSync } from 'node:crypto';
import { type DhGroupNumber, type Engine, espSuite } from '@espalier/crypto';
import { type Endpoint, IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { fromAscii, type Instant, instant, ipv4SubnetId, seconds } from '@espalier/wire';

export const NOW: Instant = instant(1_000_000);

export const INITIATOR: Endpoint = { address: '192.0.2.1', port: 500 };
export const RESPONDER: Endpoint = { address: '192.0.2.2', port: 500 };

const INITIATOR_NET = ipv4SubnetId('10.1.0.0/16');
const RESPONDER_NET = ipv4SubnetId('10.2.0.0/16');

export interface Endpoints {
  readonly initiator: IkeEndpoint;
  readonly responder: IkeEndpoint;
}

/** Two ends that agree on AES, SHA-256 and that group; each calls the other `peer`. */
export function createEndpoints(engine: Engine, group: DhGroupNumber): Endpoints {
  const rng = { fill: randomFillSync };
  return {
    initiator: new IkeEndpoint({ engine, rng, peers: [peer(INITIATOR, RESPONDER, group)] }),
    responder: new IkeEndpoint({ engine, rng, peers: [peer(RESPONDER, INITIATOR, group)] }),
  };
}

function peer(local: Endpoint, remote: Endpoint, group: DhGroupNumber): PeerConfig {
  const isInitiator = local === INITIATOR;
  return {
    name: 'peer',
    local,
    remote,
    preSharedKey: fromAscii('a long and random secret'),
    mode: 'main',
    proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-128-cbc/hmac-sha2-256-128')],
        localIdentity: isInitiator ? INITIATOR_NET : RESPONDER_NET,
        remoteIdentity: isInitiator ? RESPONDER_NET : INITIATOR_NET,
        lifetime: seconds(28_800),
      },
    ],
  };
}
