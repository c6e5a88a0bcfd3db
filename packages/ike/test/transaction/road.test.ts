import {
  chapPassword,
  type FailureEvent,
  formatFailure,
  type HandleResult,
  type IkeFailure,
  privateGroupNumber,
  Replay,
} from '@espalier/ike';
import { decodeHeader, EXCHANGE, formatIdentification, fqdnId, fromAscii, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Entry } from '../../src/peer/pad/entry.ts';
import { proposalsIn } from '../../src/peer/pad/profile.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { flipped } from '../support/forger.ts';
import { R2 as CLIENT_END, peerConfig } from '../support/pair.ts';
import { PRIVATE_GROUP } from '../support/private-groups.ts';
import { Road, type RoadOptions } from './road.ts';

/** Both modes, and both ways to be told an address. */
const WAYS = (['main', 'aggressive'] as const).flatMap((mode) =>
  (['pull', 'push'] as const).map((method) => ({ mode, method })),
);

describe.each(WAYS)('a client on the road, in $mode mode, by $method', (way) => {
  it('says who it is, is given an address, and has a child for it', () => {
    const road = new Road(way).up();
    const configuration = { addresses: ['10.1.77.1'], dns: ['10.1.56.53'] };
    expect(road.R2.of('configured')).toEqual([{ kind: 'configured', peer: 'R3', side: 'client', configuration }]);
    const [established] = road.R3.of('ike-established');
    expect(established?.ikeSa).toMatchObject({ state: 'ready', user: 'alice', peer: 'R2/0x7465737467726f7570/alice' });
    expect(road.R3.of('configured')).toMatchObject([{ peer: 'R2/0x7465737467726f7570/alice', side: 'gateway' }]);
    const [child] = road.R3.of('child-established');
    expect(child && formatIdentification(child.child.remoteIdentity)).toContain('10.1.77.1');
    expect(child && formatIdentification(child.child.localIdentity)).toContain('10.1.56.0');
  });

  it('gets there whichever datagram is lost, and whoever is asked', () => {
    const whole = new Road({ ...way, user: { userName: 'alice' } });
    whole.answering = ({ kind }) =>
      kind === 'credentials' ? { kind, userName: 'alice', password: fromAscii('wonderland') } : undefined;
    const count = whole.up().sent.length;
    expect(count).toBeGreaterThan(10);
    for (let lost = 0; lost < count; lost++) {
      const road = new Road({ ...way, network: ({ index }) => (index === lost ? [] : [10]) }).up();
      expect(road.R2.of('ike-failed'), `datagram ${lost} is lost`).toEqual([]);
      expect(road.R3.endpoint.ikeSas()).toHaveLength(1);
      expect(road.pool.size).toBe(1);
    }
  });

  it('gets there when every datagram comes twice, late and early', () => {
    const road = new Road({ ...way, network: ({ index }) => [10, 10 + ((index * 37) % 400)] }).up();
    expect(road.R2.of('configured')).toHaveLength(1);
    expect(road.pool.size).toBe(1);
  });

  it('and gives the address back when it closes', () => {
    const road = new Road(way).up();
    road.on('R2', (endpoint, now) => endpoint.close(now));
    road.run(seconds(2));
    expect(road.R2.of('configuration-ended')).toHaveLength(1);
    expect(road.R3.of('configuration-ended')).toHaveLength(1);
    expect(road.pool.size).toBe(0);
    expect(road.R3.endpoint.ikeSas()).toEqual([]);
  });

  it('is renewed in time by who has not heard that the gateway’s IKE SA lives shorter', () => {
    const lifetimes = { R2: { lifetime: seconds(6000) }, R3: { lifetime: seconds(600) } };
    const whole = new Road({ ...way, ...lifetimes }).up();
    for (let lost = 0; lost < whole.sent.length; lost++) {
      const road = new Road({ ...way, ...lifetimes, network: ({ index }) => (index === lost ? [] : [10]) }).up();
      road.run(seconds(700));
      for (const node of road.nodes) {
        expect(node.of('child-deleted'), `datagram ${lost}`).toEqual([]);
        expect(node.of('ike-deleted').filter(({ reason }) => reason === 'expired')).toEqual([]);
      }
      expect(road.R3.of('ike-established')).toHaveLength(2);
    }
  });

  it('keeps its address when the IKE SA is renewed, asked again or not', () => {
    for (const onRenewal of [true, false]) {
      const road = new Road({ ...way, user: { onRenewal }, gateway: { onRenewal } }).up();
      const asked = road.asked.length;
      road.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
      expect(road.runUntil(() => road.R3.of('ike-established').length === 2 && road.isUp)).toBe(true);
      road.run(seconds(60));
      expect(road.asked.length - asked).toBe(onRenewal ? 1 : 0);
      for (const node of road.nodes) {
        expect(node.of('configured')).toHaveLength(onRenewal && node.side === 'R2' ? 2 : 1);
        expect(node.endpoint.ikeSas()).toHaveLength(1);
      }
      expect(road.R3.endpoint.ikeSas()[0]).toMatchObject({ user: 'alice', state: 'ready' });
      expect(road.pool.size).toBe(1);
    }
  });

  // What the gateway began while its client was asking for its address was refused, and taken half a second later.
  it('hears at once what the gateway begins before the client has its address again', () => {
    const road = new Road({ ...way, R2: { acceptedGroups: [PRIVATE_GROUP] } }).up();
    const [{ peer } = expect.fail()] = road.R3.endpoint.ikeSas();
    const [{ inbound } = expect.fail()] = road.R3.endpoint.children();
    road.on('R3', (endpoint, now) => endpoint.newGroup(now, peer, privateGroupNumber(0x8001), PRIVATE_GROUP));
    road.run(seconds(1)).on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    expect(road.runUntil(() => road.R3.of('ike-established').length === 2)).toBe(true);
    road.on('R3', (endpoint, now) => endpoint.rekeyChild(now, inbound));
    road.run(seconds(10));
    for (const node of road.nodes) {
      expect(node.of('group-agreed')).toHaveLength(2);
      expect(node.of('child-established')).toHaveLength(2);
      expect(node.results.filter(({ ok }) => !ok)).toEqual([]);
    }
  });
});

