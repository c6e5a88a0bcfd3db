import type { Engine } from '@espalier/crypto';
import { AddressPool, type Endpoint, IkeEndpoint, Passwords, type PeerConfig } from '@espalier/ike';
import { systemRng } from '@espalier/node';
import type { Misbehaviour } from '@espalier/testing/peer';
import { KeyBook, type SessionEnd } from '@espalier/testing/sessions';
import { fromAscii, type Identification, ipv4SubnetId, ipv6SubnetId, keyId, seconds } from '@espalier/wire';
import { hasNatTraversal, type KnownTarget, type Road } from './target.ts';

const LIFETIME = seconds(3600);
const ROAD_POOL = '10.1.77.0/24';
const WRONG_KEY = 'no key of anybody';

/** Which key a session has, and what else is special about it. */
export type Kind = Pick<Misbehaviour, 'key' | 'session'>;

/** The honest endpoint within a peer, as the target knows it. @throws TypeError or RangeError for what cannot be configured. */
export function honestEnd(target: KnownTarget, local: Endpoint, engine: Engine, kind: Kind): SessionEnd {
  const keys = new KeyBook();
  const peers = [peerConfig(target, local, kind)];
  const endpoint = new IkeEndpoint({
    engine,
    rng: systemRng(),
    peers,
    keyLog: keys.note,
    allowLegacy: ['md5', 'modp768'],
  });
  const { road, remote } = target;
  return { endpoint, address: local, peerName: remote.address, keys, ...(road === undefined ? {} : answersTo(road)) };
}

/** What a user on the road is asked, and what one asks for. */
function answersTo({ user, password }: Road): Pick<SessionEnd, 'answer' | 'heed'> {
  const pool = new AddressPool({ ipv4: ROAD_POOL });
  const passwords = new Passwords([{ userName: user, password: fromAscii(password) }]);
  return {
    answer(question) {
      if (question.kind === 'lease') return pool.answer(question);
      return question.kind === 'verify-credentials' ? passwords.answer(question) : undefined;
    },
    heed: (event) => pool.handleEvent(event),
  };
}

function peerConfig(target: KnownTarget, local: Endpoint, { key, session = {} }: Kind): PeerConfig {
  const { remote, preSharedKey, near, far, phase1, suite, road } = target;
  const { mode = target.mode, natTraversal = 'auto', pfsGroup } = session;
  const authentication = road === undefined ? 'pre-shared-key' : 'xauth-initiator-pre-shared-key';
  return {
    name: remote.address,
    local,
    remote,
    mode,
    natTraversal: hasNatTraversal(target) ? natTraversal : 'off',
    preSharedKey: key === 'wrong' ? fromAscii(WRONG_KEY) : preSharedKey,
    proposals: [{ encryption: 'aes-cbc', ...phase1, authentication }],
    ...(road === undefined ? {} : roadConfig(road)),
    lifetime: LIFETIME,
    fragmentOctets: 'off',
    children: [
      {
        name: 'net',
        suites: [suite],
        localIdentity: subnet(near),
        remoteIdentity: road === undefined ? subnet(far) : 'assigned',
        ...(pfsGroup === undefined ? {} : { pfsGroup }),
        lifetime: LIFETIME,
      },
    ],
  };
}

function roadConfig({ group }: Road): Partial<PeerConfig> {
  return {
    remoteIdentity: keyId(fromAscii(group)),
    xauth: { side: 'gateway' },
    modeConfig: { side: 'gateway', method: 'pull' },
  };
}

function subnet(prefix: string): Identification {
  return prefix.includes(':') ? ipv6SubnetId(prefix) : ipv4SubnetId(prefix);
}
