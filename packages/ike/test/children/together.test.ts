import { espSuite } from '@espalier/crypto';
import type { ChildPolicy, EspProtection, NegotiatedChild } from '@espalier/ike';
import { keymat } from '@espalier/ike';
import {
  type DecodedPayload,
  decodeHeader,
  EXCHANGE,
  NOTIFY,
  type Payload,
  PROTOCOL_ID,
  type SaPayload,
  seconds,
  spi as spiOf,
  toHex,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all } from '../../src/exchange/rules.ts';
import { hash1 } from '../../src/v1/keying.ts';
import type { Established } from '../../src/v1/phase1/phase1.ts';
import { firstIv, sealPhase2 } from '../../src/v1/phase2/phase2.ts';
import { offerPhase2 } from '../../src/v1/proposals/phase2.ts';
import { openBody } from '../../src/v1/protection.ts';
import { offeredIdentities } from '../../src/v1/quick-mode/quick.ts';
import { Forger } from '../support/forger.ts';
import { HandMadePeer, notification, saOf } from '../support/hand-made-peer.ts';
import { childPolicy, espOf, Pair, type PairOptions, type Side } from '../support/pair.ts';

const AES = espSuite('aes-128-cbc/hmac-sha1-96');
const DES3 = espSuite('3des-cbc/hmac-sha1-96');
const GCM = espSuite('aes-128-gcm-16');

/** Children for the same traffic, of suites of their own. */
function children(side: Side, changes: Partial<ChildPolicy> = {}): readonly ChildPolicy[] {
  return [
    childPolicy(side, { name: 'voice', suites: [GCM], ...changes }),
    childPolicy(side, { name: 'bulk', suites: [AES], ...changes }),
    childPolicy(side, { name: 'rest', suites: [DES3], ...changes }),
  ];
}

const NAMES = ['voice', 'bulk', 'rest'];

function together(options: PairOptions = {}, names: readonly string[] = NAMES): Pair {
  const pair = new Pair({
    ...options,
    R2: { children: children('R2'), ...options.R2 },
    R3: { children: children('R3'), ...options.R3 },
  });
  pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', names));
  return pair;
}

const quickModes = ({ sent }: Pair): readonly Uint8Array[] =>
  sent.map(({ transmit }) => transmit.octets).filter((octets) => octets[18] === EXCHANGE.quick);

const byPolicy = (pair: Pair, side: Side): readonly NegotiatedChild[] =>
  pair[side]
    .of('child-established')
    .map(({ child }) => child)
    .sort((a, b) => a.policy.localeCompare(b.policy));

const octetsOf = ({ inbound, outbound }: EspProtection): readonly string[] =>
  [inbound, outbound].map((keys) => [keys.encryption, keys.salt, keys.integrity].map((one) => toHex(one)).join(' '));