// Whoever had sent it, it was kept in the place of what the gateway begins.
it('a client that waits for its address keeps nothing that its gateway has not made', () => {
  const road = new Road({ mode: 'main' }).up();
  const [{ inbound } = expect.fail()] = road.R3.endpoint.children();
  const forged: HandleResult[] = [];
  road.arriving = ({ from, transmit: { octets } }) => {
    const isBegun = from === 'R3' && decodeHeader(octets).exchange === EXCHANGE.quick;
    if (isBegun && forged.length === 0) forged.push(road.inject('R2', flipped(octets, octets.length - 1)));
  };
  road.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
  expect(road.runUntil(() => road.R3.of('ike-established').length === 2)).toBe(true);
  road.on('R3', (endpoint, now) => endpoint.rekeyChild(now, inbound));
  road.run(seconds(10));
  expect(forged).toMatchObject([{ ok: false }]);
  expect(road.R2.of('child-established')).toHaveLength(2);
});

// The gateway's whole net was offered in the place of what the client had named of it: INVALID-ID-INFORMATION.
it('a gateway renews a child for what its client has asked for', () => {
  const road = new Road({ mode: 'main' }).up();
  const [{ inbound } = expect.fail()] = road.R3.endpoint.children();
  road.on('R3', (endpoint, now) => endpoint.rekeyChild(now, inbound));
  road.run(seconds(10));
  for (const node of road.nodes) {
    expect(node.of('child-failed')).toEqual([]);
    expect(node.of('child-superseded')).toHaveLength(1);
    const identities = node
      .of('child-established')
      .map(({ child: { localIdentity, remoteIdentity } }) => [
        formatIdentification(localIdentity),
        formatIdentification(remoteIdentity),
      ]);
    expect(identities[1]).toEqual(identities[0]);
  }
});

describe('XAuth the other way round', () => {
  it.each(['main', 'aggressive'] as const)('in %s mode: the gateway begins, the responder is the user', (mode) => {
    const authentication = 'xauth-responder-pre-shared-key';
    const road = new Road({ mode, method: 'none', authentication, R3: { remote: CLIENT_END } });
    road.initiate('R3');
    expect(road.runUntil(() => road.R3.of('ike-established').length === 1)).toBe(true);
    expect(road.R3.of('ike-established')[0]?.ikeSa).toMatchObject({ user: 'alice', role: 'initiator' });
    expect(road.R2.of('ike-established')[0]?.ikeSa).toMatchObject({ user: undefined, role: 'responder' });
  });

  it('a gateway that waits for its users begins nothing', () => {
    const road = new Road({ R3: { remote: CLIENT_END, children: [] } });
    road.on('R3', (endpoint, now) => endpoint.rekeyIke(now, 'R2'));
    expect(road.sent).toEqual([]);
    expect(road.R3.endpoint.ikeSas()).toEqual([]);
  });
});

