import { randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { AddressPool, IkeEndpoint, Passwords, type PeerConfig } from '@espalier/ike';
import type { Misbehaviour } from '@espalier/testing/peer';
import { KeyBook, type SessionEnd } from '@espalier/testing/sessions';
import { fromAscii, type Identification, ipv4SubnetId, ipv6SubnetId, keyId, seconds } from '@espalier/wire';
import type { Options, Road } from './options.ts';

const LIFETIME = seconds(3600);
const PLAIN = 'pre-shared-key';
/** Clients of Cisco's ask for a tunnel to it. */
const EVERYTHING = '0.0.0.0/0';
const ROAD_POOL = '10.1.77.0/24';
const WRONG_KEY = 'no key of anybody';
const HASHES = ['sha1', 'sha2-256', 'sha2-384', 'sha2-512', 'md5'] as const;

const engine = await nodeEngine();
const rng = { fill: (out: Uint8Array): void => void randomFillSync(out) };

/** The honest endpoint within a peer, as the target knows it. @throws RangeError naming what cannot be configured. */
export function honestEnd(options: Options, misbehaviour?: Pick<Misbehaviour, 'key' | 'session'>): SessionEnd {
  const keys = new KeyBook();
  const peer = peerConfig(options, misbehaviour);
  const endpoint = new IkeEndpoint({ engine, rng, peers: [peer], keyLog: keys.note, allowLegacy: ['md5', 'modp768'] });
  const { road } = options;
  return { endpoint, address: peer.local, peerName: peer.name, keys, ...(road === undefined ? {} : answersTo(road)) };
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

function peerConfig(
  options: Options,
  misbehaviour: Pick<Misbehaviour, 'key' | 'session'> = { key: 'right' },
): PeerConfig {
  const { target, local, preSharedKey, near, far, keyBits, group, suite, road } = options;
  const hash = HASHES.find((name) => name === options.hash);
  if (hash === undefined) throw new RangeError(`--hash must be one of ${HASHES.join(', ')}`);
  const { mode = options.mode, natTraversal = 'auto' } = misbehaviour.session ?? {};
  const proposal = { encryption: 'aes-cbc', keyOctets: keyOctetsOf(keyBits), hash, group: groupOf(group) } as const;
  return {
    name: 'target',
    local: { address: local, port: 500 },
    remote: { address: target, port: 500 },
    mode,
    natTraversal,
    preSharedKey: fromAscii(misbehaviour.key === 'wrong' ? WRONG_KEY : preSharedKey),
    proposals: [{ ...proposal, authentication: road === undefined ? PLAIN : 'xauth-initiator-pre-shared-key' }],
    ...(road === undefined ? {} : roadConfig(road)),
    lifetime: LIFETIME,
    fragmentOctets: 'off',
    children: [
      {
        name: 'net',
        suites: [espSuite(suite)],
        localIdentity: road === undefined ? subnet(near) : subnet(EVERYTHING),
        remoteIdentity: road === undefined ? subnet(far) : 'assigned',
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

function keyOctetsOf(bits: Options['keyBits']): 16 | 24 | 32 {
  return bits === 128 ? 16 : bits === 192 ? 24 : 32;
}

const GROUPS = [1, 2, 5, 14, 15, 16, 19, 20, 21, 31] as const;

function groupOf(number: number): (typeof GROUPS)[number] {
  const group = GROUPS.find((one) => one === number);
  if (group === undefined) throw new RangeError(`--group must be one of ${GROUPS.join(', ')}`);
  return group;
}

function subnet(prefix: string): Identification {
  return prefix.includes(':') ? ipv6SubnetId(prefix) : ipv4SubnetId(prefix);
}