describe('several children in one Quick Mode (RFC 2409 §5.5)', () => {
  it.each([
    ['without a KE', {}],
    ['with one KE', { pfsGroup: 2 }],
  ] as const)('are all agreed on by three messages, each with keys and SPIs of its own, %s', (_, changes) => {
    const pair = together({ R2: { children: children('R2', changes) }, R3: { children: children('R3', changes) } });
    pair.run(seconds(1));
    expect(quickModes(pair)).toHaveLength(3);
    const [r2, r3] = [byPolicy(pair, 'R2'), byPolicy(pair, 'R3')];
    expect(r2.map(({ policy }) => policy)).toEqual(['bulk', 'rest', 'voice']);
    expect(r2.map((child) => espOf(child).suite)).toEqual([AES, DES3, GCM]);
    for (const [i, child] of r2.entries()) {
      const other = r3[i];
      if (other === undefined) return expect.unreachable('no such child');
      expect([child.inbound, child.outbound]).toEqual([other.outbound, other.inbound]);
      const [inbound, outbound] = octetsOf(espOf(child));
      expect(octetsOf(espOf(other))).toEqual([outbound, inbound]);
    }
    const keys = r2.flatMap((child) => octetsOf(espOf(child)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set([...r2, ...r3].map(({ inbound }) => inbound)).size).toBe(6);
  });

  it('begin with phase 1 where there is none, and what is there already is not asked for again', () => {
    const pair = together({}, ['voice', 'bulk']).run(seconds(1));
    pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', NAMES));
    pair.run(seconds(1));
    expect(quickModes(pair)).toHaveLength(6);
    expect(pair.R2.of('ike-established')).toHaveLength(1);
    expect(pair.R3.endpoint.children()).toHaveLength(3);
    pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', NAMES));
    pair.run(seconds(1));
    expect(quickModes(pair)).toHaveLength(6);
  });

  it('begin nothing where all of them are there, and the IKE SA is not (regression: phase 1 for none)', () => {
    const lifetime = seconds(300);
    const pair = together({ R2: { children: children('R2'), lifetime }, R3: { children: children('R3'), lifetime } });
    pair.run(seconds(1)).network = () => [];
    pair.run(seconds(600));
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.children()).toHaveLength(3);
    const { length } = pair.sent;
    pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', NAMES));
    expect(pair.sent).toHaveLength(length);
  });

  it('are refused whole where one cannot be had, and nothing is left of the others', () => {
    const R3 = { children: children('R3').slice(0, 2) };
    const pair = together({ R3 }).run(seconds(1));
    expect(pair.R2.of('child-failed').map(({ policy, reason }) => [policy, reason])).toEqual(
      NAMES.map((name) => [name, 'NO-PROPOSAL-CHOSEN']),
    );
    expect(pair.R3.news[0]).toMatchObject({ reason: 'no-proposal-chosen', phase: 2 });
    for (const { endpoint } of pair.nodes) expect(endpoint.children()).toEqual([]);
    expect(pair.R3.of('child-negotiated')).toEqual([]);
    // Each of those that can be had is, by itself.
    pair.on('R2', (endpoint, now) => endpoint.initiate(now, 'R3', 'voice'));
    pair.run(seconds(1));
    expect(pair.R3.endpoint.children()).toHaveLength(1);
  });

  it('are renewed one by one, and deleted one by one', () => {
    const pair = together().run(seconds(1));
    const [bulk, rest] = byPolicy(pair, 'R2');
    if (bulk === undefined || rest === undefined) return expect.unreachable('no children');
    pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, bulk.inbound));
    pair.run(seconds(60));
    expect(pair.R3.of('child-established').map(({ child }) => child.policy)).toEqual([...NAMES, 'bulk']);
    pair.on('R2', (endpoint, now) => endpoint.deleteChild(now, rest.inbound));
    pair.run(seconds(1));
    expect(
      pair.R3.endpoint
        .children()
        .map(({ policy }) => policy)
        .sort(),
    ).toEqual(['bulk', 'voice']);
  });

  it('come up whatever is lost, and whatever comes twice', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 6, max: 12 }), { maxLength: 3 }), fc.boolean(), (hit, isTwice) => {
        const pair = together({
          network: ({ index }) => (hit.includes(index) ? (isTwice ? [10, 40] : []) : [10]),
        }).run(seconds(30));
        for (const side of ['R2', 'R3'] as const) expect(byPolicy(pair, side)).toHaveLength(3);
      }),
      { numRuns: 25 },
    );
  });

  it('are confirmed by a packet of any of them, if message 3 is lost', () => {
    const pair = together({ network: ({ index, from }) => (index >= 8 && from === 'R2' ? [] : [10]) }).run(seconds(1));
    const [, second] = pair.R3.of('child-negotiated');
    if (second === undefined) return expect.unreachable('nothing negotiated');
    pair.on('R3', (endpoint, now) => endpoint.confirmChild(now, second.child.inbound));
    expect(byPolicy(pair, 'R3')).toHaveLength(3);
  });
});

