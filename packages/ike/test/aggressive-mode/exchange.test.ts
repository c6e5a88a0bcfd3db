import type { PeerConfig } from '@espalier/ike';
import {
  decodeMessage,
  EXCHANGE,
  encodeMessage,
  fqdnId,
  fromAscii,
  fromHex,
  ID_TYPE,
  type Identification,
  identificationText,
  ipv4AddressId,
  ipv6AddressId,
  keyId,
  seconds,
  userFqdnId,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { initialContactNotification } from '../../src/v1/informational/initial-contact.ts';
import { Forger, flipped } from '../support/forger.ts';
import { Pair, type PeerChanges, peerConfig, R2, type Side } from '../support/pair.ts';
import { AGGRESSIVE, begin, confirm, kindsOf, upToConfirm } from './client.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];

/** C=US, CN=r2 */
const DISTINGUISHED_NAME: Identification = {
  idType: ID_TYPE.derAsn1Dn,
  protocol: 0,
  port: 0,
  data: fromHex('301a310b3009060355040613025553310b3009060355040313027232'),
};

const IDENTITIES: readonly Identification[] = [
  ipv4AddressId('192.0.2.7'),
  ipv6AddressId('2001:db8::7'),
  fqdnId('r2.example.net'),
  userFqdnId('carol@example.net'),
  keyId(Uint8Array.of(0, 0xff, 1)),
  DISTINGUISHED_NAME,
];

const AES: PeerConfig['proposals'] = [
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14, authentication: 'pre-shared-key' },
];

function both(changes: PeerChanges): { readonly R2: PeerChanges; readonly R3: PeerChanges } {
  return { R2: { ...AGGRESSIVE, ...changes }, R3: { ...AGGRESSIVE, ...changes } };
}

