import type { ChildPolicy, PeerConfig } from '@espalier/ike';
import {
  concat,
  EXCHANGE,
  fqdnId,
  fromHex,
  type Identification,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  NOTIFY,
  type Payload,
  PROTOCOL_ID,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { BEHIND_NAT, HandMadePeer, notification, OFFER_2, phase2Sa, SPI, saOf } from '../support/hand-made-peer.ts';
import { R2, R3 } from '../support/pair.ts';

const NET = ipv4SubnetId('10.1.12.0/24');
const OTHER = ipv4SubnetId('10.1.56.0/24');

function established(changes: Partial<PeerConfig> = {}, child: Partial<ChildPolicy> = {}): HandMadePeer {
  const peer = new HandMadePeer(changes, child);
  if (!peer.mainMode()) throw new Error('no IKE SA');
  return peer;
}

function withChild(changes: Partial<PeerConfig> = {}): HandMadePeer {
  const peer = established(changes);
  peer.quick(peer.quickOffer());
  peer.quickConfirm();
  expect(peer.endpoint.children()).toHaveLength(1);
  return peer;
}

/** The product has sent message 1 of a Quick Mode. */
function offered(changes: Partial<PeerConfig> = {}, child: Partial<ChildPolicy> = {}): [HandMadePeer, Uint8Array] {
  const peer = new HandMadePeer(changes, child);
  peer.endpoint.initiate(peer.now, 'R2');
  if (!peer.answerMainMode()) throw new Error('no IKE SA');
  const first = peer.last.replies.at(-1);
  if (first === undefined) throw new Error('no message 1');
  return [peer, first];
}

describe('message 3 of Quick Mode', () => {
  it.each<[string, Payload]>([
    [
      'a notification (regression: not-confirmed)',
      notification(40_001, { protocol: 3, spi: SPI, data: fromHex('0a010001') }),
    ],
    ['a vendor ID (regression: not-confirmed)', { kind: 'vendor-id', data: fromHex('00112233') }],
    ['a certificate request', { kind: 'cert-request', encoding: 4, authority: new Uint8Array(0) }],
  ])('may have %s behind its hash', (_name, payload) => {
    const peer = established();
    peer.quick(peer.quickOffer());
    expect(peer.quickConfirm(undefined, payload).result).toEqual({ ok: true });
    expect(peer.kinds).toContain('child-established');
  });

  it('obeys no notification that HASH(3) does not cover, and tells of it', () => {
    const peer = established();
    peer.quick(peer.quickOffer());
    peer.quickConfirm(undefined, notification(NOTIFY['NO-PROPOSAL-CHOSEN'], { protocol: 3 }));
    expect(peer.events.at(-1)).toMatchObject({ kind: 'notified', authenticated: false });
    expect(peer.endpoint.children()).toHaveLength(1);
  });

  it('is followed by nothing: a fourth, as Windows sends it, changes nothing', () => {
    const peer = withChild();
    const fourth = notification(NOTIFY['INITIAL-CONTACT'], { spi: peer.spi });
    expect(peer.quickConfirm(undefined, fourth).result).toEqual({ ok: false, reason: 'message-id-reused' });
    expect(peer.endpoint.children()).toHaveLength(1);
  });
});

describe('an authenticated notification is obeyed wherever it comes', () => {
  const places: readonly (readonly [string, (peer: HandMadePeer, payload: Payload) => void])[] = [
    ['an Informational exchange', (peer, payload) => peer.inform(payload)],
    ['message 1 of Quick Mode', (peer, payload) => peer.quick([...peer.quickOffer(), payload], 0x3001)],
  ];

  it.each(places)('RESPONDER-LIFETIME in %s, of the IKE SA', (_name, say) => {
    const peer = withChild();
    say(peer, notification(NOTIFY['RESPONDER-LIFETIME'], { spi: peer.spi, data: fromHex('800b0001800c0708') }));
    const [sa] = peer.endpoint.ikeSas();
    expect(Number(sa?.hardExpiry) - Number(sa?.establishedAt)).toBe(seconds(1800));
  });

  it.each(places)('RESPONDER-LIFETIME in %s, of a child', (_name, say) => {
    const peer = withChild();
    const before = peer.endpoint.children()[0]?.hardExpiry ?? 0;
    say(peer, notification(NOTIFY['RESPONDER-LIFETIME'], { protocol: 3, spi: SPI, data: fromHex('8001000180020708') }));
    expect(before - Number(peer.endpoint.children()[0]?.hardExpiry)).toBe(seconds(1800));
  });

  it.each(places)('INITIAL-CONTACT in %s, with any SPI or none (regression: not obeyed)', (_name, say) => {
    for (const spi of [new Uint8Array(0), new Uint8Array(16).fill(9)]) {
      const peer = withChild();
      peer.pass(1000);
      if (!peer.mainMode()) throw new Error('no second IKE SA');
      say(peer, notification(NOTIFY['INITIAL-CONTACT'], { spi }));
      expect(peer.events.filter((event) => 'reason' in event && event.reason === 'peer-restarted')).toHaveLength(2);
    }
  });

  it('R-U-THERE: 24 of them in one message get one answer, the last (regression: 24)', () => {
    const peer = withChild();
    const probes = Array.from({ length: 24 }, (_, i) =>
      notification(NOTIFY['R-U-THERE'], { spi: peer.spi, data: Uint8Array.of(0, 0, 1, i) }),
    );
    const { replies } = peer.inform(...probes);
    expect(replies).toHaveLength(1);
    const answer = replies[0] && peer.openInformational(replies[0])[1];
    expect(answer).toMatchObject({ notifyType: NOTIFY['R-U-THERE-ACK'], data: Uint8Array.of(0, 0, 1, 23) });
  });
});

describe('a refusal of a Quick Mode', () => {
  it('with an SPI that nobody offered means the only one there is (regression: no-answer)', () => {
    for (const [spi, isLenient, reason] of [
      ['deadbeef', true, 'NO-PROPOSAL-CHOSEN'],
      ['deadbeef', false, undefined],
      ['', false, 'NO-PROPOSAL-CHOSEN'],
    ] as const) {
      const [peer] = offered({ tolerances: { 'refusal-of-unknown-spi': isLenient } });
      peer.inform(notification(NOTIFY['NO-PROPOSAL-CHOSEN'], { protocol: 3, spi: fromHex(spi) }));
      expect(peer.events.find(({ kind }) => kind === 'child-failed')).toEqual(
        reason === undefined ? undefined : expect.objectContaining({ reason }),
      );
    }
  });

  it('is none where it is about another SPI and says so', () => {
    const [peer] = offered();
    peer.inform(notification(NOTIFY['INVALID-SPI'], { protocol: 3, spi: fromHex('deadbeef') }));
    expect(peer.kinds).not.toContain('child-failed');
  });

  it('in clear is told, and not believed (regression: nothing was said)', () => {
    const [peer] = offered();
    const said = peer.send(
      peer.clear(EXCHANGE.informational, [notification(NOTIFY['NO-PROPOSAL-CHOSEN'], { protocol: 3 })]),
    );
    expect(said.result).toEqual({ ok: false, reason: 'not-encrypted' });
    expect(peer.events.at(-1)).toMatchObject({ kind: 'notified', name: 'NO-PROPOSAL-CHOSEN', authenticated: false });
    expect(peer.kinds).not.toContain('child-failed');
  });
});

describe('client identities', () => {
  const meant = (child: Partial<ChildPolicy>, ids: readonly Identification[], changes: Partial<PeerConfig> = {}) => {
    const peer = established(changes, child);
    const answer = peer.quick(peer.quickOffer({ ids }));
    return { peer, answer, result: peer.last.result };
  };
  const host = (address: string): Identification => ipv4SubnetId(`${address}/32`);
  const withHostBits = (id: Identification): Identification => ({
    ...id,
    data: id.data.map((one, i) => (i === 3 ? 7 : one)),
  });

  it.each<[string, Partial<ChildPolicy>, Identification, Identification]>([
    ['a host as an address', { localIdentity: host('10.1.56.5') }, NET, ipv4AddressId('10.1.56.5')],
    ['a host as a subnet', { localIdentity: ipv4AddressId('10.1.56.5') }, NET, host('10.1.56.5')],
    ['a host as a range', { localIdentity: host('10.1.56.5') }, NET, ipv4RangeId('10.1.56.5', '10.1.56.5')],
    ['a subnet as a range', {}, ipv4RangeId('10.1.12.0', '10.1.12.255'), OTHER],
    ['a subnet with host bits', {}, withHostBits(NET), OTHER],
    ['both ends', {}, ipv4RangeId('10.1.12.0', '10.1.12.255'), withHostBits(OTHER)],
  ])('are sets of addresses, however they are spelled, and come back as they came: %s', (_name, child, idci, idcr) => {
    const { peer, answer } = meant(child, [idci, idcr]);
    expect(answer?.filter(({ kind }) => kind === 'id').map((id) => (id.kind === 'id' ? id.data : undefined))).toEqual([
      idci.data,
      idcr.data,
    ]);
    expect(peer.tolerated).toEqual(['addresses-respelled']);
    expect(meant(child, [idci, idcr], { tolerances: { 'addresses-respelled': false } }).result.ok).toBe(false);
  });

  it.each([
    [ipv4SubnetId('10.1.12.64/26'), OTHER],
    [NET, ipv4AddressId('10.1.56.9')],
    [ipv4SubnetId('10.1.12.0/24', { protocol: 6, port: 80 }), OTHER],
  ])('may be a part of what a policy is for: the child is for that (regression: invalid-identity) %#', (idci, idcr) => {
    const { peer } = meant({}, [idci, idcr]);
    peer.quickConfirm();
    expect(peer.events.find(({ kind }) => kind === 'child-established')).toMatchObject({
      child: { remoteIdentity: idci, localIdentity: idcr },
    });
    expect(peer.tolerated).toEqual(['identities-narrowed']);
    expect(meant({}, [idci, idcr], { tolerances: { 'identities-narrowed': false } }).result.ok).toBe(false);
  });

  it('of two parts make two children, each renewed as what it is', () => {
    const peer = established({}, { lifetime: seconds(300) });
    const halves = ['10.1.12.0/25', '10.1.12.128/25'].map((half) => ipv4SubnetId(half));
    for (const [i, half] of halves.entries()) {
      const spi = Uint8Array.of(0xc0, 0xff, 0xee, i + 1);
      peer.quick(peer.quickOffer({ sa: phase2Sa(OFFER_2, spi), ids: [half, OTHER] }), 0x2001 + i);
      peer.quickConfirm(0x2001 + i);
    }
    expect(peer.endpoint.children().map(({ state }) => state)).toEqual(['established', 'established']);
    const renewals = peer.pass(seconds(251)).slice(0, 2);
    const offers = renewals.map((first) => {
      const ids = peer.openInformational(first).flatMap((payload) => (payload.kind === 'id' ? [payload.data] : []));
      return ids[1];
    });
    expect(offers).toEqual(halves.map(({ data }) => data));
  });

  it('are refused where they are more than a part, or something else', () => {
    for (const ids of [
      [ipv4SubnetId('10.1.0.0/16'), OTHER],
      [NET, ipv4SubnetId('10.1.57.0/24')],
      [NET, ipv4RangeId('10.1.56.0', '10.1.57.0')],
    ]) {
      expect(meant({}, ids).result).toEqual({ ok: false, reason: 'invalid-identity' });
    }
  });

  it('prefer the policy that is for just them', () => {
    const peer = established();
    const policies = [
      { localIdentity: ipv4SubnetId('0.0.0.0/0'), remoteIdentity: ipv4SubnetId('0.0.0.0/0'), name: 'everything' },
      { localIdentity: OTHER, remoteIdentity: NET, name: 'exact' },
    ];
    for (const policy of policies) {
      const [first] = peer.endpoint.peerNames();
      if (first === undefined) return expect.unreachable('there is a peer');
      const suites = peer.suites;
      peer.endpoint.addChild(peer.now, first, { ...policy, suites, lifetime: seconds(3600) });
    }
    peer.endpoint.removeChild(peer.now, 'R2', 'net');
    peer.quick(peer.quickOffer());
    expect(peer.events.at(-1)).toMatchObject({ kind: 'child-negotiated', child: { policy: 'exact' } });
  });

  describe('that come back to an initiator', () => {
    const answered = (change: (id: Identification, n: number) => Identification, child: Partial<ChildPolicy> = {}) => {
      const [peer, first] = offered({}, child);
      let n = 0;
      const { result } = peer.answerQuick(first, (all) =>
        all.map((payload) => (payload.kind === 'id' ? { kind: 'id', ...change(payload, n++) } : payload)),
      );
      return { peer, result };
    };

    it.each([0, 1])('may not be changed into others, be it the first or the second: %i', (which) => {
      const other = ipv4SubnetId('10.9.9.0/24');
      const { result, peer } = answered((id, n) => (n === which ? other : id));
      expect(result).toEqual({ ok: false, reason: 'invalid-identity' });
      expect(peer.events.at(-1)).toMatchObject({ kind: 'child-failed', reason: 'invalid-identity' });
    });

    it('may be spelled otherwise', () => {
      const { peer } = answered((id, n) => (n === 0 ? ipv4RangeId('10.1.56.0', '10.1.56.255') : id));
      expect(peer.tolerated).toEqual(['addresses-respelled']);
    });

    it.each([0, 1701])('may have L2TP’s port or any in transport mode, and what was offered holds: %i', (port) => {
      const l2tp = { protocol: 17, port: 1700 };
      const child: Partial<ChildPolicy> = {
        mode: 'transport',
        localIdentity: ipv4AddressId(R3.address, l2tp),
        remoteIdentity: ipv4AddressId(R2.address, l2tp),
      };
      const { peer } = answered((id, n) => (n === 1 ? { ...id, port } : id), child);
      expect(peer.events.find(({ kind }) => kind === 'child-established')).toMatchObject({
        child: { remoteIdentity: { port: 1700 } },
      });
      expect(peer.tolerated).toEqual(['port-returned']);
      expect(answered((id, n) => (n === 1 ? { ...id, port: 1702 } : id), child).result.ok).toBe(false);
    });
  });
});

describe('transport mode behind a NAT', () => {
  const L2TP = { protocol: 17, port: 1701 };
  const name = fqdnId('PC-1.example.org', L2TP);
  const sa = phase2Sa(OFFER_2.map((one) => (one.type === 4 ? { ...one, value: 4 } : one)));
  const behindNat = (tolerances: NonNullable<PeerConfig['tolerances']>) => {
    const child: Partial<ChildPolicy> = {
      mode: 'transport',
      localIdentity: ipv4AddressId(R3.address, L2TP),
      remoteIdentity: ipv4AddressId(R2.address, L2TP),
    };
    const peer = new HandMadePeer({ natTraversal: 'auto', tolerances }, child);
    if (!peer.mainMode(BEHIND_NAT)) throw new Error('no IKE SA');
    peer.quick(peer.quickOffer({ sa, ids: [name, ipv4AddressId(R3.address, L2TP)] }));
    return peer;
  };

  it('takes a name for the peer’s address, as Windows sends it (regression: invalid-identity)', () => {
    const peer = behindNat({});
    peer.quickConfirm();
    expect(peer.kinds).toContain('child-established');
    expect(peer.tolerated).toEqual(['name-for-address']);
  });
});

describe('an offer in phase 2', () => {
  const DEFLATE = { number: 1, id: 2, attributes: [{ type: 4, value: 1 }] };
  const without = (type: number) => OFFER_2.filter((attribute) => attribute.type !== type);

  it('of AES without a Key Length is one of 128 bits (regression: NO-PROPOSAL-CHOSEN)', () => {
    const peer = established();
    const answer = peer.quick(peer.quickOffer({ sa: phase2Sa(without(6)) }));
    expect(answer?.[1]).toMatchObject({ proposals: [{ transforms: [{ attributes: without(6) }] }] });
    expect(peer.tolerated).toEqual(['key-length-missing']);
  });

  it('is the one that needs no forgiveness, where there is one', () => {
    const peer = established();
    const transforms = [without(6), OFFER_2].map((attributes, i) => ({ number: i + 1, id: 12, attributes }));
    const sa = saOf([{ number: 1, protocol: PROTOCOL_ID.esp, spi: SPI, transforms }]);
    const answer = peer.quick(peer.quickOffer({ sa }));
    expect(answer?.[1]).toMatchObject({ proposals: [{ transforms: [{ number: 2 }] }] });
    expect(peer.tolerated).toEqual([]);
  });

  it('may be a choice with all proposals numbered alike (regression: NO-PROPOSAL-CHOSEN)', () => {
    const peer = established();
    const [own] = phase2Sa().proposals;
    const [other] = phase2Sa(OFFER_2.map((one) => (one.type === 5 ? { ...one, value: 1 } : one))).proposals;
    if (own === undefined || other === undefined) return expect.unreachable('no proposal');
    expect(peer.quick(peer.quickOffer({ sa: saOf([other, own]) }))).toBeDefined();
    expect(peer.tolerated).toEqual(['proposals-alike']);
  });

  it('that is refused is named by its SPI, that of ESP where it was to be compressed', () => {
    const esp = phase2Sa(without(5)).proposals;
    const compressed = { number: 1, protocol: PROTOCOL_ID.ipcomp, spi: fromHex('1234'), transforms: [DEFLATE] };
    for (const proposals of [esp, [compressed, ...esp]]) {
      const peer = established();
      expect(peer.quick(peer.quickOffer({ sa: saOf(proposals) }))).toBeUndefined();
      const [reply = expect.fail('no reply')] = peer.last.replies;
      const notifyType = NOTIFY['NO-PROPOSAL-CHOSEN'];
      expect(peer.openInformational(reply)).toMatchObject([{}, { notifyType, protocol: PROTOCOL_ID.esp, spi: SPI }]);
    }
  });

  it('may ask for perfect forward secrecy where the policy does not (regression: NO-PROPOSAL-CHOSEN)', () => {
    const sa = (group: number) => phase2Sa([...OFFER_2, { type: 3, value: group }]);
    const ke = (peer: HandMadePeer): Payload => ({ kind: 'ke', data: peer.publicValue() });
    const peer = established();
    const answer = peer.quick([...peer.quickOffer({ sa: sa(2) }), ke(peer)]);
    expect(answer?.map(({ kind }) => kind)).toContain('ke');
    expect(peer.events.find(({ kind }) => kind === 'child-negotiated')).toMatchObject({ child: { pfsGroup: 2 } });
    expect(peer.tolerated).toEqual(['pfs-unasked']);
    for (const [group, tolerances] of [
      [1, {}],
      [99, {}],
      [2, { 'pfs-unasked': false }],
    ] as const) {
      const strict = established({ tolerances });
      expect(strict.quick([...strict.quickOffer({ sa: sa(group) }), ke(strict)])).toBeUndefined();
    }
  });

  it('with an Authentication Algorithm beside an AEAD is none (RFC 4106 §8.2)', () => {
    const peer = established();
    const [proposal] = phase2Sa().proposals;
    if (proposal === undefined) return expect.unreachable('no proposal');
    const transforms = proposal.transforms.map((one) => ({ ...one, id: 20 }));
    expect(peer.quick(peer.quickOffer({ sa: saOf([{ ...proposal, transforms }]) }))).toBeUndefined();
    expect(peer.last.result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
  });

  it.each([
    ['none', without(2).slice(0, 3), 3600],
    ['five octets', [...without(2), { type: 2, value: fromHex('0000000708') }], 1800],
    ['nine octets', [...without(2), { type: 2, value: fromHex('000000000000000708') }], 1800],
    ['zero', [...without(2), { type: 2, value: 0 }], 3600],
    ['a type that nobody knows', [...OFFER_2, { type: 1, value: 9 }, { type: 2, value: 5 }], 3600],
    ['a second', [...without(2), { type: 2, value: 1 }], 60],
  ])('may have a lifetime of %s', (_name, attributes, expected) => {
    const peer = established();
    peer.quick(peer.quickOffer({ sa: phase2Sa(attributes) }));
    expect(peer.events.find(({ kind }) => kind === 'child-negotiated')).toMatchObject({
      child: { lifetime: seconds(expected) },
    });
  });
});

describe('an answer in phase 2', () => {
  const answered = (
    change: (attributes: readonly { type: number; value?: unknown }[]) => readonly { type: number; value?: unknown }[],
    ...configured: Parameters<typeof offered>
  ) => {
    const [peer, first] = offered(...configured);
    const { result } = peer.answerQuick(first, (all) =>
      all.map((payload) => {
        if (payload.kind !== 'sa') return payload;
        const proposals = payload.proposals.map((proposal) => ({
          ...proposal,
          transforms: proposal.transforms.map((one) => ({
            ...one,
            attributes: change(one.attributes) as typeof one.attributes,
          })),
        }));
        return { ...payload, proposals };
      }),
    );
    const event = peer.events.find(({ kind }) => kind === 'child-established');
    return { result, lifetime: event?.kind === 'child-established' ? event.child.lifetime : undefined, peer };
  };

  it('may have a shorter lifetime than was offered, or none (regression: proposal-changed)', () => {
    const shorter = answered((all) => all.map((one) => (one.type === 2 ? { ...one, value: 1200 } : one)));
    expect(shorter.lifetime).toBe(seconds(1200));
    expect(shorter.peer.tolerated).toEqual(['lifetime-changed']);
    expect(answered((all) => all.filter(({ type }) => type > 2)).lifetime).toBe(seconds(3600));
    expect(answered((all) => all.map((one) => (one.type === 2 ? { ...one, value: 7200 } : one))).lifetime).toBe(
      seconds(3600),
    );
  });

  it.each([
    ['claim', 500, 500],
    ['claim', 2000, 1000],
    ['strict', 500, 500],
    ['strict', 2000, undefined],
    ['exact', 500, undefined],
    ['exact', 1000, 1000],
  ] as const)('may have other kilobytes than 1000 as the rule %s says: %i', (lifetimeCheck, kilobytes, expected) => {
    const { peer, result } = answered(
      (all) => all.map((one) => (one.value === 1000 ? { ...one, value: kilobytes } : one)),
      { lifetimeCheck },
      { lifetimeKilobytes: 1000 },
    );
    expect(result).toEqual(expected === undefined ? { ok: false, reason: 'proposal-changed' } : { ok: true });
    const event = peer.events.find(({ kind }) => kind === 'child-established');
    expect(event?.kind === 'child-established' ? event.child.lifetimeKilobytes : undefined).toBe(expected);
  });

  it('may not have anything else than was offered', () => {
    for (const type of [4, 5, 6]) {
      expect(answered((all) => all.filter((one) => one.type !== type)).result.ok).toBe(false);
      expect(answered((all) => all.map((one) => (one.type === type ? { ...one, value: 3 } : one))).result.ok).toBe(
        false,
      );
    }
  });
});

describe('Quick Mode', () => {
  it('is not forgotten with another that is over', () => {
    const peer = withChild();
    peer.pass(85_000);
    peer.quick(peer.quickOffer({ sa: phase2Sa(OFFER_2, fromHex('c0ffee02')) }), 0x2002);
    peer.pass(8000);
    expect(peer.quickConfirm(0x2002).result).toEqual({ ok: true });
    expect(peer.kinds.filter((kind) => kind === 'child-established')).toHaveLength(2);
  });

  const nonce: Payload = { kind: 'nonce', data: new Uint8Array(16) };
  const id = (identity: Identification): Payload => ({ kind: 'id', ...identity });
  const malformed: Identification = { ...NET, data: NET.data.subarray(1) };
  it.each<[string, readonly Payload[], string]>([
    ['IDci malformed', [phase2Sa(), nonce, id(malformed), id(OTHER)], 'invalid-identity'],
    ['IDcr malformed', [phase2Sa(), nonce, id(NET), id(malformed)], 'invalid-identity'],
    ['both malformed', [phase2Sa(), nonce, id(malformed), id(malformed)], 'invalid-identity'],
    ['IDci alone', [phase2Sa(), nonce, id(NET)], 'missing-payload'],
    ['IDci alone and malformed', [phase2Sa(), nonce, id(malformed)], 'missing-payload'],
    [
      'two KE',
      [phase2Sa(), nonce, { kind: 'ke', data: new Uint8Array(128) }, { kind: 'ke', data: new Uint8Array(128) }],
      'unexpected-payload',
    ],
    [
      'a second HASH',
      [phase2Sa(), nonce, id(NET), id(OTHER), { kind: 'hash', data: new Uint8Array(20) }],
      'unexpected-payload',
    ],
    ['a name for a subnet', [phase2Sa(), nonce, id(fqdnId('r2.example.org')), id(OTHER)], 'invalid-identity'],
  ])('with %s is refused', (_name, rest, reason) => {
    const peer = established();
    peer.quick(rest);
    expect(peer.last.result).toEqual({ ok: false, reason });
    expect(peer.endpoint.children()).toEqual([]);
  });
});

it('what is taken of a peer is told once, and counted as often as it comes', () => {
  const peer = established();
  const probe = (number: number) =>
    notification(NOTIFY['R-U-THERE'], { spi: peer.spi, data: Uint8Array.of(0, 0, 0, number) });
  peer.behind = new Uint8Array(8);
  for (const number of [1, 2, 3]) peer.inform(probe(number));
  expect(peer.tolerated).toEqual(['zeros-behind-message']);
  expect(peer.endpoint.tolerances['zeros-behind-message']).toBe(3);
  expect(concat(peer.spi)).toHaveLength(16);
});