describe('what cannot be negotiated together is the caller’s mistake', () => {
  const pair = new Pair({
    R2: {
      children: [
        ...children('R2'),
        childPolicy('R2', { name: 'pfs', pfsGroup: 2 }),
        childPolicy('R2', { name: 'transport', mode: 'transport' }),
        childPolicy('R2', { name: 'any', remoteIdentity: 'any' }),
        childPolicy('R2', { name: 'other', remoteIdentity: childPolicy('R2').localIdentity }),
      ],
    },
  });

  it.each([
    [['voice'], /^childNames: must be at least two/],
    [[], /^childNames: must have at least one/],
    [['voice', 'bulk', 'rest', 'pfs', 'any'], /^childNames: must have at most 4/],
    [['voice', 'voice'], /^childNames: one is there twice/],
    [['voice', 'nobody'], /^childNames: child nobody of peer R3 is not there/],
    [['voice', 'any'], /^childNames: child any of peer R3 is answered, and not begun/],
    [['voice', 'pfs'], /^childNames: must have the same identities, mode and pfsGroup/],
    [['voice', 'transport'], /^childNames: must have the same identities, mode and pfsGroup/],
    [['voice', 'other'], /^childNames: must have the same identities, mode and pfsGroup/],
  ] as const)('%j', (names, message) => {
    expect(() => pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', names))).toThrow(message);
    expect(pair.sent).toEqual([]);
  });
});

describe('as responder', () => {
  const offers = (policies: readonly ChildPolicy[]): readonly SaPayload[] =>
    policies.map((policy, i) => offerPhase2(policy, { spi: spiOf(0x1000 + i) }));

  function ask(forger: Forger, sa: Established, sas: readonly SaPayload[], messageId = 77) {
    const [idci, idcr] = offeredIdentities(childPolicy('R2'));
    const rest: readonly Payload[] = [
      ...sas,
      { kind: 'nonce', data: new Uint8Array(16).fill(7) },
      { kind: 'id', ...idci },
      { kind: 'id', ...idcr },
    ];
    const hashOf = (octets: Uint8Array) => hash1(sa.keys.prf, sa.keys.a, messageId, octets);
    return forger.send(sealPhase2({ ...sa, messageId }, EXCHANGE.quick, firstIv(sa, messageId), hashOf, rest).octets);
  }

  it('finds a policy for each SA payload where there is a way, whatever the order', () => {
    // The first takes either; the others one each.
    const both = childPolicy('R2', { name: 'both', suites: [AES, GCM] });
    const policies = [
      childPolicy('R3', { name: 'aes', suites: [AES] }),
      childPolicy('R3', { name: 'gcm', suites: [GCM] }),
    ];
    for (const order of [policies, policies.toReversed()]) {
      for (const suites of [[AES], [GCM]]) {
        const forger = new Forger({ children: order });
        const sa = forger.establish();
        const { result } = ask(forger, sa, offers([both, childPolicy('R2', { suites })]));
        expect(result).toEqual({ ok: true });
        expect(forger.kinds().filter((kind) => kind === 'child-negotiated')).toHaveLength(2);
      }
    }
  });

  it('never takes one policy for two of them, which would supersede each other', () => {
    const forger = new Forger({ children: [childPolicy('R3')] });
    const { result } = ask(forger, forger.establish(), offers([childPolicy('R2'), childPolicy('R2')]));
    expect(result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
    expect(forger.endpoint.children()).toEqual([]);
  });

  it('takes none where they want different groups, for there is one KE', () => {
    const policies = [
      childPolicy('R3', { name: 'one', suites: [AES], pfsGroup: 2 }),
      childPolicy('R3', { name: 'other', suites: [GCM], pfsGroup: 5 }),
    ];
    const forger = new Forger({ children: policies });
    const { result } = ask(forger, forger.establish(), offers(policies));
    expect(result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
  });

  it('takes four at most, and costs no more than that', () => {
    const forger = new Forger({ children: children('R3') });
    const { result, replies } = ask(forger, forger.establish(), offers(Array(5).fill(childPolicy('R2'))));
    expect(result).toEqual({ ok: false, reason: 'unexpected-payload' });
    expect(replies).toEqual([]);
  });

  it('keys each as it would be keyed alone: KEYMAT by protocol, SPI and the nonces that they share', () => {
    const forger = new Forger({ children: children('R3') });
    const sa = forger.establish();
    const { replies } = ask(forger, sa, offers(children('R2')));
    expect(replies).toHaveLength(1);
    const negotiated = forger.events.flatMap((event) => (event.kind === 'child-negotiated' ? [event.child] : []));
    expect(negotiated.map(({ policy }) => policy)).toEqual(NAMES);
    const message = replies[0] ?? new Uint8Array(0);
    const iv = lastBlockOf(sa, offers(children('R2')));
    const header = decodeHeader(message);
    const opened = openBody(sa.keys.cipher, iv, header, message).payloads;
    const [nonce] = all(opened, 'nonce');
    expect(all(opened, 'sa').map(({ proposals }) => proposals.length)).toEqual([1, 1, 1]);
    for (const child of negotiated) {
      const { inbound, suite } = espOf(child);
      const octets = suite.encryptionKeyOctets + suite.saltOctets + suite.integrityKeyOctets;
      const spi = Uint8Array.of(inbound.spi >>> 24, inbound.spi >>> 16, inbound.spi >>> 8, inbound.spi);
      const material = keymat(
        sa.keys.prf,
        sa.keys.d,
        {
          gqmxy: new Uint8Array(0),
          protocol: PROTOCOL_ID.esp,
          spi,
          niB: new Uint8Array(16).fill(7),
          nrB: nonce?.data ?? new Uint8Array(0),
        },
        octets,
      );
      expect(toHex(material)).toBe(
        [inbound.encryption, inbound.salt, inbound.integrity].map((one) => toHex(one)).join(''),
      );
    }
  });

  /** The IV that message 1 of the Quick Mode leaves behind. */
  function lastBlockOf(sa: Established, sas: readonly SaPayload[], messageId = 77): Uint8Array {
    const [idci, idcr] = offeredIdentities(childPolicy('R2'));
    const rest: readonly Payload[] = [
      ...sas,
      { kind: 'nonce', data: new Uint8Array(16).fill(7) },
      { kind: 'id', ...idci },
      { kind: 'id', ...idcr },
    ];
    const hashOf = (octets: Uint8Array) => hash1(sa.keys.prf, sa.keys.a, messageId, octets);
    return sealPhase2({ ...sa, messageId }, EXCHANGE.quick, firstIv(sa, messageId), hashOf, rest).nextIv;
  }
});

describe('as initiator', () => {
  const children = [
    childPolicy('R3', { name: 'first', suites: [AES] }),
    childPolicy('R3', { name: 'second', suites: [GCM] }),
  ];
  const first = (): [HandMadePeer, Uint8Array] => {
    const peer = new HandMadePeer({ children });
    peer.endpoint.initiateTogether(peer.now, 'R2', ['first', 'second']);
    if (!peer.answerMainMode()) throw new Error('no IKE SA');
    return [peer, peer.last.replies.at(-1) ?? expect.unreachable('no message 1')];
  };
  const chosen = (asked: readonly DecodedPayload[]): readonly SaPayload[] =>
    all(asked, 'sa').map(({ proposals }, i) =>
      saOf(proposals.map((one) => ({ ...one, spi: Uint8Array.of(9, 9, 9, i) }))),
    );

  it('takes one answer for each offer, in their order; a lifetime is of the child whose SPI it names', () => {
    const [peer, message] = first();
    const told = notification(NOTIFY['RESPONDER-LIFETIME'], {
      protocol: 3,
      spi: Uint8Array.of(9, 9, 9, 1),
      data: Uint8Array.of(0x80, 1, 0, 1, 0x80, 2, 0, 200),
    });
    peer.answerQuick(message, ([, ...rest], asked) => [...chosen(asked), ...rest, told]);
    const made = peer.events.flatMap((event) => (event.kind === 'child-established' ? [event.child] : []));
    expect(made.map(({ policy, outbound, lifetime }) => [policy, outbound, lifetime])).toEqual([
      ['first', 0x09090900, seconds(28_800)],
      ['second', 0x09090901, seconds(200)],
    ]);
  });

  it.each([
    ['fewer', (sas: readonly SaPayload[]) => sas.slice(0, 1), 'missing-payload'],
    ['more', (sas: readonly SaPayload[]) => [...sas, ...sas], 'unexpected-payload'],
    ['others', (sas: readonly SaPayload[]) => sas.toReversed(), 'proposal-changed'],
  ] as const)('takes no answer of %s: nothing comes of any, and both are told', (_, edit, reason) => {
    const [peer, message] = first();
    const { result } = peer.answerQuick(message, ([, ...rest], asked) => [...edit(chosen(asked)), ...rest]);
    expect(result).toEqual({ ok: false, reason });
    expect(
      peer.events.flatMap((event) => (event.kind === 'child-failed' ? [[event.policy, event.reason]] : [])),
    ).toEqual([
      ['first', reason],
      ['second', reason],
    ]);
    expect(peer.endpoint.children()).toEqual([]);
  });
});