describe('Aggressive Mode', () => {
  it.each(SIDES)('is three messages, begun by %s, and then the tunnel is there', (side) => {
    const pair = new Pair(both({})).initiate(side).run(seconds(1));
    const exchanges = pair.sent.map(({ transmit }) => transmit.octets[18]);
    expect(exchanges.slice(0, 3)).toEqual(Array(3).fill(EXCHANGE.aggressive));
    expect(exchanges.filter((exchange) => exchange === EXCHANGE.aggressive)).toHaveLength(3);
    for (const { endpoint } of pair.nodes) {
      expect(endpoint.ikeSas()).toMatchObject([{ exchange: 'aggressive', state: 'ready' }]);
      expect(endpoint.children()).toHaveLength(1);
    }
  });

  it.each([
    ['3des and sha1', {}],
    ['aes-256 and sha2-256', { proposals: AES }],
  ])('is as good with %s, and is renewed as it was begun', (_, changes) => {
    const pair = new Pair(both({ ...changes, lifetime: seconds(600) })).initiate().run(seconds(700));
    for (const { endpoint, events } of pair.nodes) {
      expect(endpoint.ikeSas().at(-1)).toMatchObject({ exchange: 'aggressive', state: 'ready' });
      expect(kindsOf(events)).not.toContain('ike-failed');
    }
    expect(pair.R2.of('ike-established').length).toBeGreaterThan(1);
  });

  it.each(IDENTITIES.map((identity) => [identityName(identity), identity] as const))(
    'knows its peer by an identity such as %s, whatever its address',
    (_name, identity) => {
      const pair = new Pair({
        R2: { ...AGGRESSIVE, localIdentity: identity },
        R3: { ...AGGRESSIVE, remote: { addresses: 'any' }, remoteIdentity: identity },
      });
      pair.initiate().run(seconds(1));
      expect(pair.R3.endpoint.ikeSas()).toMatchObject([{ remoteIdentity: identity, state: 'ready' }]);
      expect(pair.R3.endpoint.children()).toHaveLength(1);
      const stranger = new Pair({
        R2: { ...AGGRESSIVE, localIdentity: fqdnId('stranger') },
        R3: { ...AGGRESSIVE, remote: { addresses: 'any' }, remoteIdentity: identity },
      });
      stranger.initiate().run(seconds(1));
      expect(stranger.R3.results.at(-1)).toEqual({ ok: false, reason: 'unknown-peer' });
      expect(stranger.R3.endpoint.ikeSas()).toEqual([]);
    },
  );

  it('answers nobody who says another identity than the peer of that address', () => {
    const pair = new Pair({ R2: { ...AGGRESSIVE, localIdentity: fqdnId('stranger') }, R3: AGGRESSIVE });
    pair.initiate().run(seconds(0.4));
    expect(pair.R3.results.every(({ ok }) => !ok)).toBe(true);
    expect(pair.R3.endpoint.counters['unknown-peer']).toBe(1);
  });

  it('is refused by its initiator where another answers than was meant', () => {
    const pair = new Pair({ R2: AGGRESSIVE, R3: { ...AGGRESSIVE, localIdentity: fqdnId('another') } });
    pair.initiate().run(seconds(0.4));
    expect(pair.R2.results).toEqual([{ ok: false, reason: 'invalid-identity' }]);
  });

  it('with a wrong key ends before message 3: HASH_R shows it', () => {
    const pair = new Pair({ R2: AGGRESSIVE, R3: { ...AGGRESSIVE, preSharedKey: fromAscii('another') } });
    pair.initiate().run(seconds(200));
    expect(pair.sent.filter(({ from }) => from === 'R2').every(({ transmit }) => transmit.octets[18] === 4)).toBe(true);
    expect(new Set(pair.R2.results.map((result) => !result.ok && result.reason))).toEqual(
      new Set(['authentication-failed']),
    );
    expect(pair.R2.of('ike-failed')).toHaveLength(1);
    for (const { endpoint } of pair.nodes) expect(endpoint.ikeSas()).toEqual([]);
  });

  it.each([
    ['main', 'aggressive'],
    ['aggressive', 'main'],
  ] as const)('is off unless asked for: who begins %s mode gets no answer from who is configured for %s', (a, b) => {
    const pair = new Pair({ R2: { mode: a }, R3: { mode: b } }).initiate().run(seconds(200));
    expect(pair.sent.every(({ from }) => from === 'R2')).toBe(true);
    expect(pair.R3.events).toEqual([]);
    expect(pair.R3.endpoint.counters['unknown-peer']).toBeGreaterThan(0);
  });

  it('needs one group: the public value goes out before one is agreed on', () => {
    const [proposal] = peerConfig('R2').proposals;
    const proposals = [proposal, { ...proposal, group: 5 }] as PeerConfig['proposals'];
    expect(() => new Pair({ R2: { ...AGGRESSIVE, proposals } })).toThrow(RangeError);
    expect(new Pair({ R2: { proposals } })).toBeDefined();
  });

  describe('of a template, whose peers begin', () => {
    const of = (group: 2 | 5 | 14) => ({ ...peerConfig('R2').proposals[0], group }) as PeerConfig['proposals'][number];
    const TEMPLATE: PeerChanges = {
      ...AGGRESSIVE,
      remote: { addresses: 'any' },
      allowWildcardKey: true,
      remoteIdentity: fqdnId('r2.example.net'),
      proposals: [of(14), of(5), of(2)],
    };
    const client = (...groups: readonly (2 | 5 | 14)[]): PeerChanges => ({
      ...AGGRESSIVE,
      localIdentity: fqdnId('r2.example.net'),
      proposals: groups.map(of),
    });

    it.each([2, 5, 14] as const)('may take any of several groups: %i (regression: a RangeError)', (group) => {
      const pair = new Pair({ R2: client(group), R3: TEMPLATE }).initiate().run(seconds(1));
      expect(pair.R3.endpoint.ikeSas()).toMatchObject([{ proposal: { group }, state: 'ready' }]);
      expect(pair.R3.of('tolerated')).toEqual([]);
      expect(pair.R3.endpoint.children()).toHaveLength(1);
    });

    it('is begun with, as what it proved to be, in the first of them alone', () => {
      const pair = new Pair({ R2: client(14), R3: TEMPLATE }).initiate().run(seconds(1));
      const before = pair.sent.length;
      const [peer = ''] = pair.R3.endpoint.ikeSas().map(({ peer }) => peer);
      pair.on('R3', (endpoint, now) => endpoint.rekeyIke(now, peer));
      pair.run(seconds(2));
      const offer = decodeMessage(pair.sent[before]?.transmit.octets ?? fromHex('')).payloads[0];
      if (offer?.kind !== 'sa') return expect.unreachable('no offer');
      expect(offer.proposals.flatMap(({ transforms }) => transforms)).toHaveLength(1);
      expect(pair.R2.endpoint.ikeSas().filter(({ state }) => state === 'ready')).toMatchObject([
        { role: 'responder', proposal: { group: 14 } },
      ]);
    });

    it('refuses another', () => {
      const pair = new Pair({ R2: client(14), R3: { ...TEMPLATE, proposals: [of(5), of(2)] } }).initiate();
      pair.run(seconds(1));
      expect(pair.R3.endpoint.counters['no-proposal-chosen']).toBeGreaterThan(0);
    });
  });

  it('has its responder take one of several offers', () => {
    const [proposal] = peerConfig('R2').proposals;
    const proposals = [{ ...proposal, hash: 'sha2-256' }, proposal] as PeerConfig['proposals'];
    const pair = new Pair({ R2: { ...AGGRESSIVE, proposals }, R3: AGGRESSIVE }).initiate().run(seconds(1));
    expect(pair.R3.endpoint.ikeSas()).toMatchObject([{ proposal: { hash: 'sha1' }, state: 'ready' }]);
  });

  it('comes up from both ends at once', () => {
    const pair = new Pair(both({})).initiate('R2').initiate('R3').run(seconds(60));
    for (const { endpoint } of pair.nodes) {
      expect(endpoint.ikeSas().filter(({ state }) => state === 'ready')).toHaveLength(1);
      expect(endpoint.children().filter(({ state }) => state === 'established').length).toBeGreaterThan(0);
    }
  });
});

