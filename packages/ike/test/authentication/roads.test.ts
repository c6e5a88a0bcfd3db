import { type AuthenticationName, IkeEndpoint } from '@espalier/ike';
import { decodeHeader, decodeMessage, FLAG, fromAscii, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { AUTHENTICATION_METHODS } from '../../src/v1/authentication/methods.ts';
import { provesUser } from '../../src/v1/authentication/xauth.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Pair, type PeerChanges, peerConfig, R2 } from '../support/pair.ts';
import { answerTo, identityOf, privateKeyOf, publicKeyOf } from '../support/signing.ts';
import type { Road } from '../transaction/road.ts';
import { type RoadSigned, signedRoad as road } from './signed-road.ts';

const RSA = 'rsa-signature';

const ROADS: readonly RoadSigned[] = (['main', 'aggressive'] as const).flatMap((mode) =>
  (['xauth-initiator-rsa-signature', 'hybrid-initiator-rsa-signature'] as const).map((authentication) => ({
    mode,
    authentication,
  })),
);

describe.each(ROADS)('$authentication in $mode mode', (way) => {
  it('lets a user in who has the password, once the gateway has proved itself', () => {
    const up = road(way).up();
    expect(up.R3.of('ike-established')[0]?.ikeSa).toMatchObject({ user: 'alice', state: 'ready' });
    expect(up.R2.of('ike-established')[0]?.ikeSa.proposal?.authentication).toBe(way.authentication);
    expect(up.R2.of('configured')).toHaveLength(1);
    expect(up.asked.map(({ question }) => question.kind)).not.toContain('verify-chain');
  });

  it('asks for the signature, and whose the certificates are, of those alone who sign', () => {
    const asking: PeerChanges = { credentials: { privateKey: 'ask', remoteKey: 'ask' } };
    const asked = road(way, { R2: asking, R3: asking });
    asked.answering = (question, side) =>
      question.kind === 'sign' || question.kind === 'verify-chain' ? answerTo(side, question) : undefined;
    asked.up();
    const of = (kind: string) => asked.asked.filter(({ question }) => question.kind === kind).map(({ side }) => side);
    const isHybrid = way.authentication.startsWith('hybrid');
    expect(of('sign').sort()).toEqual(isHybrid ? ['R3'] : ['R2', 'R3']);
    expect(of('verify-chain').sort()).toEqual(isHybrid ? ['R2'] : ['R2', 'R3']);
  });

  it('asks nobody for a certificate who does not sign: vpnc gives up when it is asked (regression)', () => {
    const asking: PeerChanges = { credentials: { privateKey: privateKeyOf('R3', RSA), remoteKey: 'ask' } };
    const asked = road(way, { R3: asking });
    asked.answering = (question, side) => (question.kind === 'verify-chain' ? answerTo(side, question) : undefined);
    asked.up();
    const inClear = asked.sent.filter(
      ({ from, transmit }) => from === 'R3' && (decodeHeader(transmit.octets).flags & FLAG.encryption) === 0,
    );
    const kinds = inClear.flatMap(({ transmit }) => decodeMessage(transmit.octets).payloads).map(({ kind }) => kind);
    expect(kinds).toContain('ke');
    expect(kinds.includes('cert-request')).toBe(!way.authentication.startsWith('hybrid'));
  });

  it('needs a key where this side signs, and says that it may be asked for (regression)', () => {
    const make = (credentials: object) => () => road(way, { R2: Reflect.construct(Object, [{ credentials }]) });
    const [at, remoteKey] = ['peers[0].credentials', publicKeyOf('R3', RSA)];
    expect(make({})).toThrow(new TypeError(`${at}.remoteKey: must be a key, or 'ask'`));
    expect(make({ remoteKey, privateKey: 'text' })).toThrow(new TypeError(`${at}.privateKey: must be a key, or 'ask'`));
    if (way.authentication.startsWith('hybrid')) expect(make({ remoteKey })).not.toThrow();
    else expect(make({ remoteKey })).toThrow(`${at}.privateKey: must be a key, or 'ask', for proposals[0], xauth-`);
    // A gateway without a key is not let near its user's password.
    if (!way.authentication.startsWith('hybrid')) return;
    const none = road(way, { R3: { credentials: { remoteKey: 'ask' } } });
    none.initiate().run(seconds(60));
    expect(none.R2.of('ike-established')).toEqual([]);
    expect(none.R3.endpoint.counters['no-signature']).toBeGreaterThan(0);
    expect(none.asked).toEqual([]);
  });

  it('lets nobody in with a wrong password, nor to a gateway with another key', () => {
    const wrong = road(way, {}, { user: { password: fromAscii('nonsense') } });
    wrong.initiate().run(seconds(60));
    expect(wrong.R3.of('ike-established')).toEqual([]);
    expect(wrong.R3.endpoint.children()).toEqual([]);

    const impostor = road(way, {
      R3: {
        credentials: {
          privateKey: privateKeyOf('R2', RSA),
          remoteKey: way.authentication.startsWith('hybrid') ? 'ask' : publicKeyOf('R2', RSA),
        },
      },
    });
    impostor.initiate().run(seconds(60));
    expect(impostor.R2.of('ike-established')).toEqual([]);
    expect(impostor.R2.of('ike-failed')[0]).toMatchObject({ reason: 'authentication-failed' });
    expect(impostor.asked).toEqual([]);
  });
});

it('a gateway has no proposal that lets in whom it is to ask', () => {
  const asks = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;
  const proposals = (['xauth-initiator-pre-shared-key', 'pre-shared-key'] as const).map((authentication) => ({
    ...asks,
    authentication,
  }));
  const xauth = { side: 'gateway' } as const;
  expect(() => new Pair({ R3: { proposals, xauth } })).toThrow(/proposals\[1\]\.authentication/);
  expect(() => new Pair({ R3: { proposals: proposals.slice(1), xauth } })).toThrow(/proposals\[0\]\.authentication/);
  expect(() => new Pair({ R3: { proposals: proposals.slice(0, 1), xauth } })).not.toThrow();
});

/** Another endpoint than R2's begins an IKE SA with R3, as far as it gets without knowing a password. */
function begins(up: Road, { mode }: RoadSigned, changes: PeerChanges): IkeEndpoint {
  const other = new IkeEndpoint({
    engine: cheapEngine(),
    rng: seededRng(77),
    peers: [
      peerConfig('R2', {
        mode,
        localIdentity: identityOf('R2'),
        remoteIdentity: identityOf('R3'),
        proposals: up.R2.of('ike-established').flatMap(({ ikeSa }) => ikeSa.proposal ?? []),
        preSharedKey: 'ask',
        xauth: { side: 'user' },
        children: [],
        ...changes,
      }),
    ],
  });
  const { now } = up;
  other.initiate(now, 'R3');
  for (let turn = 0; turn < 8; turn++) {
    for (let sent = other.pollTransmit(); sent !== undefined; sent = other.pollTransmit())
      up.R3.endpoint.handleDatagram(now, sent.source, sent.destination, sent.octets);
    for (let sent = up.R3.endpoint.pollTransmit(); sent !== undefined; sent = up.R3.endpoint.pollTransmit())
      other.handleDatagram(now, sent.source, sent.destination, sent.octets);
  }
  return other;
}

describe('an IKE SA that takes over from another without asking the user again', () => {
  const hybrids = ROADS.filter(({ authentication }) => authentication.startsWith('hybrid'));

  it.each(hybrids)('is not to be had of a hybrid method, whose user proves nothing: $mode mode', (way) => {
    const told = /proposals\[0\]\.authentication.*onRenewal/;
    expect(() => road(way, {}, { gateway: { onRenewal: false } })).toThrow(told);
    expect(() => road(way, {}, { user: { onRenewal: false } })).toThrow(told);
    const responder: RoadSigned = { ...way, authentication: 'hybrid-responder-rsa-signature' };
    expect(() => road(responder, {}, { gateway: { onRenewal: false } })).toThrow(told);
  });

  it.each(hybrids)(
    "is not had by a stranger who writes alice's identity, at her address and port: $mode mode",
    (way) => {
      const up = road(way).up();
      const intruder = begins(up, way, { credentials: { privateKey: 'ask', remoteKey: publicKeyOf('R3', RSA) } });
      expect(up.R3.endpoint.ikeSas().map(({ state, user }) => ({ state, user }))).toEqual([
        { state: 'ready', user: 'alice' },
        { state: 'xauth', user: undefined },
      ]);
      expect(intruder.pollQuestion()?.kind).toBe('credentials');
    },
  );

  it.each([
    ['where the user is', R2.port, { state: 'ready', user: 'alice' }],
    ['anywhere else', R2.port + 1, { state: 'xauth', user: undefined }],
  ])('is had with the key of phase 1 from %s', (_, port, last) => {
    const way: RoadSigned = { mode: 'main', authentication: 'xauth-initiator-rsa-signature' };
    const up = road(way, {}, { gateway: { onRenewal: false } }).up();
    const credentials = { privateKey: privateKeyOf('R2', RSA), remoteKey: publicKeyOf('R3', RSA) };
    begins(up, way, { local: { ...R2, port }, natTraversal: 'off', credentials });
    expect(up.R3.endpoint.ikeSas().at(-1)).toMatchObject(last);
  });

  it('is not had by another method, though it proves the same identity', () => {
    const proposal = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;
    const [shared, signed] = (['xauth-initiator-pre-shared-key', 'xauth-initiator-rsa-signature'] as const).map(
      (authentication) => [{ ...proposal, authentication }],
    );
    if (shared === undefined || signed === undefined) return expect.unreachable();
    const preSharedKey = fromAscii('of the group');
    const both = { proposals: [...shared, ...signed], preSharedKey };
    const way: RoadSigned = { mode: 'aggressive', authentication: 'xauth-initiator-rsa-signature' };
    for (const [proposals, last] of [
      [signed, { state: 'xauth', user: undefined }],
      [shared, { state: 'ready', user: 'alice' }],
    ] as const) {
      const up = road(
        way,
        { R2: { proposals: shared, preSharedKey }, R3: both },
        { gateway: { onRenewal: false } },
      ).up();
      const credentials = { privateKey: privateKeyOf('R2', RSA), remoteKey: publicKeyOf('R3', RSA) };
      begins(up, way, { proposals, credentials, preSharedKey });
      expect(up.R3.endpoint.ikeSas().at(-1)).toMatchObject(last);
    }
  });

  it('is of a method whose user proves something, or that has none', () => {
    const proposal = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 } as const;
    const names = Object.keys(AUTHENTICATION_METHODS) as AuthenticationName[];
    const unproved = names.filter((authentication) => !provesUser({ ...proposal, authentication }));
    expect(unproved).toEqual(['hybrid-initiator-rsa-signature', 'hybrid-responder-rsa-signature']);
  });

  it.each(ROADS.filter((way) => !hybrids.includes(way)))(
    'goes on as the user: $authentication in $mode mode',
    (way) => {
      const up = road(way, {}, { user: { onRenewal: false }, gateway: { onRenewal: false } }).up();
      const asked = up.asked.length;
      up.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
      expect(up.runUntil(() => up.R3.of('ike-established').length === 2)).toBe(true);
      expect(up.asked.length).toBe(asked);
      expect(up.R3.of('ike-established')[1]?.ikeSa.user).toBe('alice');
    },
  );
});
