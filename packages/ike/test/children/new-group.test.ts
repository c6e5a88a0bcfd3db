import type { PrivateGroup } from '@espalier/crypto';
import { type IkeProposal, type PeerConfig, privateGroupNumber, Replay } from '@espalier/ike';
import {
  type Attribute,
  concat,
  decodeHeader,
  EXCHANGE,
  encodeHeader,
  FLAG,
  NOTIFY,
  PAYLOAD,
  type Payload,
  PROTOCOL_ID,
  type SaPayload,
  SITUATION,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { openMessage } from '../../src/exchange/exchange.ts';
import { readMessage } from '../../src/exchange/message.ts';
import { openInformational } from '../../src/v1/informational/informational.ts';
import { hash1 } from '../../src/v1/keying.ts';
import { offerGroup } from '../../src/v1/new-group/offer.ts';
import { askForGroup } from '../../src/v1/new-group/states.ts';
import { firstIv, sealPhase2 } from '../../src/v1/phase2/phase2.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Forger, flipped } from '../support/forger.ts';
import { childPolicy, espOf, Pair, type PairOptions, peerConfig, R2, R3, type Side } from '../support/pair.ts';
import { OTHER_GROUP, PRIVATE_GROUP } from '../support/private-groups.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];
const NUMBER = privateGroupNumber(0x8001);
const ACCEPTING: Partial<PeerConfig> = { acceptedGroups: [PRIVATE_GROUP, OTHER_GROUP] };

const AES_XCBC: IkeProposal = {
  encryption: 'aes-cbc',
  keyOctets: 16,
  hash: 'sha1',
  prf: 'aes-xcbc',
  group: 2,
  authentication: 'pre-shared-key',
};

/** The attributes of RFC 2409 Appendix A, which a test may alter. */
function described(group: PrivateGroup, number: number = NUMBER): readonly Attribute[] {
  return [
    { type: 4, value: number },
    { type: 5, value: 1 },
    { type: 6, value: group.prime },
    { type: 7, value: group.generator },
  ];
}

/** One proposal for each list, one transform for each list of attributes. */
function offer(...proposals: readonly (readonly (readonly Attribute[])[])[]): SaPayload {
  return {
    kind: 'sa',
    doi: 1,
    situation: SITUATION.identityOnly,
    proposals: proposals.map((transforms, i) => ({
      number: i + 1,
      protocol: PROTOCOL_ID.isakmp,
      spi: new Uint8Array(0),
      transforms: transforms.map((attributes, at) => ({ number: at + 1, id: 1, attributes })),
    })),
  };
}

function grouped(options: PairOptions = {}): Pair {
  const changes = (side: Side): Partial<PeerConfig> => ({
    ...ACCEPTING,
    children: [childPolicy(side, { pfsGroup: NUMBER })],
  });
  return new Pair({ R2: changes('R2'), R3: changes('R3'), ...options });
}

function ask(pair: Pair, side: Side = 'R2', group = PRIVATE_GROUP, number: number = NUMBER): void {
  pair.on(side, (endpoint, now) => endpoint.newGroup(now, pair[side].peer, number, group));
}

/** What is made in the group is both ends' alike. */
function expectSameKeys(pair: Pair): void {
  const [ours, theirs] = [pair.R2, pair.R3].map((node) => node.of('child-established').at(-1)?.child);
  if (ours === undefined || theirs === undefined) throw new Error('no child');
  expect([ours.pfsGroup, theirs.pfsGroup]).toEqual([NUMBER, NUMBER]);
  expect(espOf(ours).inbound).toEqual(espOf(theirs).outbound);
  expect(espOf(ours).outbound).toEqual(espOf(theirs).inbound);
}

describe('New Group Mode', () => {
  it.each([
    ['HMAC of the hash', peerConfig('R2').proposals],
    ['AES-XCBC-PRF-128', [AES_XCBC]],
  ])('is answered once: the group is not supported, protected by the prf as the question was: %s', (_, proposals) => {
    const forger = new Forger({ proposals }, 7, proposals);
    const sa = forger.establish();
    const asked = forger.seal(sa, EXCHANGE.newGroup, 77, [offer([described(PRIVATE_GROUP)])]);
    const { result, replies } = forger.send(asked);
    expect(result).toEqual({ ok: false, reason: 'unsupported-exchange' });
    const [reply, ...others] = replies;
    expect(others).toEqual([]);
    const payloads = openInformational(sa, readMessage(reply ?? expect.fail(), { local: R2, remote: R3 }));
    expect(payloads.at(-1)).toMatchObject({ kind: 'notification', notifyType: NOTIFY['ATTRIBUTES-NOT-SUPPORTED'] });
    expect(forger.send(asked)).toMatchObject({ result: { ok: false, reason: 'message-id-reused' }, replies: [] });
  });

  it.each([
    ['R2', 'R2', []],
    ['R3', 'R2', []],
    ['R2', 'R3', []],
    ['R3', 'R3', []],
    ['R2', 'R2', ['first']],
    ['R2', 'R2', ['second']],
    ['R2', 'R2', ['first', 'second']],
  ] as const)(
    'gives both ends a group: %s asks for it, %s begins a Quick Mode in it, lost once: %j',
    (asks, begins, lost) => {
      const pair = grouped().initiate().run(seconds(1));
      expect(pair.R2.of('child-failed')).toMatchObject([{ reason: 'group-not-agreed', phase: 2 }]);
      const before = pair.sent.length;
      const isLost = (index: number): boolean =>
        (index === before && lost.some((one) => one === 'first')) ||
        (index === before + 1 && lost.some((one) => one === 'second'));
      pair.network = ({ index }) => (isLost(index) ? [] : [10]);
      ask(pair, asks);
      pair.run(seconds(10));
      for (const node of pair.nodes) {
        const role = node.side === asks ? 'initiator' : 'responder';
        expect(node.of('group-agreed')).toMatchObject([{ number: NUMBER, role, peer: node.peer }]);
      }
      pair.initiate(begins).run(seconds(2));
      expectSameKeys(pair);
    },
  );

  it('takes the first transform whose group it knows, of one proposal, and answers with it alone', () => {
    const forger = new Forger(ACCEPTING);
    const sa = forger.establish();
    const third = described(OTHER_GROUP, 0x8002);
    const octets = forger.seal(sa, EXCHANGE.newGroup, 77, [
      offer([described(PRIVATE_GROUP, 2), described({ ...PRIVATE_GROUP, generator: Uint8Array.of(4) }), third]),
    ]);
    const { result, replies } = forger.send(octets);
    expect(result).toEqual({ ok: true });
    const reply = replies[0] ?? expect.fail();
    const header = decodeHeader(reply);
    const iv = octets.slice(-sa.keys.cipher.blockOctets);
    const opened = openMessage({ kind: 'encrypted', cipher: sa.keys.cipher, iv }, { header, octets: reply });
    expect(header).toMatchObject({ exchange: EXCHANGE.newGroup, messageId: 77 });
    expect(opened.payloads.map(({ kind }) => kind)).toEqual(['hash', 'sa']);
    expect(opened.payloads[1]).toMatchObject({ proposals: [{ transforms: [{ number: 3, attributes: third }] }] });
    expect(forger.kinds()).toEqual(['ike-established', 'group-agreed']);
    // A repetition has the same answer; the same number, and the same group by it, is no news.
    expect(forger.send(octets).replies).toEqual([reply]);
    expect(forger.send(forger.seal(sa, EXCHANGE.newGroup, 78, [offer([third])])).result).toEqual({ ok: true });
    expect(
      forger.send(forger.seal(sa, EXCHANGE.newGroup, 79, [offer([described(PRIVATE_GROUP, 0x8002)])])),
    ).toMatchObject({
      result: { ok: false, reason: 'no-proposal-chosen' },
    });
  });

  const good = described(PRIVATE_GROUP);
  const other = { ...PRIVATE_GROUP, prime: flipped(PRIVATE_GROUP.prime, 5, 2) };
  it.each<readonly [string, readonly Payload[], string]>([
    ['a number of everybody’s', [offer([described(PRIVATE_GROUP, 0x7fff)])], 'no-proposal-chosen'],
    ['no number', [offer([good.slice(1)])], 'no-proposal-chosen'],
    ['a prime that nobody has settled on', [offer([described(other)])], 'no-proposal-chosen'],
    [
      'another generator',
      [offer([described({ ...PRIVATE_GROUP, generator: Uint8Array.of(4) })])],
      'no-proposal-chosen',
    ],
    ['a curve', [offer([good.map((one) => (one.type === 5 ? { type: 5, value: 2 } : one))])], 'no-proposal-chosen'],
    ['an attribute more', [offer([[...good, { type: 16, value: 5 }]])], 'no-proposal-chosen'],
    ['an attribute twice', [offer([[...good.slice(0, 3), { type: 6, value: 5 }]])], 'no-proposal-chosen'],
    ['two proposals', [offer([good], [good])], 'no-proposal-chosen'],
    ['two SA payloads', [offer([good]), offer([good])], 'unexpected-payload'],
    ['no SA payload', [], 'missing-payload'],
  ])('refuses %s', (_, payloads, reason) => {
    const forger = new Forger(ACCEPTING);
    const sa = forger.establish();
    const { result, replies } = forger.send(forger.seal(sa, EXCHANGE.newGroup, 77, payloads));
    expect(result.ok || result.reason).toBe(
      reason === 'payload-order' && payloads.length === 0 ? 'missing-payload' : reason,
    );
    const told = replies.flatMap((octets) => openInformational(sa, readMessage(octets, { local: R2, remote: R3 })));
    const expected = { kind: 'notification', protocol: 1, notifyType: NOTIFY['ATTRIBUTES-NOT-SUPPORTED'] };
    expect(told.slice(1)).toMatchObject(reason === 'no-proposal-chosen' ? [expected] : []);
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('gets no answer where it is not the peer that asks', () => {
    const forger = new Forger(ACCEPTING);
    const sa = forger.establish();
    const asked = forger.seal(sa, EXCHANGE.newGroup, 77, [offer([good])]);
    expect(forger.send(flipped(asked, 40, 1))).toMatchObject({ result: { ok: false }, replies: [] });
    const wrongHash = forger.seal(sa, EXCHANGE.newGroup, 77, [offer([good])], () => new Uint8Array(20));
    expect(forger.send(wrongHash)).toMatchObject({ result: { ok: false, reason: 'hash-mismatch' }, replies: [] });
    const clear = asked.slice();
    clear[19] = 0;
    expect(forger.send(clear)).toMatchObject({ result: { ok: false, reason: 'not-encrypted' }, replies: [] });
    expect(forger.send(forger.seal(sa, EXCHANGE.newGroup, 0, [offer([good])]))).toMatchObject({
      result: { ok: false, reason: 'invalid-message-id' },
      replies: [],
    });
    // Nothing of that has spent the message ID.
    expect(forger.send(asked).result).toEqual({ ok: true });
    expect(forger.endpoint.ikeSas()).toHaveLength(1);
  });

  it('is for who is authenticated', () => {
    const forger = new Forger(ACCEPTING);
    const { octets } = forger.mainMode(3);
    const { initiatorCookie, responderCookie } = decodeHeader(octets);
    const fields = {
      initiatorCookie,
      responderCookie,
      exchange: EXCHANGE.newGroup,
      flags: FLAG.encryption,
      messageId: 7,
    };
    const asked = concat(encodeHeader(fields, PAYLOAD.hash, 64), new Uint8Array(64));
    expect(forger.send(asked)).toMatchObject({ result: { ok: false, reason: 'not-authenticated' }, replies: [] });
  });

  it('has room for eight groups', () => {
    const pair = grouped().initiate().run(seconds(1));
    for (let i = 0; i < 9; i++) ask(pair, 'R2', PRIVATE_GROUP, 0x9000 + i);
    pair.run(seconds(2));
    expect(pair.R3.of('group-agreed')).toHaveLength(8);
    expect(pair.R2.of('group-failed')).toMatchObject([{ number: 0x9008, reason: 'limit' }]);
    pair.run(seconds(120));
    ask(pair, 'R3', PRIVATE_GROUP, 0xa000);
    expect(pair.R3.of('group-failed')).toMatchObject([{ reason: 'limit' }]);
  });

  it('tells who asked why nothing came of it', () => {
    const refusing = new Pair({ R3: {} }).initiate().run(seconds(1));
    ask(refusing);
    refusing.run(seconds(1));
    expect(refusing.R2.of('group-failed')).toMatchObject([{ number: NUMBER, reason: 'ATTRIBUTES-NOT-SUPPORTED' }]);

    const pair = grouped();
    ask(pair);
    pair.initiate().run(seconds(1));
    ask(pair);
    ask(pair);
    pair.run(seconds(1));
    ask(pair, 'R2', OTHER_GROUP);
    pair.network = () => [];
    ask(pair, 'R2', PRIVATE_GROUP, 0x8002);
    pair.run(seconds(120));
    ask(pair, 'R2', PRIVATE_GROUP, 0x8003);
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    expect(pair.R2.of('group-failed').map(({ number, reason }) => [number, reason])).toEqual([
      [0x8001, 'no-ike-sa'],
      [0x8001, 'number-taken'],
      [0x8001, 'number-taken'],
      [0x8002, 'no-answer'],
      [0x8003, 'closed'],
    ]);
  });

  it('makes both ends know one group where both ask for it at once, and none where they mean two', () => {
    for (const [group, agreed] of [
      [PRIVATE_GROUP, 2],
      [OTHER_GROUP, 0],
    ] as const) {
      const pair = grouped().initiate().run(seconds(1));
      ask(pair, 'R2', PRIVATE_GROUP);
      ask(pair, 'R3', group);
      pair.run(seconds(2));
      for (const node of pair.nodes) expect(node.of('group-agreed')).toHaveLength(agreed);
      pair.initiate().run(seconds(2));
      if (agreed > 0) expectSameKeys(pair);
      else expect(pair.R2.of('child-failed').at(-1)).toMatchObject({ reason: 'group-not-agreed' });
    }
  });

  it('is asked for anew where what came before the genuine message 5 had decided the IVs', () => {
    const forger = new Forger(ACCEPTING);
    const started = forger.mainMode(3);
    const { chain, cipher, iv } = forger.openOwn(started);
    const body = cipher.encrypt(
      iv,
      concat(chain, new Uint8Array(-chain.length & (cipher.blockOctets - 1)), new Uint8Array(16)),
    );
    const before = concat(encodeHeader(decodeHeader(started.octets), PAYLOAD.id, body.length), body);
    expect(forger.send(before).result).toEqual({ ok: true });
    forger.endpoint.newGroup(forger.now, 'R2', NUMBER, PRIVATE_GROUP);
    forger.drain();
    const [sixth, ...others] = forger.send(started.octets).replies;
    const { sa = expect.fail() } = forger.answer(started.state, sixth ?? expect.fail());
    const opened = others.map((octets) => forger.open(sa, octets));
    expect(opened.map(({ header, payloads }) => [header.exchange, payloads.map(({ kind }) => kind)])).toEqual([
      [EXCHANGE.newGroup, ['hash', 'sa']],
    ]);
  });

  it.each(SIDES)('is asked for again under an IKE SA that %s renews, and children in it wait for that', (renews) => {
    const pair = grouped().initiate().run(seconds(1));
    ask(pair);
    pair.run(seconds(1)).initiate().run(seconds(1));
    const failures = () => pair.R2.of('child-failed').length + pair.R3.of('child-failed').length;
    const before = failures();
    pair.on(renews, (endpoint, now) => endpoint.rekeyIke(now, pair[renews].peer));
    pair.runUntil(() => pair.R2.of('ike-established').length === 2);
    const [child] = pair.R2.endpoint.children();
    pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, child?.inbound ?? expect.fail()));
    pair.run(seconds(10));
    const agreed = pair.R2.of('group-agreed').map(({ initiatorCookie }) => initiatorCookie);
    expect(agreed).toEqual(pair.R2.of('ike-established').map(({ ikeSa }) => ikeSa.initiatorCookie));
    expect(pair.R2.of('child-established')).toHaveLength(2);
    expect(failures()).toBe(before);
    expectSameKeys(pair);
  });

  it('is not asked for again once the peer has refused it, nor is one that only the peer has asked for', () => {
    const pair = grouped({ R3: { children: [childPolicy('R3', { pfsGroup: NUMBER })] } })
      .initiate()
      .run(seconds(1));
    ask(pair);
    pair.run(seconds(1)).on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    pair.run(seconds(2)).initiate().run(seconds(1));
    expect(pair.R2.of('group-failed')).toHaveLength(1);
    expect(pair.R2.of('child-failed').at(-1)).toMatchObject({ reason: 'group-not-agreed' });
  });

  it('ends with its IKE SA where no other takes over', () => {
    const pair = grouped().initiate().run(seconds(1));
    ask(pair);
    pair.run(seconds(4000)).initiate().run(seconds(1));
    expect(pair.R2.of('ike-deleted')).toHaveLength(1);
    expect(pair.R2.of('child-failed').at(-1)).toMatchObject({ reason: 'group-not-agreed' });
  });

  it('asks for no Quick Mode in a group that only the peer knows: it is refused as an offer that nobody has', () => {
    const forger = new Forger({ ...ACCEPTING, children: [childPolicy('R3', { pfsGroup: NUMBER })] });
    const sa = forger.establish();
    const context = { ...sa, privateGroups: new Map([[NUMBER, PRIVATE_GROUP]]) };
    const { reply } = forger.quick(context, 9, childPolicy('R2', { pfsGroup: NUMBER }));
    expect(forger.send(reply).result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
    forger.send(forger.seal(sa, EXCHANGE.newGroup, 77, [offer([good])]));
    const known = forger.quick(context, 10, childPolicy('R2', { pfsGroup: NUMBER }));
    expect(forger.send(known.reply).result).toEqual({ ok: true });
  });

  it('takes of an answer what was asked for, or a refusal of the peer’s own', () => {
    const forger = new Forger();
    const sa = forger.establish();
    const context = { ...sa, messageId: 5 };
    const wanted = { number: NUMBER, group: PRIVATE_GROUP };
    const { next, reply } = askForGroup(context, firstIv(sa, 5), wanted);
    const sent = reply ?? expect.fail();
    const receive = (octets: Uint8Array) =>
      next[0].receive(openMessage(next[0].protection, { header: decodeHeader(octets), octets })).outcome;
    const answered = (payloads: readonly Payload[], hash?: Uint8Array): Uint8Array => {
      const right = (rest: Uint8Array): Uint8Array => hash ?? hash1(sa.keys.prf, sa.keys.a, 5, rest);
      return sealPhase2(context, EXCHANGE.newGroup, sent.slice(-sa.keys.cipher.blockOctets), right, payloads).octets;
    };
    const refusal: Payload = {
      kind: 'notification',
      doi: 1,
      protocol: 1,
      spi: new Uint8Array(0),
      notifyType: 13,
      data: new Uint8Array(0),
    };
    expect(receive(answered([offerGroup(wanted)]))).toEqual({ kind: 'agreed', ...wanted });
    expect(receive(answered([refusal]))).toEqual({ kind: 'refused', error: 'ATTRIBUTES-NOT-SUPPORTED' });
    const news: Payload = { ...refusal, notifyType: 24_578 };
    expect(receive(answered([news, refusal]))).toEqual({ kind: 'refused', error: 'ATTRIBUTES-NOT-SUPPORTED' });
    expect(() => receive(answered([news]))).toThrow('missing-payload');
    const changed = offerGroup({ number: privateGroupNumber(0x8002), group: PRIVATE_GROUP });
    expect(() => receive(answered([changed]))).toThrow('proposal-changed');
    expect(() => receive(answered([offer([good, good])]))).toThrow('proposal-changed');
    expect(() => receive(answered([]))).toThrow('missing-payload');
    expect(() => receive(answered([offerGroup(wanted)], new Uint8Array(20)))).toThrow('hash-mismatch');
    // What this side has sent is no answer to it.
    expect(() => receive(sent)).toThrow();
  });

  // What came beside a refusal was not heard; and an error beside a group had what was agreed on fail as well.
  it.each([
    ['a refusal', false, { kind: 'group-failed', number: NUMBER, reason: 'ATTRIBUTES-NOT-SUPPORTED' }],
    ['a group', true, { kind: 'group-agreed', number: NUMBER, role: 'initiator' }],
  ] as const)('hears what comes beside %s, and nothing else is refused by it', (_, isAgreed, settled) => {
    const forger = new Forger();
    const sa = forger.establish();
    forger.endpoint.newGroup(forger.now, 'R2', NUMBER, PRIVATE_GROUP);
    const [asked = expect.fail()] = forger.drain();
    forger.endpoint.initiate(forger.now, 'R2');
    forger.drain();
    const { messageId } = decodeHeader(asked);
    const { initiator, responder } = sa.cookies;
    const told = { kind: 'notification', doi: 1, protocol: PROTOCOL_ID.isakmp, data: new Uint8Array(0) } as const;
    const error = { ...told, spi: new Uint8Array(0), notifyType: NOTIFY['ATTRIBUTES-NOT-SUPPORTED'] };
    const first = { ...told, spi: concat(initiator, responder), notifyType: NOTIFY['INITIAL-CONTACT'] };
    const answer = sealPhase2(
      { ...sa, messageId },
      EXCHANGE.newGroup,
      asked.slice(-sa.keys.cipher.blockOctets),
      (rest) => hash1(sa.keys.prf, sa.keys.a, messageId, rest),
      [...(isAgreed ? [offerGroup({ number: NUMBER, group: PRIVATE_GROUP })] : []), error, first],
    );
    forger.events.length = 0;
    expect(forger.send(answer.octets).result).toEqual({ ok: true });
    const [notified, contact] = ['ATTRIBUTES-NOT-SUPPORTED', 'INITIAL-CONTACT'].map((name) => ({
      kind: 'notified',
      name,
    }));
    expect(forger.events).toMatchObject([settled, notified, contact]);
  });

  it.each(['with secrets', 'without secrets'] as const)('is recorded %s, and replayed', (record) => {
    const pair = grouped({ record }).initiate().run(seconds(1));
    ask(pair);
    pair.run(seconds(1)).initiate().run(seconds(1));
    expectSameKeys(pair);
    for (const { recording } of pair.nodes) {
      const made = recording.filter((line) => line.startsWith('{"keyPair":"private"'));
      expect(made).toHaveLength(1);
      expect(made[0]?.includes('"random"')).toBe(record === 'with secrets');
      // As long as p: nothing else that is drawn is.
      const isPrivate = (line: string): boolean => /"random":"[0-9a-f]{256}"/.test(line);
      expect(recording.some(isPrivate)).toBe(false);
      const steps = [...new Replay(recording, { engine: cheapEngine() })];
      const inputs = recording.filter((line) => line.startsWith('{"input"')).length;
      // Without the key that both share there is no going on.
      if (record === 'with secrets') expect(steps).toHaveLength(inputs);
      else expect(steps.length).toBeLessThan(inputs);
    }
  });

  it.each<readonly [string, unknown, unknown, string]>([
    ['a number of everybody’s', 14, PRIVATE_GROUP, 'number: must be a whole number from 32768 to 65535'],
    ['a number that no attribute has', 65_536, PRIVATE_GROUP, 'number: must be a whole number'],
    [
      'a short prime',
      NUMBER,
      { ...PRIVATE_GROUP, prime: new Uint8Array(96).fill(255) },
      'group.prime: must be from 128 to 512',
    ],
    [
      'an even one',
      NUMBER,
      { ...PRIVATE_GROUP, prime: flipped(PRIVATE_GROUP.prime, 127, 1) },
      'group.prime: must be odd',
    ],
    [
      'one of 1023 bits',
      NUMBER,
      { ...PRIVATE_GROUP, prime: flipped(PRIVATE_GROUP.prime, 0, 0x80) },
      'group.prime: must have the highest bit set',
    ],
    ['1', NUMBER, { ...PRIVATE_GROUP, generator: Uint8Array.of(0, 1) }, 'group.generator: must be from 2 to p - 2'],
    [
      'p - 1',
      NUMBER,
      { ...PRIVATE_GROUP, generator: flipped(PRIVATE_GROUP.prime, 127, 1) },
      'group.generator: must be from 2',
    ],
    ['text', NUMBER, 'modp', 'group: must be an object'],
  ])('does not ask for what can be no group: %s', (_, number, group, message) => {
    const pair = grouped();
    pair.on('R2', (endpoint, now) => {
      expect(() => endpoint.newGroup(now, 'R3', number as number, group as PrivateGroup)).toThrow(message);
      expect(() => endpoint.newGroup(now, 'R9', NUMBER, PRIVATE_GROUP)).toThrow('R9');
    });
    if (number !== NUMBER) return;
    const at = message.replace('group', 'acceptedGroups[0]');
    expect(() => new Pair({ R2: { acceptedGroups: [group as PrivateGroup] } })).toThrow(at);
  });
});
