import { type DhGroupNumber, type DhKeyPair, type Engine, nobleEngine } from '@espalier/crypto';
import {
  type Endpoint,
  type HandleResult,
  IkeEndpoint,
  type IkeEndpointConfig,
  type IkeEvent,
  type PeerConfig,
  type Transmit,
} from '@espalier/ike';
import { after, type Duration, fromAscii, type Instant, instant, ipv4SubnetId, milliseconds, seconds } from '@espalier/wire';
import { seededRng } from '../../../test/support/rng.ts';
import { espSuite } from '@espalier/crypto';

export const R2: Endpoint = { address: '10.1.15.1', port: 500 };
export const R3: Endpoint = { address: '10.1.15.2', port: 500 };
export const START: Instant = instant(1_000_000);
const LATENCY = milliseconds(10);

/** One gateway's view of the other, with the defaults of the AS PIC. */
export function peerConfig(side: 'R2' | 'R3', changes: Partial<PeerConfig> = {}): PeerConfig {
  const [net12, net56] = [ipv4SubnetId('10.1.12.0/24'), ipv4SubnetId('10.1.56.0/24')];
  const isR2 = side === 'R2';
  return {
    name: isR2 ? 'R3' : 'R2',
    local: isR2 ? R2 : R3,
    remote: isR2 ? R3 : R2,
    preSharedKey: fromAscii('juniper'),
    mode: 'main',
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('3des-cbc/hmac-sha1-96')],
        encapsulation: 'tunnel',
        localIdentity: isR2 ? net12 : net56,
        remoteIdentity: isR2 ? net56 : net12,
        lifetime: seconds(28_800),
      },
    ],
    ...changes,
  };
}