describe('another user at the address of one', () => {
  it('has nothing of what the other had, and is not called like them', () => {
    let userName = 'alice';
    const road = new Road({
      R2: { xauth: { side: 'user' } },
      R3: { remote: CLIENT_END },
    });
    road.answering = ({ kind }) =>
      kind === 'credentials'
        ? { kind, userName, password: fromAscii(userName === 'alice' ? 'wonderland' : 'builder') }
        : undefined;
    road.up();
    const [alices] = road.R3.endpoint.children();
    userName = 'bob';
    road.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    expect(road.runUntil(() => road.R3.of('ike-established').length === 2)).toBe(true);
    road.run(seconds(5));
    expect(road.R3.endpoint.ikeSas()).toMatchObject([{ user: 'bob', state: 'ready' }]);
    expect(road.R3.endpoint.children().map(({ inbound }) => inbound)).not.toContain(alices?.inbound);
    expect(road.R3.of('configuration-ended')).toHaveLength(1);
    const leases = road.asked.flatMap(({ question }) => (question.kind === 'lease' ? [question.user] : []));
    expect(leases).toEqual(['alice', 'bob']);
  });
});

it('what is proposed has the user on the side that this is', () => {
  const proposal = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;
  const proposals = (['xauth-initiator-pre-shared-key', 'xauth-responder-pre-shared-key'] as const).map(
    (authentication) => ({ ...proposal, authentication }),
  );
  for (const [at, role] of (['initiator', 'responder'] as const).entries()) {
    const user = peerConfig('R2', { proposals, xauth: { side: 'user' } });
    expect(proposalsIn(user, role)).toEqual([proposals[at]]);
    expect(proposalsIn({ ...user, xauth: { side: 'gateway' } }, role)).toEqual([proposals[1 - at]]);
  }
});

