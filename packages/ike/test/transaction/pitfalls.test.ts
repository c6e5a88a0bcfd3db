import type { IkeProposal, PeerConfig } from '@espalier/ike';
import {
  type Attribute,
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  DOI_IPSEC,
  decodeHeader,
  EXCHANGE,
  fromAscii,
  fromHex,
  ipv4AddressId,
  ipv4SubnetId,
  PROTOCOL_ID,
  parseAddress,
  UNITY_ATTRIBUTE,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Redirection } from '../../src/peer/redirection.ts';
import { AES, HandMadePeer, notification, OFFER_1, phase1Sa } from '../support/hand-made-peer.ts';
import { peerConfig, R2 } from '../support/pair.ts';
import { Road } from './road.ts';

const NOTHING = new Uint8Array(0);
const { request, reply, set, ack } = CONFIGURATION_TYPE;
const XAUTH_OFFER = OFFER_1.map((attribute) => (attribute.type === 3 ? { type: 3, value: 65001 } : attribute));

const XAUTH: IkeProposal = { ...AES, authentication: 'xauth-initiator-pre-shared-key' };

/** A gateway of ours, and a user made by hand. */
function gateway(changes: Partial<PeerConfig> = {}): HandMadePeer {
  return new HandMadePeer(
    {
      proposals: [XAUTH],
      modeConfig: { side: 'gateway' },
      ...changes,
    },
    { localIdentity: ipv4SubnetId('10.1.0.0/16'), remoteIdentity: 'assigned' },
  );
}

/** Answers every question of R3's. */
function serve(peer: HandMadePeer, password = 'wonderland'): readonly Uint8Array[] {
  const replies: Uint8Array[] = [];
  for (let question = peer.endpoint.pollQuestion(); question; question = peer.endpoint.pollQuestion()) {
    if (question.kind === 'verify-credentials') {
      const isRight = new TextDecoder().decode(question.password) === password;
      const verdict = isRight ? 'accept' : 'refuse';
      peer.endpoint.answer(peer.now, question.id, { kind: 'verify-credentials', verdict });
    } else if (question.kind === 'lease') {
      peer.endpoint.answer(peer.now, question.id, { kind: 'lease', lease: { addresses: ['10.1.77.5'] } });
    } else if (question.kind === 'credentials') {
      const answer = { kind: 'credentials', userName: 'alice', password: fromAscii('wonderland') } as const;
      peer.endpoint.answer(peer.now, question.id, answer);
    }
    replies.push(...peer.drain());
  }
  return replies;
}

function credentials(password: Uint8Array): readonly Attribute[] {
  return [
    { type: XAUTH_ATTRIBUTE.userName, value: fromAscii('alice') },
    { type: XAUTH_ATTRIBUTE.userPassword, value: password },
  ];
}

/** Phase 1, and what R3 then asks for. */
function begun(peer: HandMadePeer): { readonly messageId: number } {
  expect(peer.mainMode({}, phase1Sa(XAUTH_OFFER))).toBe(true);
  const [asked] = peer.configurations(peer.last.replies);
  expect(asked).toMatchObject({ type: request });
  return { messageId: asked?.messageId ?? 0 };
}

/** XAuth as a user whose every message is as it should be: what R3 says at last. */
function accepted(peer: HandMadePeer): void {
  const { messageId } = begun(peer);
  peer.transact(reply, credentials(fromAscii('wonderland')), messageId);
  const [status] = peer.configurations(serve(peer));
  expect(status).toMatchObject({ type: set, attributes: [{ type: XAUTH_ATTRIBUTE.status, value: 1 }] });
  peer.transact(ack, [{ type: XAUTH_ATTRIBUTE.status, value: NOTHING }], status?.messageId);
}

