import { espSuite } from '@espalier/crypto';
import type { GatewayConfig } from '@espalier/gateway';
import type { IkeProposal } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import { L2TP_PORT } from './l2tp-inside.ts';
import type { Options } from './options.ts';

const GROUPS = [14, 2] as const;
const ALGORITHMS: readonly Omit<IkeProposal, 'authentication' | 'group'>[] = [
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256' },
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha1' },
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1' },
  { encryption: '3des-cbc', hash: 'sha1' },
];
const SUITES = ['aes-256-cbc/hmac-sha1-96', 'aes-128-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96'] as const;

/** A host that whoever has the key may call, from anywhere: nothing is taken for UDP port 1701 but what comes in an SA. */
export function serverConfig({ bind, key, clients }: Options): GatewayConfig {
  const authentication = 'pre-shared-key';
  const proposals = GROUPS.flatMap((group) => ALGORITHMS.map((one) => ({ ...one, group, authentication }) as const));
  return {
    peers: [
      {
        name: 'clients',
        local: bind,
        remote: { addresses: 'any' },
        allowWildcardKey: true,
        preSharedKey: fromAscii(key),
        remoteIdentity: 'any',
        proposals,
        lifetime: seconds(28_800),
      },
    ],
    policies: [
      {
        name: 'l2tp',
        selectors: { protocol: 'udp', localPort: L2TP_PORT },
        action: {
          kind: 'protect',
          peer: 'clients',
          mode: 'transport',
          suites: SUITES.map((name) => espSuite(name)),
          lifetime: seconds(3600),
          ownInterfaces: Array.from({ length: clients }, (_, i) => `l2tp${i}`),
        },
      },
    ],
  };
}
