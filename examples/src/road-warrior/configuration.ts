import { espSuite } from '@espalier/crypto';
import type { GatewayConfig, GatewayPeer, PolicyConfig } from '@espalier/gateway';
import type { IkeProposal } from '@espalier/ike';
import { fqdnId, fromAscii, keyId, seconds } from '@espalier/wire';
import type { Options } from './options.ts';
import type { Signing } from './signing.ts';

type Algorithms = Omit<IkeProposal, 'authentication' | 'group'>;

/** In Aggressive Mode the group is settled before anything else: there is one, which the oldest clients have. */
const GROUPS = { main: [14, 5, 2], aggressive: [2] } as const;

const ALGORITHMS: readonly Algorithms[] = [
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256' },
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1' },
  { encryption: '3des-cbc', hash: 'sha1' },
];
const SUITES = ['aes-256-cbc/hmac-sha2-256-128', 'aes-128-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96'] as const;

/** A gateway: whoever has the key of the group and is a user gets an address, and a tunnel for it. */
export function gatewayConfig(options: Options, signing?: Signing): GatewayConfig {
  const { bind, method, mode, net, id } = options;
  const users: GatewayPeer = {
    ...commonOf(options, signing),
    name: 'users',
    local: bind,
    remote: { addresses: 'any' },
    ...(id === undefined ? {} : { localIdentity: fqdnId(id) }),
    // In Main Mode nobody says who they are before the key is needed: one key opens to all. With certificates the authority
    // says who may call; in hybrid authentication the password does.
    ...(signing !== undefined
      ? { remoteIdentity: 'any' }
      : mode === 'main'
        ? { allowWildcardKey: true, remoteIdentity: 'any' }
        : { remoteIdentity: groupOf(options) }),
    xauth: { side: 'gateway' },
    modeConfig: { side: 'gateway', method },
  };
  return { peers: [users], policies: [policyOf('users', { local: net }, 'remote')] };
}

/** A client: everything for the network behind the gateway goes through the tunnel, from the address that it is given. */
export function clientConfig(options: Options, signing?: Signing): GatewayConfig {
  const { bind, gateway = '', method, mode, net, user, password, id, gatewayId } = options;
  const peer: GatewayPeer = {
    ...commonOf(options, signing),
    name: 'gateway',
    local: bind,
    remote: gateway,
    ...(id !== undefined ? { localIdentity: fqdnId(id) } : mode === 'main' ? {} : { localIdentity: groupOf(options) }),
    ...(gatewayId === undefined ? {} : { remoteIdentity: fqdnId(gatewayId) }),
    xauth: { side: 'user', userName: user, password: fromAscii(password) },
    modeConfig: { side: 'client', method },
  };
  return {
    peers: [peer],
    policies: [policyOf('gateway', { remote: net }, 'local')],
    establish: 'immediately',
  };
}

function commonOf({ key, mode, hybrid }: Options, signing: Signing | undefined) {
  const authentication: IkeProposal['authentication'] =
    signing === undefined
      ? 'xauth-initiator-pre-shared-key'
      : hybrid
        ? 'hybrid-initiator-rsa-signature'
        : 'xauth-initiator-rsa-signature';
  return {
    mode,
    ...(key === undefined ? {} : { preSharedKey: fromAscii(key) }),
    ...(signing === undefined
      ? {}
      : { credentials: { privateKey: 'ask', remoteKey: 'ask', requests: signing.requests } as const }),
    proposals: GROUPS[mode].flatMap((group) => ALGORITHMS.map((one) => ({ ...one, group, authentication }))),
    lifetime: seconds(28_800),
  };
}

function groupOf({ group }: Options): NonNullable<GatewayPeer['localIdentity']> {
  return keyId(fromAscii(group));
}

function policyOf(
  peer: string,
  selectors: NonNullable<PolicyConfig['selectors']>,
  assigned: 'local' | 'remote',
): PolicyConfig {
  const suites = SUITES.map((name) => espSuite(name));
  return {
    name: 'road',
    selectors,
    action: { kind: 'protect', peer, suites, lifetime: seconds(3600), assigned },
  };
}