describe('a gateway', () => {
  it('takes a password with NULs behind it for what it is without (Android)', () => {
    const peer = gateway();
    const { messageId } = begun(peer);
    peer.transact(reply, credentials(fromAscii('wonderland\0\0')), messageId);
    expect(peer.configurations(serve(peer))[0]?.attributes).toEqual([{ type: XAUTH_ATTRIBUTE.status, value: 1 }]);
  });

  it('writes addresses in TLV of 4 octets, whatever they are (iOS)', () => {
    const peer = gateway();
    accepted(peer);
    peer.transact(request, [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }]);
    const [told] = peer.configurations(serve(peer));
    expect(told).toMatchObject({ type: reply, identifier: 7 });
    expect(told?.attributes).toEqual([{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: parseAddress('10.1.77.5') }]);
  });

  it('goes on under the message ID that a client goes on under', () => {
    const peer = gateway();
    accepted(peer);
    const ask = [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }];
    for (const _ of [1, 2, 3]) {
      peer.transact(request, ask, 0x7777);
      const [told] = peer.configurations([...peer.last.replies, ...serve(peer)]);
      expect(told).toMatchObject({ type: reply, messageId: 0x7777 });
    }
  });

  it('repeats its answer to a request that comes again, and asks nobody a second time', () => {
    const peer = gateway();
    const { messageId } = begun(peer);
    peer.transact(reply, credentials(fromAscii('wonderland')), messageId);
    expect(peer.endpoint.pollQuestion()).toMatchObject({ kind: 'verify-credentials' });
    peer.transact(reply, credentials(fromAscii('wonderland')), messageId);
    expect(peer.endpoint.pollQuestion()).toBeUndefined();
  });

  it('takes who goes on for one who has heard that it is accepted', () => {
    const peer = gateway();
    const { messageId } = begun(peer);
    peer.transact(reply, credentials(fromAscii('wonderland')), messageId);
    serve(peer);
    const ask = [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }];
    expect(peer.transact(request, ask, 0x5555).result).toEqual({ ok: false, reason: 'not-authenticated' });
    expect(peer.kinds).toContain('ike-established');
  });

  it('has no child, and no address, for who has not been accepted', () => {
    const peer = gateway();
    begun(peer);
    const ask = [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }];
    expect(peer.transact(request, ask).result).toEqual({ ok: false, reason: 'not-authenticated' });
    expect(peer.quick(peer.quickOffer())).toBeUndefined();
    expect(peer.last.result).toEqual({ ok: false, reason: 'not-authenticated' });
    expect(peer.endpoint.pollQuestion()).toBeUndefined();
    expect(peer.endpoint.ikeSas()[0]?.state).toBe('xauth');
    expect(peer.kinds).not.toContain('ike-established');
  });

  it.each([
    ['its address, and less than the policy', '10.1.77.5', '10.1.56.0/24', true],
    ['its address, and all of the policy', '10.1.77.5', '10.1.0.0/16', true],
    ['its address, and more than the policy', '10.1.77.5', '10.0.0.0/8', false],
    ["another's address", '10.1.77.6', '10.1.56.0/24', false],
  ])('has a child for %s: %s, %s', (_, address, subnet, isTaken) => {
    const peer = gateway();
    accepted(peer);
    peer.transact(request, [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }]);
    peer.configurations(serve(peer));
    const offered = peer.quick(peer.quickOffer({ ids: [ipv4AddressId(address), ipv4SubnetId(subnet)] }));
    expect(offered !== undefined).toBe(isTaken);
  });

  it('has no child for an address before it is assigned', () => {
    const peer = gateway();
    accepted(peer);
    const ids = [ipv4AddressId('10.1.77.5'), ipv4SubnetId('10.1.56.0/24')];
    expect(peer.quick(peer.quickOffer({ ids }))).toBeUndefined();
    expect(peer.last.result).toEqual({ ok: false, reason: 'invalid-identity' });
  });

  it('is not ended, and ends nobody else, by INITIAL-CONTACT of who only has the key of the group', () => {
    const peer = gateway();
    accepted(peer);
    const before = peer.endpoint.ikeSas();
    begun(peer);
    peer.inform(notification(24578, { spi: peer.spi }));
    expect(peer.endpoint.ikeSas()).toHaveLength(before.length + 1);
    expect(peer.kinds).not.toContain('ike-deleted');
  });

  it('goes on where another IKE SA is deleted, or a child, before the user is accepted', () => {
    const peer = gateway();
    const { messageId } = begun(peer);
    const others = [
      [PROTOCOL_ID.isakmp, peer.random(16)],
      [PROTOCOL_ID.esp, peer.random(4)],
    ] as const;
    for (const [protocol, spi] of others)
      peer.inform({ kind: 'delete', doi: DOI_IPSEC, protocol, spiOctets: spi.length, spis: [spi] });
    expect(peer.kinds).not.toContain('ike-failed');
    peer.transact(reply, credentials(fromAscii('wonderland')), messageId);
    const [status] = peer.configurations(serve(peer));
    expect(status).toMatchObject({ type: set, attributes: [{ type: XAUTH_ATTRIBUTE.status, value: 1 }] });
  });

  it('ends with who gives up', () => {
    const peer = gateway();
    const { messageId } = begun(peer);
    peer.transact(reply, [{ type: XAUTH_ATTRIBUTE.status, value: 0 }], messageId);
    expect(peer.events.at(-1)).toMatchObject({ kind: 'ike-failed', reason: 'xauth-failed' });
    expect(peer.endpoint.ikeSas()).toEqual([]);
  });

  it('refuses a SET, and answers to what it has not asked, and stays as it is', () => {
    const peer = gateway();
    begun(peer);
    for (const type of [set, reply, ack, 9]) {
      for (const attributes of [
        [],
        credentials(fromAscii('wonderland')),
        [{ type: XAUTH_ATTRIBUTE.status, value: 1 }],
      ]) {
        expect(peer.transact(type, attributes).result.ok).toBe(false);
      }
    }
    expect(peer.endpoint.ikeSas()[0]?.state).toBe('xauth');
    expect(peer.endpoint.pollQuestion()).toBeUndefined();
  });

  it('takes a vendor ID of Unity of any version', () => {
    const versions = ['0100', '0600', 'ffff'].map((version) => fromHex(`12f5f28c457168a9702d9fe274cc${version}`));
    for (const data of versions) {
      const peer = gateway();
      const edits = { 1: (payloads: readonly unknown[]) => [...payloads, { kind: 'vendor-id', data }] as never };
      expect(peer.mainMode(edits, phase1Sa(XAUTH_OFFER))).toBe(true);
      const [asked] = peer.configurations(peer.last.replies);
      peer.transact(reply, credentials(fromAscii('wonderland')), asked?.messageId);
      const [status] = peer.configurations(serve(peer));
      peer.transact(ack, [{ type: XAUTH_ATTRIBUTE.status, value: NOTHING }], status?.messageId);
      peer.transact(request, [{ type: CONFIGURATION_ATTRIBUTE.ip4Address, value: NOTHING }]);
      const { id } = peer.endpoint.pollQuestion() ?? { id: -1 };
      const lease = { addresses: ['10.1.77.5'], banner: 'hello' };
      peer.endpoint.answer(peer.now, id, { kind: 'lease', lease });
      const [told] = peer.configurations(peer.drain());
      expect(told?.attributes.map(({ type }) => type)).toContain(UNITY_ATTRIBUTE.banner);
    }
  });
});

