import { type ChildPolicy, type PeerConfig, TOLERANCES, type Tolerance } from '@espalier/ike';
import {
  type Attribute,
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  concat,
  DOI_IPSEC,
  fqdnId,
  fragmentMessage,
  fromAscii,
  fromHex,
  type Identification,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  NOTIFY,
  type Payload,
  PROTOCOL_ID,
  type SaPayload,
  toHex,
  VENDOR_ID,
  writeU32,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
import {
  AES,
  BEHIND_NAT,
  type Edits,
  type HandMadePeer,
  notification,
  OFFER_1,
  OFFER_2,
  phase1Sa,
  phase2Sa,
  SPI,
  saOf,
} from '../support/hand-made-peer.ts';
import { R2, R3 } from '../support/pair.ts';

/** One form of what a peer does that an RFC has otherwise: whether it comes to what the peer means by it. */
export interface Manner {
  readonly config?: Partial<PeerConfig>;
  readonly child?: Partial<ChildPolicy>;
  readonly says: (peer: HandMadePeer) => boolean;
}

type Forms = Readonly<Record<string, Manner>>;
type Says = Manner['says'];

/** With one child. */
function established(peer: HandMadePeer): HandMadePeer {
  if (!peer.mainMode()) throw new Error('no IKE SA');
  peer.quick(peer.quickOffer());
  peer.quickConfirm();
  peer.drain();
  return peer;
}

/** Main Mode with more behind the payloads of one message. */
const beside = (n: number, of: (peer: HandMadePeer) => readonly Payload[]): Edits => ({
  [n]: (payloads, peer) => [...payloads, ...of(peer)],
});
const without = (offer: readonly Attribute[], type: number): readonly Attribute[] =>
  offer.filter((attribute) => attribute.type !== type);
const withValue = (offer: readonly Attribute[], type: number, value: Attribute['value']): readonly Attribute[] =>
  offer.map((attribute) => (attribute.type === type ? { type, value } : attribute));

const offering =
  (sa: SaPayload): Says =>
  (peer) =>
    peer.mainMode({}, sa);
const offeringChild =
  (sa: SaPayload, ...extra: readonly Payload[]): Says =>
  (peer) => {
    peer.mainMode();
    return peer.quick([...peer.quickOffer({ sa }), ...extra]) !== undefined;
  };
const meaning =
  (...ids: readonly Identification[]): Says =>
  (peer) => {
    peer.mainMode();
    return peer.quick(peer.quickOffer({ ids })) !== undefined;
  };
const named =
  (identity: Identification, edits: Edits = {}): Says =>
  (peer) =>
    peer.mainMode(edits, undefined, identity);
const informing =
  (of: (peer: HandMadePeer) => Payload, isObeyed: Says): Says =>
  (peer) => {
    established(peer);
    // No child of so short a life is taken for lost.
    peer.pass(120_000);
    peer.inform(of(peer));
    return isObeyed(peer);
  };
const hasNoChild: Says = ({ endpoint }) => endpoint.children().length === 0;

const NET = ipv4SubnetId('10.1.12.0/24');
const OTHER = ipv4SubnetId('10.1.56.0/24');
const L2TP = { protocol: 17, port: 1701 };
const TRANSPORT: Partial<ChildPolicy> = {
  mode: 'transport',
  localIdentity: ipv4AddressId(R3.address, L2TP),
  remoteIdentity: ipv4AddressId(R2.address, L2TP),
};

/** Cookies as a notification may have them. */
const SPIS: Readonly<Record<string, (peer: HandMadePeer) => Uint8Array>> = {
  'reversed cookies': ({ cookieI, cookieR }) => concat(cookieR, cookieI),
  zeros: () => new Uint8Array(16),
  'no SPI': () => new Uint8Array(0),
};
const probe = (spi: Uint8Array, number: number): Payload =>
  notification(NOTIFY['R-U-THERE'], { spi, data: Uint8Array.of(0, 0, 0, number) });

/** Its IKE SA of before has ended, as what it says has it. */
const isNew: Says = ({ events }) => events.some((event) => 'reason' in event && event.reason === 'peer-restarted');
const greeting = (spi: Uint8Array): Payload => notification(NOTIFY['INITIAL-CONTACT'], { spi });

/** A REQUEST of Mode Config, and the question that it leads to. */
const asking =
  (attributes: readonly Attribute[], padding: number, isTaken: Says): Says =>
  (peer) => {
    peer.mainMode();
    peer.transact(CONFIGURATION_TYPE.request, attributes, undefined, padding);
    return isTaken(peer);
  };
const GATEWAY: Pick<Manner, 'config' | 'child'> = {
  config: { modeConfig: { side: 'gateway' } },
  child: { localIdentity: ipv4SubnetId('10.1.0.0/16'), remoteIdentity: 'assigned' },
};
const WISH = fromHex('20010db8000000000000000000000007');
const IPV4: Attribute = { type: CONFIGURATION_ATTRIBUTE.ip4Address, value: new Uint8Array(0) };
const isAsked: Says = ({ endpoint }) => endpoint.pollQuestion()?.kind === 'lease';

/** What a user has replied, as the caller is to judge it. */
const replying =
  (attributes: readonly Attribute[], isTaken: (asked: { userName?: string; password?: Uint8Array }) => boolean): Says =>
  (peer) => {
    peer.mainMode({}, phase1Sa(withValue(OFFER_1, 3, 65001)));
    const [prompt] = peer.configurations(peer.last.replies);
    peer.transact(CONFIGURATION_TYPE.reply, attributes, prompt?.messageId);
    const question = peer.endpoint.pollQuestion();
    if (question?.kind !== 'verify-credentials') return false;
    const { id, userName, password } = question;
    const taken = isTaken({ ...(userName === undefined ? {} : { userName }), ...(password && { password }) });
    peer.endpoint.answer(peer.now, id, { kind: 'verify-credentials', verdict: 'accept' });
    const [status] = peer.configurations(peer.drain());
    peer.transact(
      CONFIGURATION_TYPE.ack,
      [{ type: XAUTH_ATTRIBUTE.status, value: new Uint8Array(0) }],
      status?.messageId,
    );
    return taken;
  };
const XAUTH_GATEWAY: Pick<Manner, 'config' | 'child'> = {
  ...GATEWAY,
  config: { ...GATEWAY.config, proposals: [{ ...AES, authentication: 'xauth-initiator-pre-shared-key' }] },
};
const user = (name: Uint8Array, password: Uint8Array): readonly Attribute[] => [
  { type: XAUTH_ATTRIBUTE.userName, value: name },
  { type: XAUTH_ATTRIBUTE.userPassword, value: password },
];

/** As responder to a Quick Mode of the product's, with other attributes or identities in its answer. */
const answering =
  (change: (payload: Payload, n: number) => Payload): Says =>
  (peer) => {
    const first = offered(peer);
    peer.answerQuick(first, (all) => all.map(change));
    return peer.kinds.includes('child-established');
  };
const offered = (peer: HandMadePeer): Uint8Array => {
  peer.endpoint.initiate(peer.now, 'R2');
  if (!peer.answerMainMode()) throw new Error('no IKE SA');
  const first = peer.last.replies.at(-1);
  if (first === undefined) throw new Error('no message 1');
  return first;
};
const altered =
  (change: (attributes: readonly Attribute[]) => readonly Attribute[]) =>
  (payload: Payload): Payload => {
    if (payload.kind !== 'sa') return payload;
    const proposals = payload.proposals.map((proposal) => ({
      ...proposal,
      transforms: proposal.transforms.map((one) => ({ ...one, attributes: change(one.attributes) })),
    }));
    return { ...payload, proposals };
  };

/** Two proposals of one number. */
const alike = ({ proposals: [one] }: SaPayload, { proposals: [other] }: SaPayload): SaPayload =>
  saOf([one, other].flatMap((proposal) => proposal ?? []));

const mapped = <A>(table: Readonly<Record<string, A>>, make: (one: A) => Manner): Forms =>
  Object.fromEntries(Object.entries(table).map(([name, one]) => [name, make(one)]));

const MANNERS: Readonly<Record<Tolerance, Forms>> = {
  'zeros-behind-message': {
    'sixteen, as of a Cisco client': {
      says: (peer) => {
        peer.behind = new Uint8Array(16);
        return peer.mainMode();
      },
    },
  },
  'draft-payloads': mapped({ 'NAT-D': 15, 'NAT-OA': 16 }, (type) => ({
    says: (peer) => peer.mainMode(beside(3, () => [{ kind: 'unknown', type, data: new Uint8Array(20) }])),
  })),
  'fragment-said-encrypted': {
    'all of a message': {
      config: { fragmentOctets: 576 },
      says: (peer) => {
        const taking = { kind: 'vendor-id', data: fromHex(`${VENDOR_ID.ciscoFragmentation}80000000`) } as const;
        peer.mainMode(beside(1, () => [taking]));
        for (const fragment of fragmentMessage(peer.sealQuick(peer.quickOffer()), 9, 100)) {
          fragment[19] = 1;
          peer.send(fragment);
        }
        return peer.last.replies.length === 1;
      },
    },
  },
  'key-length-missing': {
    'in phase 1': { says: offering(phase1Sa(without(OFFER_1, 14))) },
    'in phase 2': { says: offeringChild(phase2Sa(without(OFFER_2, 6))) },
  },
  'group-type': { MODP: { says: offering(phase1Sa([...OFFER_1, { type: 5, value: 1 }])) } },
  'proposals-alike': {
    'in phase 1': { says: offering(alike(phase1Sa(withValue(OFFER_1, 2, 4)), phase1Sa(OFFER_1))) },
    'in phase 2': { says: offeringChild(alike(phase2Sa(withValue(OFFER_2, 5, 1)), phase2Sa())) },
  },
  'groups-mixed': {
    'another first': {
      config: { mode: 'aggressive' },
      says: (peer) => peer.aggressiveMode(phase1Sa(withValue(OFFER_1, 4, 5), OFFER_1)),
    },
  },
  'lifetime-changed': {
    'none, in phase 1': {
      says: (peer) => {
        peer.endpoint.initiate(peer.now, 'R2');
        const none = altered((all) => all.filter(({ type }) => type !== 11 && type !== 12));
        return peer.answerMainMode({ 2: (payloads) => payloads.map(none) });
      },
    },
    'a shorter one, in phase 2': { says: answering(altered((all) => withValue(all, 2, 1200))) },
  },
  'lifetime-zero': mapped({ 'of two octets': 0, 'of eight octets': new Uint8Array(8) }, (value) => ({
    says: offering(phase1Sa(withValue(OFFER_1, 12, value))),
  })),
  'lifetime-raised': { 'ten seconds': { says: offering(phase1Sa(withValue(OFFER_1, 12, 10))) } },
  'pfs-unasked': {
    'group 2': {
      says: (peer) => {
        const ke: Payload = { kind: 'ke', data: peer.publicValue() };
        return offeringChild(phase2Sa([...OFFER_2, { type: 3, value: 2 }]), ke)(peer);
      },
    },
  },
  'addresses-respelled': {
    'a subnet as a range': { says: meaning(ipv4RangeId('10.1.12.0', '10.1.12.255'), OTHER) },
    'a host as a subnet': {
      child: { localIdentity: ipv4AddressId('10.1.56.5') },
      says: meaning(NET, ipv4SubnetId('10.1.56.5/32')),
    },
  },
  'identities-narrowed': {
    'a part of a subnet': { says: meaning(ipv4SubnetId('10.1.12.64/26'), OTHER) },
    'one protocol': { says: meaning(ipv4SubnetId('10.1.12.0/24', { protocol: 6, port: 80 }), OTHER) },
  },
  'name-case': {
    'a domain name': { config: { remoteIdentity: fqdnId('vpn.example.org') }, says: named(fqdnId('VPN.Example.org')) },
  },
  'private-identity': {
    'behind a NAT': { config: { natTraversal: 'auto' }, says: named(ipv4AddressId('192.168.1.7'), BEHIND_NAT) },
  },
  'name-for-address': {
    'behind a NAT, as of Windows': {
      config: { natTraversal: 'auto' },
      child: TRANSPORT,
      says: (peer) => {
        peer.mainMode(BEHIND_NAT);
        const ids = [fqdnId('PC-1.example.org', L2TP), ipv4AddressId(R3.address, L2TP)];
        return peer.quick(peer.quickOffer({ sa: phase2Sa(withValue(OFFER_2, 4, 4)), ids })) !== undefined;
      },
    },
  },
  'port-returned': {
    any: {
      child: TRANSPORT,
      says: answering((payload, n) => (payload.kind === 'id' && n === 3 ? { ...payload, port: 0 } : payload)),
    },
  },
  'fourth-quick-message': {
    CONNECTED: {
      says: (peer) => {
        peer.answerQuick(offered(peer));
        const [third] = peer.last.replies;
        const connected = notification(NOTIFY.CONNECTED, { protocol: PROTOCOL_ID.esp, spi: SPI });
        return third !== undefined && peer.conclude(third, 'quick', connected).result.ok;
      },
    },
  },
  'delete-of-receivers-spi': {
    'of a child': {
      says: informing(({ endpoint }) => {
        const own = new Uint8Array(4);
        writeU32(own, 0, endpoint.children()[0]?.inbound ?? 0);
        return { kind: 'delete', doi: DOI_IPSEC, protocol: PROTOCOL_ID.esp, spiOctets: 4, spis: [own] };
      }, hasNoChild),
    },
  },
  'refusal-of-unknown-spi': {
    'of the one Quick Mode there is': {
      says: (peer) => {
        offered(peer);
        peer.inform(notification(NOTIFY['NO-PROPOSAL-CHOSEN'], { protocol: 3, spi: fromHex('deadbeef') }));
        return peer.kinds.includes('child-failed');
      },
    },
  },
  'identity-port': mapped({ 'port 0': 0, 'port 4500': 4500 }, (port) => ({
    says: named(ipv4AddressId(R2.address, { protocol: 17, port })),
  })),
  'probe-spi': mapped(SPIS, (spiOf) => ({
    says: (peer) => established(peer).inform(probe(spiOf(peer), 1)).replies.length === 1,
  })),
  'probe-sequence': mapped({ 'a lower number': 1, 'the same number': 7 }, (number) => ({
    says: (peer) => {
      established(peer).inform(probe(peer.spi, 7));
      return peer.inform(probe(peer.spi, number)).replies.length === 1;
    },
  })),
  'initial-contact-spi': {
    ...mapped(SPIS, (spiOf) => ({
      says: (peer) => {
        established(peer).pass(1000);
        peer.mainMode();
        peer.inform(greeting(spiOf(peer)));
        return isNew(peer);
      },
    })),
    'no SPI, in phase 1': {
      says: (peer) => {
        established(peer).pass(1000);
        peer.mainMode(beside(5, () => [greeting(new Uint8Array(0))]));
        return isNew(peer);
      },
    },
  },
  'invalid-spi-in-data': {
    'in the data': {
      says: informing(
        () => notification(NOTIFY['INVALID-SPI'], { protocol: 3, data: SPI }),
        ({ endpoint }) => endpoint.children().every(({ outbound }) => outbound !== Number.parseInt(toHex(SPI), 16)),
      ),
    },
  },
  'delete-doi': {
    'of the DOI 0': {
      says: informing(() => ({ kind: 'delete', doi: 0, protocol: 3, spiOctets: 4, spis: [SPI] }), hasNoChild),
    },
  },
  'password-nuls': {
    'one NUL': {
      ...XAUTH_GATEWAY,
      says: replying(user(fromAscii('alice'), fromHex('616200')), ({ password }) => password?.length === 2),
    },
  },
  'text-not-ascii': {
    'the name of a user in UTF-8': {
      ...XAUTH_GATEWAY,
      says: replying(user(fromHex('7ac3ab'), fromAscii('x')), ({ userName }) => userName === 'zë'),
    },
    'the name of a user in Latin-1': {
      ...XAUTH_GATEWAY,
      says: replying(user(fromHex('7aeb'), fromAscii('x')), ({ userName }) => userName === 'zë'),
    },
  },
  'prefix-behind-address': {
    'of a wish': {
      ...GATEWAY,
      says: asking(
        [{ type: CONFIGURATION_ATTRIBUTE.ip6Address, value: concat(WISH, Uint8Array.of(128)) }],
        0,
        ({ endpoint }) => {
          const question = endpoint.pollQuestion();
          return question?.kind === 'lease' && question.wishes.includes('2001:db8::7');
        },
      ),
    },
  },
  'zeros-behind-attributes': {
    'one of them': { ...GATEWAY, says: asking([IPV4], 1, isAsked) },
    'three of them': { ...GATEWAY, says: asking([IPV4], 3, isAsked) },
  },
  'transactions-under-one-id': {
    'a second request': {
      ...GATEWAY,
      says: asking([IPV4], 0, (peer) => {
        const { id } = peer.endpoint.pollQuestion() ?? { id: 0 };
        peer.endpoint.answer(peer.now, id, { kind: 'lease', lease: { addresses: ['10.1.99.7'] } });
        const [reply] = peer.configurations(peer.drain());
        peer.transact(CONFIGURATION_TYPE.request, [IPV4], reply?.messageId);
        return peer.last.replies.length === 1;
      }),
    },
  },
};

/** Every form of every name. */
export const GRID: readonly (Manner & { readonly tolerance: Tolerance; readonly form: string })[] = TOLERANCES.flatMap(
  (tolerance) => Object.entries(MANNERS[tolerance]).map(([form, manner]) => ({ ...manner, tolerance, form })),
);