describe('the name of a user who is a peer', () => {
  const entry = new Entry<object>({ ...peerConfig('R3'), name: 'users', remote: { addresses: 'any' } });
  const named = (identity: string, user?: string): string => entry.nameOf({ identity: fqdnId(identity), user });

  it('is that of nobody else, whatever is written in it', () => {
    expect(named('a', 'b')).toBe('users/a/b');
    const names = [
      named('a', 'b'),
      named('a/b'),
      named('a/b', 'c'),
      named('a', 'b/c'),
      named('a', 'b\\x2fc'),
      named('a\\x2fb'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('is not that of who is there without one, be it called undefined', () => {
    const whoms = ['undefined', undefined, ''].map((user) => ({ identity: fqdnId('a'), user }));
    for (const whom of whoms) entry.add(whom, whom);
    expect(whoms.map((whom) => entry.find(whom))).toEqual(whoms);
  });
});

describe('without XAuth', () => {
  it.each(['pull', 'push'] as const)('Mode Config by %s follows Main Mode at once', (method) => {
    const road = new Road({ mode: 'main', method, authentication: 'pre-shared-key' }).up();
    expect(road.asked.map(({ question }) => question.kind)).toEqual(['lease']);
    expect(road.R2.of('configured')).toHaveLength(1);
  });

  it.each(['pull', 'push'] as const)('and without an answer it is over with the repetitions: by %s', (method) => {
    const road = new Road({ authentication: 'pre-shared-key', mode: 'main', method });
    const asks = method === 'pull' ? 'R2' : 'R3';
    road.network = ({ from, transmit: { octets } }) =>
      from !== asks && octets[18] === EXCHANGE.transaction ? [] : [10];
    road.initiate().run(seconds(30));
    expect(road[asks].of('ike-failed')).toMatchObject([{ reason: 'no-answer' }]);
  });

  it('XAuth alone is enough for a child of other identities', () => {
    const road = new Road({ method: 'none' }).up();
    expect(road.asked.map(({ question }) => question.kind)).toEqual(['verify-credentials']);
    expect(road.R2.of('configured')).toEqual([]);
  });
});

describe('credentials', () => {
  const asking = (options: RoadOptions = {}): Road => new Road({ ...options, R2: { xauth: { side: 'user' } } });
  const credentials = (password: string) => ({
    kind: 'credentials' as const,
    userName: 'alice',
    password: fromAscii(password),
  });

  it('are asked for where they are not configured, with what the gateway says', () => {
    const road = asking({ gateway: { message: 'Password, please' } }).up();
    expect(road.asked[0]?.question).toMatchObject({
      kind: 'credentials',
      type: 'generic',
      asks: ['user-name', 'password'],
      message: 'Password, please',
      attempt: 1,
    });
  });

  it('may be wrong twice, and the third time they are right', () => {
    const road = asking();
    road.answering = (question) =>
      question.kind === 'credentials' ? credentials(question.attempt < 3 ? 'looking-glass' : 'wonderland') : undefined;
    road.up();
    const verdicts = road.asked.filter(({ question }) => question.kind === 'verify-credentials');
    expect(verdicts.map(({ question }) => 'attempt' in question && question.attempt)).toEqual([1, 2, 3]);
  });

  it.each([1, 2, 5])('that are wrong %i times are the end of it, at both sides', (attempts) => {
    const road = asking({ gateway: { attempts } });
    road.answering = ({ kind }) => (kind === 'credentials' ? credentials('looking-glass') : undefined);
    road.initiate().run(seconds(20));
    expect(road.asked.filter(({ side }) => side === 'R3')).toHaveLength(attempts);
    for (const node of road.nodes) {
      expect(node.of('ike-failed')).toMatchObject([{ reason: 'xauth-failed' }]);
      expect(node.of('ike-established')).toEqual([]);
      expect(node.endpoint.ikeSas()).toEqual([]);
    }
    expect(road.R2.of('child-failed')).toMatchObject([{ phase: 1, reason: 'xauth-failed' }]);
  });

  it('that are configured and wrong are given no more than three times, however often the gateway asks', () => {
    const road = new Road({ user: { password: fromAscii('looking-glass') }, gateway: { attempts: 16 } });
    road.initiate().run(seconds(20));
    expect(road.asked).toHaveLength(3);
    for (const node of road.nodes) expect(node.of('ike-failed')).toMatchObject([{ reason: 'xauth-failed' }]);
  });

  it('are asked for sixteen times and no more, however often who judges them asks for more', () => {
    const road = asking();
    road.answering = ({ kind }) =>
      kind === 'verify-credentials' ? { kind, verdict: 'ask', asks: ['password'], message: 'Once more' } : undefined;
    road.initiate().run(seconds(100));
    expect(road.asked.filter(({ side }) => side === 'R3')).toHaveLength(16);
    for (const node of road.nodes) expect(node.of('ike-failed')).toMatchObject([{ reason: 'xauth-failed' }]);
  });

  it('that nobody has end it, and the gateway is told', () => {
    const road = asking();
    road.answering = ({ kind }) => (kind === 'credentials' ? { kind } : undefined);
    road.initiate().run(seconds(5));
    expect(road.R2.of('ike-failed')).toMatchObject([{ reason: 'no-credentials' }]);
    expect(road.R3.of('ike-failed')).toMatchObject([{ reason: 'xauth-failed' }]);
    for (const { endpoint } of road.nodes) expect(endpoint.ikeSas()).toEqual([]);
  });

  it('may take a person a minute and a half', () => {
    const road = asking();
    let id = -1;
    road.answering = (question) => {
      if (question.kind !== 'credentials') return undefined;
      id = question.id;
      return 'later';
    };
    road.initiate().run(seconds(90));
    expect(road.isUp).toBe(false);
    road.on('R2', (endpoint, now) => endpoint.answer(now, id, credentials('wonderland')));
    expect(road.runUntil(() => road.isUp, seconds(10))).toBe(true);
  });

  it.each<[string, 'R2' | 'R3', IkeFailure]>([
    ['the user', 'R2', 'question-unanswered'],
    ['the one who is to verify them', 'R3', 'question-unanswered'],
  ])('that %s never gives an answer to end it in time, and leave nothing', (_, silent, reason) => {
    const road = asking();
    road.answering = (_question, side) => (side === silent ? 'later' : undefined);
    road.initiate().run(seconds(200));
    expect(road[silent].of('ike-failed')).toMatchObject([{ reason }]);
    for (const { endpoint } of road.nodes) expect(endpoint.ikeSas()).toEqual([]);
    const [question] = road.asked.filter(({ side }) => side === silent);
    const late = road.on(silent, (endpoint, now) =>
      endpoint.answer(now, question?.question.id ?? -1, { kind: 'credentials' }),
    );
    expect(late).toEqual({ ok: false, reason: 'unknown-question' });
  });

  it('of RADIUS-CHAP hide the password', () => {
    const road = new Road({ gateway: { type: 'radius-chap' } }).up();
    const [{ question } = {}] = road.asked;
    if (question?.kind !== 'verify-credentials') throw new Error('nobody asks');
    const { password, challenge, type } = question;
    expect(type).toBe('radius-chap');
    expect(challenge).toHaveLength(16);
    expect(password && toHex(password)).toBe(toHex(chapPassword(1, fromAscii('wonderland'), challenge)));
  });

  it('are right of nobody once the passwords are overwritten: neither what they were nor zeros', () => {
    const road = new Road({ gateway: { type: 'radius-chap' } }).up();
    const [{ question } = {}] = road.asked;
    if (question?.kind !== 'verify-credentials') throw new Error('nobody asks');
    const { passwords } = road;
    expect(passwords.answer(question).verdict).toBe('accept');
    passwords.wipe();
    const zeros = new Uint8Array('wonderland'.length);
    const overwritten = chapPassword(1, zeros, question.challenge);
    for (const password of [question.password ?? zeros, overwritten])
      expect(passwords.answer({ ...question, password }).verdict).toBe('refuse');
    expect(passwords.answer({ ...question, type: 'generic', password: zeros }).verdict).toBe('refuse');
  });

  it('of RADIUS-CHAP answer a challenge that is drawn anew for each attempt', () => {
    const road = new Road({ gateway: { type: 'radius-chap' }, user: { password: fromAscii('looking-glass') } });
    road.initiate().run(seconds(20));
    const challenges = road.asked.flatMap(({ question }) =>
      question.kind === 'verify-credentials' ? toHex(question.challenge ?? new Uint8Array(0)) : [],
    );
    expect(challenges.length).toBeGreaterThan(1);
    expect(new Set(challenges).size).toBe(challenges.length);
  });

  it('of RADIUS-CHAP that are wrong are refused', () => {
    const road = new Road({ gateway: { type: 'radius-chap' }, user: { password: fromAscii('looking-glass') } });
    road.initiate().run(seconds(20));
    expect(road.R3.of('ike-failed')).toMatchObject([{ reason: 'xauth-failed' }]);
  });

  it.each(['otp', 's/key'] as const)('of %s answer a challenge, and then what else is asked for', (type) => {
    const challenge = fromAscii('95 wi01309');
    const road = asking({ gateway: { type } });
    road.answering = (question) => {
      if (question.kind === 'credentials') {
        return question.attempt === 1
          ? { kind: 'credentials', userName: 'alice' }
          : { kind: 'credentials', passcode: fromAscii('WELD GUY CHIMP') };
      }
      if (question.kind !== 'verify-credentials') return undefined;
      const { kind, passcode } = question;
      if (passcode === undefined) return { kind, verdict: 'ask', asks: ['passcode'], challenge, message: 'One word' };
      return { kind, verdict: 'accept', user: 'alice' };
    };
    road.up();
    const prompts = road.asked.filter(({ question }) => question.kind === 'credentials');
    expect(prompts[1]?.question).toMatchObject({ type, asks: ['passcode'], message: 'One word', challenge });
    expect(road.R3.endpoint.ikeSas()[0]?.user).toBe('alice');
  });

  it('are wiped in the question once it is answered', () => {
    const road = new Road();
    const seen: Uint8Array[] = [];
    road.answering = (question) => {
      if (question.kind === 'verify-credentials' && question.password) seen.push(question.password);
      return undefined;
    };
    road.up();
    expect(seen.map(toHex)).toEqual(['00'.repeat(10)]);
  });

  it('by an answer of another kind are none, and the question waits on', () => {
    const road = asking();
    let id = -1;
    road.answering = (question) => {
      if (question.kind !== 'credentials') return undefined;
      id = question.id;
      return 'later';
    };
    road.initiate().run(seconds(2));
    expect(() => road.R2.endpoint.answer(road.now, id, { kind: 'lease', lease: undefined })).toThrow(/answer\.kind/);
    expect(() =>
      road.R2.endpoint.answer(road.now, id, { kind: 'credentials', password: 'x' as unknown as Uint8Array }),
    ).toThrow(/answer\.password/);
    road.on('R2', (endpoint, now) => endpoint.answer(now, id, credentials('wonderland')));
    expect(road.runUntil(() => road.isUp, seconds(10))).toBe(true);
  });
});

describe('addresses', () => {
  it.each(['pull', 'push'] as const)('of which there is none left end it, by %s', (method) => {
    const road = new Road({ method });
    road.answering = ({ kind }) => (kind === 'lease' ? { kind, lease: undefined } : undefined);
    road.initiate().run(seconds(10));
    expect(road.R2.of('ike-failed')).toMatchObject([{ reason: 'no-lease' }]);
    expect(road.R2.of('child-failed')).toMatchObject([{ reason: 'no-lease' }]);
    expect(road.R2.endpoint.ikeSas()).toEqual([]);
    expect(road.R3.endpoint.ikeSas()).toEqual([]);
  });

  it('of both families are one of each, and each has its child', () => {
    const options: RoadOptions = { families: ['ipv4', 'ipv6'] };
    const road = new Road(options);
    road.answering = ({ kind }) =>
      kind === 'lease'
        ? { kind, lease: { addresses: ['10.1.77.9', 'fd00:77::9'], subnets: ['fd00::/16'] } }
        : undefined;
    road.up();
    expect(road.R2.of('configured')[0]?.configuration).toEqual({
      addresses: ['10.1.77.9', 'fd00:77::9'],
      subnets: ['fd00::/16'],
    });
  });

  it('told with Unity’s attributes reach a client that speaks of Unity, whole', () => {
    const road = new Road();
    const lease = {
      ...{
        addresses: ['10.1.77.9'],
        netmask: '255.255.255.0',
        expirySeconds: 86_400,
        dns: ['10.1.56.53', '10.1.56.54'],
      },
      ...{ nbns: ['10.1.56.55'], dhcp: ['10.1.56.56'], subnets: ['10.1.56.0/24'], applicationVersion: 'Gateway 1' },
      ...{
        banner: 'Willkommen, Grüße',
        savePassword: true,
        domain: 'example.org',
        splitDns: ['a.example', 'b.example'],
      },
      ...{ splitInclude: ['10.1.56.0/24', '10.1.57.0/24'], splitExclude: ['10.1.58.0/24'], pfsGroup: 14 },
      ...{ natTraversalPort: 4500, backupServers: ['192.0.2.1', 'backup.example'] },
    };
    road.answering = ({ kind }) => (kind === 'lease' ? { kind, lease } : undefined);
    road.up();
    expect(road.R2.of('configured')[0]?.configuration).toEqual(lease);
  });
});

describe('what happened', () => {
  it('is recorded, and replays to the same octets', () => {
    for (const record of ['with secrets', 'without secrets'] as const) {
      const road = new Road({ record, R2: { xauth: { side: 'user' } } }).up();
      road.on('R2', (endpoint, now) => endpoint.close(now));
      road.run(seconds(1));
      for (const { recording } of road.nodes) {
        const text = recording.join('\n');
        if (record === 'without secrets') expect(text).not.toContain(toHex(fromAscii('wonderland')));
        const replay = new Replay(text, { engine: cheapEngine() });
        const steps = [...replay];
        expect(steps.length).toBeGreaterThan(record === 'with secrets' ? 8 : 0);
      }
    }
  });

  it.each<[string, RoadOptions, string]>([
    [
      'a wrong password',
      { user: { password: fromAscii('no') }, gateway: { attempts: 1 } },
      'user name or the password',
    ],
    [
      'a gateway that pushes nothing',
      { method: 'push', R3: { modeConfig: { side: 'gateway' } } },
      'does not begin Mode Config',
    ],
    ['a client without a password', { R2: { xauth: { side: 'user' } } }, 'xauth.userName'],
  ])('after %s is said in words', (_, options, words) => {
    const road = new Road(options);
    road.answering = ({ kind }) => (kind === 'credentials' ? { kind } : undefined);
    road.initiate().run(seconds(200));
    const [failure] = road.R2.events.filter((event): event is FailureEvent => event.kind === 'ike-failed');
    expect(failure && formatFailure(failure)).toContain(words);
  });
});