/** A client of ours, and a gateway made by hand. */
function client(changes: Partial<PeerConfig> = {}): HandMadePeer {
  const peer = new HandMadePeer(
    {
      name: 'R2',
      proposals: [XAUTH],
      xauth: { side: 'user', userName: 'alice', password: fromAscii('wonderland') },
      modeConfig: { side: 'client', method: 'push' },
      ...changes,
    },
    { localIdentity: 'assigned', remoteIdentity: ipv4SubnetId('10.1.56.0/24') },
  );
  peer.endpoint.initiate(peer.now, 'R2');
  expect(peer.answerMainMode()).toBe(true);
  return peer;
}

const PROMPT: readonly Attribute[] = [
  { type: XAUTH_ATTRIBUTE.userName, value: NOTHING },
  { type: XAUTH_ATTRIBUTE.userPassword, value: NOTHING },
];
const STATUS_OK: readonly Attribute[] = [{ type: XAUTH_ATTRIBUTE.status, value: 1 }];
const ADDRESS: readonly Attribute[] = [
  { type: CONFIGURATION_ATTRIBUTE.ip4Address, value: parseAddress('10.1.77.5') },
  { type: CONFIGURATION_ATTRIBUTE.ip4Netmask, value: parseAddress('255.255.255.0') },
];