/** Road warriors of one gateway, each with a key of its own; one's key is asked for. */
describe('keys by identity', () => {
  const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;
  const keyOf = (name: string): Uint8Array => fromAscii(`key of ${name}`);
  const template = (name: string): PeerChanges => ({
    ...AGGRESSIVE,
    name,
    remote: { addresses: 'any' },
    remoteIdentity: userFqdnId(`${name}@example.net`),
    preSharedKey: name === 'dave' ? 'ask' : keyOf(name),
  });
  const road = (name: string, key: string): Pair => {
    const pair = new Pair({
      R2: { ...AGGRESSIVE, localIdentity: userFqdnId(`${name}@example.net`), preSharedKey: keyOf(key) },
      R3: template('alice'),
    });
    for (const other of NAMES.slice(1)) {
      pair.on('R3', (endpoint, now) => endpoint.addPeer(now, peerConfig('R3', template(other))));
    }
    pair.initiate().run(seconds(1));
    pair.on('R3', (endpoint, now) => {
      const question = endpoint.pollQuestion();
      if (question === undefined) return;
      expect(question).toMatchObject({ role: 'responder', peer: 'dave', remote: R2 });
      expect(question.identity && identificationText(question.identity)).toBe('dave@example.net');
      endpoint.answer(now, question.id, { kind: 'shared-key', key: keyOf('dave') });
    });
    return pair.run(seconds(1));
  };

  it.each(NAMES)('let %s in, and nobody with the key of another', (name) => {
    const pair = road(name, name);
    expect(pair.R3.endpoint.ikeSas()).toMatchObject([
      { state: 'ready', remoteIdentity: userFqdnId(`${name}@example.net`) },
    ]);
    expect(pair.R3.of('ike-established')[0]?.ikeSa.peer).toBe(`${name}/${name}@example.net`);
    expect(pair.R3.endpoint.children()).toHaveLength(1);
    for (const other of NAMES.filter((one) => one !== name)) {
      expect(road(name, other).nodes.flatMap((node) => node.of('ike-established'))).toEqual([]);
    }
  });
});

describe('a peer of a template', () => {
  it('is begun with as the one that it proved to be: nobody else answers in its place', () => {
    const alice = fqdnId('alice');
    const wildcard: PeerChanges = {
      ...AGGRESSIVE,
      name: 'road',
      remote: { addresses: 'any' },
      remoteIdentity: 'any',
      allowWildcardKey: true,
    };
    const pair = new Pair({ R2: { ...AGGRESSIVE, localIdentity: alice }, R3: wildcard }).initiate().run(seconds(1));
    const live = pair.R3.of('ike-established')[0]?.ikeSa.peer ?? '';
    expect(live).toBe('road/alice');
    const impostor = new Pair({ R2: { ...AGGRESSIVE, localIdentity: fqdnId('mallory') }, R3: wildcard, seed: 5 });
    Object.assign(impostor, { R3: pair.R3, now: pair.now });
    const before = pair.R3.events.length;
    impostor.on('R3', (endpoint, now) => endpoint.rekeyIke(now, live));
    impostor.run(seconds(100));
    expect(kindsOf(pair.R3.events.slice(before))).not.toContain('ike-established');
    expect(pair.R3.results.some((result) => !result.ok && result.reason === 'invalid-identity')).toBe(true);
  });
});

describe('INITIAL-CONTACT', () => {
  it('is said under the IKE SA, not in Aggressive Mode itself, and what was there before is dropped', () => {
    const pair = new Pair(both({})).initiate().run(seconds(10));
    expect(pair.sent.slice(0, 4).map(({ transmit }) => transmit.octets[18])).toEqual([4, 4, 4, EXCHANGE.informational]);
    const restarted = new Pair({ ...both({}), seed: 9 });
    Object.assign(restarted, { R3: pair.R3, now: pair.now });
    const before = pair.R3.events.length;
    restarted.initiate().run(seconds(1));
    expect(kindsOf(pair.R3.events.slice(before))).toEqual([
      'ike-established',
      'child-deleted',
      'ike-deleted',
      'notified',
      'child-negotiated',
      'child-established',
    ]);
    expect(pair.R3.of('ike-deleted')).toMatchObject([{ reason: 'peer-restarted' }]);
    expect(pair.R3.endpoint.ikeSas()).toHaveLength(1);
  });

  it('is not said by who has an SA with the peer', () => {
    const pair = new Pair(both({ lifetime: seconds(600) })).initiate().run(seconds(700));
    expect(pair.R2.of('ike-established').length).toBeGreaterThan(1);
    expect(pair.R3.of('notified')).toHaveLength(1);
    expect(pair.R3.of('child-deleted')).toEqual([]);
  });

  it.each(['message 2', 'message 3'] as const)('in clear, in %s, is believed by nobody', (where) => {
    const forger = new Forger(AGGRESSIVE);
    forger.send(upToConfirm(forger).encrypted);
    const begun = begin(forger);
    const [second] = forger.send(begun.octets).replies;
    if (second === undefined) throw new Error('no message 2');
    const third = confirm(begun, where === 'message 2' ? withNotice(second) : second);
    expect(third.sa.initialContact).toBe(false);
    forger.send(where === 'message 3' ? withNotice(third.clear) : third.encrypted);
    expect(forger.kinds().filter((kind) => kind === 'ike-established')).toHaveLength(2);
    expect(forger.kinds()).not.toContain('ike-deleted');
  });
});

describe('message 3', () => {
  it.each(['encrypted', 'clear'] as const)('may be %s, and phase 2 takes its IVs from what there was', (form) => {
    const forger = new Forger(AGGRESSIVE);
    const third = upToConfirm(forger);
    expect(forger.send(third[form]).result).toEqual({ ok: true });
    const sa = form === 'clear' ? third.saInClear : third.sa;
    const step = forger.quick(sa, 0x1234);
    const { result, replies } = forger.send(step.reply);
    expect(result).toEqual({ ok: true });
    const last = replies[0] && forger.confirm(step, replies[0]);
    expect(last?.reply && forger.send(last.reply).result).toEqual({ ok: true });
    expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated', 'child-established']);
  });

  it('in clear with another hash is a guess at the key, and there are few', () => {
    const forger = new Forger(AGGRESSIVE);
    const third = upToConfirm(forger);
    const results = Array.from({ length: 40 }, (_, i) => forger.send(flipped(third.clear, 40, i + 1)).result);
    expect(results.slice(0, 16)).toEqual(Array(16).fill({ ok: false, reason: 'authentication-failed' }));
    expect(results.slice(16)).toEqual(Array(24).fill({ ok: false, reason: 'unknown-cookies' }));
    expect(forger.endpoint.ikeSas()).toEqual([]);
  });

  it('is new only once', () => {
    const forger = new Forger(AGGRESSIVE);
    const third = upToConfirm(forger);
    forger.send(third.encrypted);
    for (const octets of [third.encrypted, third.clear]) {
      expect(forger.send(octets)).toEqual({ result: { ok: false, reason: 'unexpected-message' }, replies: [] });
    }
    expect(forger.kinds()).toEqual(['ike-established']);
  });
});

/** With INITIAL-CONTACT at its end. */
function withNotice(octets: Uint8Array): Uint8Array {
  const { header, payloads } = decodeMessage(octets);
  const cookies = { initiator: header.initiatorCookie, responder: header.responderCookie };
  return encodeMessage(header, [...payloads, initialContactNotification(cookies)]);
}

function identityName(identity: Identification): string {
  const names = Object.entries(ID_TYPE).find(([, number]) => number === identity.idType);
  return `${names?.[0]} ${identificationText(identity)}`;
}