describe('a client', () => {
  it('takes a push right after Main Mode, whose chain begins from the last block of phase 1', () => {
    const peer = client({ proposals: [AES] });
    peer.transact(set, ADDRESS);
    expect(peer.configurations(peer.last.replies)).toMatchObject([
      { type: ack, attributes: [{ type: 1 }, { type: 2 }], identifier: 7 },
    ]);
    expect(peer.kinds).toContain('configured');
    expect(peer.last.replies.map((octets) => decodeHeader(octets).exchange)).toContain(EXCHANGE.quick);
  });

  it('takes XAuth and Mode Config under one message ID, along one chain', () => {
    const peer = client();
    for (const [type, attributes] of [
      [request, PROMPT],
      [set, STATUS_OK],
      [set, ADDRESS],
    ] as const) {
      peer.transact(type, attributes, 0x4242);
      const [answer] = peer.configurations(peer.last.replies);
      expect(answer).toMatchObject({ type: type === request ? reply : ack, messageId: 0x4242 });
    }
    expect(peer.events.find(({ kind }) => kind === 'configured')).toMatchObject({
      configuration: { addresses: ['10.1.77.5'], netmask: '255.255.255.0' },
    });
  });

  it('answers the newest prompt, where the gateway begins anew before it is answered', () => {
    const peer = client({ xauth: { side: 'user' } });
    peer.transact(request, PROMPT, 0x10001);
    const first = peer.endpoint.pollQuestion();
    expect(first).toMatchObject({ kind: 'credentials', attempt: 1 });
    peer.transact(request, PROMPT, 0x10002);
    const late = { kind: 'credentials', userName: 'old' } as const;
    expect(peer.endpoint.answer(peer.now, first?.id ?? -1, late)).toEqual({ ok: false, reason: 'unknown-question' });
    const [answer] = peer.configurations(serve(peer));
    expect(answer).toMatchObject({ type: reply, messageId: 0x10002 });
  });

  it('says in the words of XAuth that it does not speak a type that nobody knows', () => {
    const peer = client();
    peer.transact(request, [{ type: XAUTH_ATTRIBUTE.type, value: 99 }, ...PROMPT]);
    expect(peer.configurations(peer.last.replies)[0]?.attributes).toEqual([{ type: XAUTH_ATTRIBUTE.status, value: 0 }]);
  });

  it.each([true, false])('of which an IKE SA is renewed asks again as it is configured: %s', (onRenewal) => {
    const peer = client({ xauth: { side: 'user', userName: 'alice', password: fromAscii('wonderland'), onRenewal } });
    peer.transact(request, PROMPT);
    peer.transact(set, STATUS_OK);
    peer.transact(set, ADDRESS);
    peer.endpoint.rekeyIke(peer.now, 'R2');
    expect(peer.answerMainMode()).toBe(true);
    expect(peer.endpoint.ikeSas().at(-1)?.state).toBe(onRenewal ? 'xauth' : 'ready');
  });

  it('answers a gateway that asks again after a renewal that was to go without', () => {
    const settings = { side: 'user', userName: 'alice', password: fromAscii('wonderland'), onRenewal: false } as const;
    const peer = client({ xauth: settings });
    peer.transact(request, PROMPT);
    peer.transact(set, STATUS_OK);
    peer.transact(set, ADDRESS);
    peer.endpoint.rekeyIke(peer.now, 'R2');
    peer.answerMainMode();
    peer.transact(request, PROMPT);
    expect(peer.configurations(peer.last.replies)).toMatchObject([{ type: reply }]);
  });

  it('goes where a gateway sends it that has too much to do, from port 500', () => {
    const peer = client();
    peer.inform(notification(40501, { spi: peer.spi, data: parseAddress('192.0.2.77') }));
    expect(peer.events.find(({ kind }) => kind === 'redirected')).toMatchObject({
      local: { port: 500 },
      remote: { address: '192.0.2.77', port: 500 },
    });
    expect(peer.endpoint.ikeSas()).toMatchObject([{ state: 'half-open', remote: { address: '192.0.2.77' } }]);
  });

  it('takes there who says it is that address, where nobody has said more of the first', () => {
    const redirection = new Redirection('10.1.15.2', '192.0.2.77', 1);
    const { remoteIdentity: _, ...unnamed } = peerConfig('R3');
    expect(redirection.identityOf(unnamed)).toEqual(ipv4AddressId('192.0.2.77'));
    expect(redirection.identityOf({ ...unnamed, remoteIdentity: ipv4AddressId(R2.address) })).toBeUndefined();
  });

  it('is sent on so often and no further, nor by whom it cannot know', () => {
    const clear = client();
    const told = notification(40501, { data: parseAddress('192.0.2.77') });
    clear.send(clear.clear(EXCHANGE.informational, [told], 77));
    expect(clear.kinds).not.toContain('redirected');
    const peer = client();
    for (let i = 0; i < 10; i++) peer.inform(notification(40501, { spi: peer.spi, data: parseAddress(R2.address) }));
    expect(peer.kinds.filter((kind) => kind === 'redirected')).toHaveLength(1);
  });

  it('forgets the address with the IKE SA, and says what it was', () => {
    const peer = client({ children: [] });
    peer.transact(request, PROMPT);
    peer.transact(set, STATUS_OK);
    peer.transact(set, ADDRESS);
    peer.endpoint.close(peer.now);
    peer.drain();
    expect(peer.events.at(-1)).toMatchObject({
      kind: 'configuration-ended',
      side: 'client',
      configuration: { addresses: ['10.1.77.5'] },
    });
  });
});

it('a pair with Mode Config under XAuth says what it says in clear to nobody', () => {
  const road = new Road().up();
  const said = road.sent.map(({ transmit }) => Buffer.from(transmit.octets).toString('latin1')).join('');
  expect(said).not.toContain('wonderland');
  expect(said).not.toContain('alice');
});
