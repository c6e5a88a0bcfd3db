import { type CbcCipher, createCbc, type DhKeyPair, espSuite } from '@espalier/crypto';
import {
  type ChildPolicy,
  type HandleResult,
  hash1,
  hash2,
  hash3,
  hashI,
  hashR,
  IkeEndpoint,
  type IkeEvent,
  type PeerConfig,
  type Phase1Secrets,
  phase1Iv,
  phase1Key,
  phase1Secrets,
  phase2Iv,
  skeyidOfPreSharedKey,
} from '@espalier/ike';
import {
  type Attribute,
  type ConfigurationPayload,
  concat,
  type DecodedPayload,
  DOI_IPSEC,
  decodeHeader,
  decodeMessage,
  decodePayloads,
  EXCHANGE,
  encodeHeader,
  encodeMessage,
  encodePayloadBody,
  encodePayloads,
  FLAG,
  fromAscii,
  fromHex,
  type Identification,
  type Instant,
  instant,
  ipv4AddressId,
  type NotificationPayload,
  type Payload,
  PROTOCOL_ID,
  type SaPayload,
  SITUATION,
  seconds,
  VENDOR_ID,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import { only } from '../../src/exchange/rules.ts';
import { cheapEngine } from './cheap-engine.ts';
import { childPolicy, peerConfig, R2, R3, START } from './pair.ts';

const KEY = fromAscii('juniper');
const HASH = 'sha1';
const GROUP = 2;
const BLOCK = 16;

const SUITE = espSuite('aes-128-cbc/hmac-sha1-96');

/** What the product is configured with: one proposal of phase 1, one suite. */
export const AES: PeerConfig['proposals'][number] = {
  encryption: 'aes-cbc',
  keyOctets: 16,
  hash: HASH,
  group: GROUP,
  authentication: 'pre-shared-key',
};
export const OFFER_1: readonly Attribute[] = [
  { type: 1, value: 7 },
  { type: 14, value: 128 },
  { type: 2, value: 2 },
  { type: 4, value: GROUP },
  { type: 3, value: 1 },
  { type: 11, value: 1 },
  { type: 12, value: 3600 },
];
export const OFFER_2: readonly Attribute[] = [
  { type: 6, value: 128 },
  { type: 5, value: 2 },
  { type: 4, value: 1 },
  { type: 1, value: 1 },
  { type: 2, value: 3600 },
];
export const SPI: Uint8Array = fromHex('c0ffee01');

export function phase1Sa(...transforms: readonly (readonly Attribute[])[]): SaPayload {
  return saOf([
    { number: 1, protocol: PROTOCOL_ID.isakmp, spi: new Uint8Array(0), transforms: numbered(1, transforms) },
  ]);
}

export function phase2Sa(attributes: readonly Attribute[] = OFFER_2, spi: Uint8Array = SPI): SaPayload {
  return saOf([{ number: 1, protocol: PROTOCOL_ID.esp, spi, transforms: numbered(12, [attributes]) }]);
}

export function saOf(proposals: SaPayload['proposals']): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals };
}

function numbered(
  id: number,
  transforms: readonly (readonly Attribute[])[],
): SaPayload['proposals'][number]['transforms'] {
  return transforms.map((attributes, i) => ({ number: i + 1, id, attributes }));
}

export function notification(
  notifyType: number,
  {
    protocol = PROTOCOL_ID.isakmp,
    spi = new Uint8Array(0),
    data = new Uint8Array(0),
  }: Partial<NotificationPayload> = {},
): NotificationPayload {
  return { kind: 'notification', doi: DOI_IPSEC, protocol, notifyType, spi, data };
}

/** Changes the payloads of a message before it is sent. */
type Edit = (payloads: readonly Payload[], peer: HandMadePeer) => readonly Payload[];
export type Edits = Readonly<Record<number, Edit>>;

/** What NAT-D of nobody's address looks like. */
const natD = (octet: number): Payload => ({ kind: 'nat-d', type: 20, hash: new Uint8Array(20).fill(octet) });

/** A peer behind a NAT in Main Mode (RFC 3947 §3, §4). */
export const BEHIND_NAT: Edits = {
  1: (payloads) => [...payloads, { kind: 'vendor-id', data: fromHex(VENDOR_ID.natTraversal) }],
  3: (payloads) => [...payloads, natD(1), natD(2)],
  5: (payloads, peer) => {
    peer.isFloated = true;
    return payloads;
  },
};

interface Sent {
  readonly result: HandleResult;
  readonly replies: readonly Uint8Array[];
}

interface Phase1Keys {
  readonly secrets: Phase1Secrets;
  readonly skeyid: Uint8Array;
  readonly cipher: CbcCipher;
  readonly iv: Uint8Array;
}

/**
 * A peer in the place of R2, made by hand of the codecs and the formulas of RFC 2409, that can say anything; R3 is the real
 * thing, with one child, for AES and SHA1.
 */
export class HandMadePeer {
  readonly endpoint: IkeEndpoint;
  readonly events: IkeEvent[] = [];
  readonly rng = seededRng(5);
  now: Instant = START;
  cookieI: Uint8Array = new Uint8Array(8);
  cookieR: Uint8Array = new Uint8Array(8);
  /** What came of the last message. */
  last: Sent = { result: { ok: true }, replies: [] };
  /** Whether it speaks between ports 4500. */
  isFloated = false;
  /** Written behind the octets of a message. */
  behind: Uint8Array = new Uint8Array(0);
  #keys: Phase1Keys | undefined;
  #lastBlock: Uint8Array = new Uint8Array(0);
  #messageId = 0x1000;
  readonly #engine = cheapEngine();
  readonly #ivs = new Map<number, Uint8Array>();
  #niB: Uint8Array = new Uint8Array(0);
  #nrB: Uint8Array = new Uint8Array(0);

  constructor(changes: Partial<PeerConfig> = {}, child: Partial<ChildPolicy> = {}) {
    const peer = peerConfig('R3', {
      proposals: [AES],
      natTraversal: 'off',
      lifetime: seconds(3600),
      children: [childPolicy('R3', { suites: [SUITE], lifetime: seconds(3600), ...child })],
      ...changes,
    });
    this.endpoint = new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(99), peers: [peer] });
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  get tolerated(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === 'tolerated' ? [event.tolerance] : []));
  }

  /** Cookies as a notification of the IKE SA has them. */
  get spi(): Uint8Array {
    return concat(this.cookieI, this.cookieR);
  }

  get keys(): Phase1Keys {
    if (this.#keys === undefined) throw new Error('there are no keys yet');
    return this.#keys;
  }

  readonly suites = [SUITE];

  publicValue(): Uint8Array {
    return this.#engine.createDhKeyPair(GROUP, this.rng).publicValue;
  }

  random(octets: number): Uint8Array {
    const out = new Uint8Array(octets);
    this.rng.fill(out);
    return out;
  }

  pass(milliseconds: number): readonly Uint8Array[] {
    this.now = instant(this.now + milliseconds);
    const replies: Uint8Array[] = [];
    for (let next = this.endpoint.pollTimeout(); next !== undefined && next.at <= this.now; ) {
      this.endpoint.handleTimeout(next.at);
      replies.push(...this.drain());
      next = this.endpoint.pollTimeout();
    }
    return replies;
  }

  send(octets: Uint8Array): Sent {
    const [from, to] = this.isFloated ? [R2, R3].map(({ address }) => ({ address, port: 4500 })) : [R2, R3];
    if (from === undefined || to === undefined) throw new Error('there are two ends');
    const marker = new Uint8Array(this.isFloated ? 4 : 0);
    const result = this.endpoint.handleDatagram(this.now, from, to, concat(marker, octets, this.behind));
    this.last = { result, replies: this.drain() };
    return this.last;
  }

  drain(): readonly Uint8Array[] {
    for (let event = this.endpoint.pollEvent(); event; event = this.endpoint.pollEvent()) this.events.push(event);
    const replies: Uint8Array[] = [];
    for (let next = this.endpoint.pollTransmit(); next; next = this.endpoint.pollTransmit()) {
      replies.push(next.octets.subarray(next.source.port === 4500 ? 4 : 0));
    }
    return replies;
  }

  clear(exchange: number, payloads: readonly Payload[], messageId = 0): Uint8Array {
    const fields = { initiatorCookie: this.cookieI, responderCookie: this.cookieR, exchange, flags: 0, messageId };
    return encodeMessage(fields, payloads);
  }

  /** Main Mode as initiator: whether it came to an SA. */
  mainMode(
    edits: Edits = {},
    sa: SaPayload = phase1Sa(OFFER_1),
    identity: Identification = ipv4AddressId(R2.address),
  ): boolean {
    const edited = (n: number, payloads: readonly Payload[]) => edits[n]?.(payloads, this) ?? payloads;
    this.cookieI = this.random(8);
    this.cookieR = new Uint8Array(8);
    const second = this.#answer(this.clear(EXCHANGE.main, edited(1, [sa])));
    if (second === undefined) return false;
    this.cookieR = decodeHeader(second).responderCookie.slice();
    const dh = this.#engine.createDhKeyPair(GROUP, this.rng);
    const niB = this.random(16);
    const third: readonly Payload[] = [
      { kind: 'ke', data: dh.publicValue },
      { kind: 'nonce', data: niB },
    ];
    const fourth = this.#answer(this.clear(EXCHANGE.main, edited(3, third)));
    if (fourth === undefined) return false;
    const { gxr, nrB } = exchanged(decodeMessage(fourth).payloads);
    const keys = this.#derive(dh, { gxi: dh.publicValue, gxr, niB, nrB, theirs: gxr });
    const transcript = {
      gxi: dh.publicValue,
      gxr,
      cookieI: this.cookieI,
      cookieR: this.cookieR,
      saiB: encodePayloadBody(sa),
    };
    const id: Payload = { kind: 'id', ...identity };
    const data = hashI(HASH, keys.skeyid, transcript, encodePayloadBody(id));
    const fifth = this.seal(EXCHANGE.main, 0, keys.iv, edited(5, [id, { kind: 'hash', data }]));
    const sixth = this.#answer(fifth.octets);
    if (sixth === undefined) return false;
    this.#lastBlock = sixth.slice(-BLOCK);
    return true;
  }

  /** Aggressive Mode as initiator: whether it came to an SA. */
  aggressiveMode(sa: SaPayload): boolean {
    this.cookieI = this.random(8);
    this.cookieR = new Uint8Array(8);
    const dh = this.#engine.createDhKeyPair(GROUP, this.rng);
    const niB = this.random(16);
    const id: Payload = { kind: 'id', ...ipv4AddressId(R2.address) };
    const first: readonly Payload[] = [sa, { kind: 'ke', data: dh.publicValue }, { kind: 'nonce', data: niB }, id];
    const [second] = this.send(this.clear(EXCHANGE.aggressive, first)).replies;
    if (second === undefined || decodeHeader(second).exchange !== EXCHANGE.aggressive) return false;
    const { cookieI } = this;
    const cookieR = decodeHeader(second).responderCookie.slice();
    this.cookieR = cookieR;
    const { gxr, nrB } = exchanged(decodeMessage(second).payloads);
    const keys = this.#derive(dh, { gxi: dh.publicValue, gxr, niB, nrB, theirs: gxr });
    const transcript = { gxi: dh.publicValue, gxr, cookieI, cookieR, saiB: encodePayloadBody(sa) };
    const data = hashI(HASH, keys.skeyid, transcript, encodePayloadBody(id));
    const third = this.seal(EXCHANGE.aggressive, 0, keys.iv, [{ kind: 'hash', data }]);
    this.#lastBlock = third.next;
    return this.send(third.octets).result.ok;
  }

  /** Main Mode as responder to what the product sends: whether it came to an SA. `choose`: the SA payload of message 2. */
  answerMainMode(edits: Edits = {}, choose: (offer: SaPayload) => SaPayload = (offer) => offer): boolean {
    const edited = (n: number, payloads: readonly Payload[]) => edits[n]?.(payloads, this) ?? payloads;
    const [first] = this.drain();
    if (first === undefined) throw new Error('nothing was sent');
    this.cookieI = decodeHeader(first).initiatorCookie.slice();
    this.cookieR = this.random(8);
    const offer = only(decodeMessage(first).payloads, 'sa');
    const saiB = offer.body.slice();
    const third = this.#answer(this.clear(EXCHANGE.main, edited(2, [choose(saOf(offer.proposals))])));
    if (third === undefined) return false;
    const { gxr: gxi, nrB: niB } = exchanged(decodeMessage(third).payloads);
    const dh = this.#engine.createDhKeyPair(GROUP, this.rng);
    const nrB = this.random(16);
    const fourth: readonly Payload[] = [
      { kind: 'ke', data: dh.publicValue },
      { kind: 'nonce', data: nrB },
    ];
    const fifth = this.#answer(this.clear(EXCHANGE.main, edited(4, fourth)));
    if (fifth === undefined) return false;
    const keys = this.#derive(dh, { gxi, gxr: dh.publicValue, niB, nrB, theirs: gxi });
    const transcript = { gxi, gxr: dh.publicValue, cookieI: this.cookieI, cookieR: this.cookieR, saiB };
    const id: Payload = { kind: 'id', ...ipv4AddressId(R2.address) };
    const data = hashR(HASH, keys.skeyid, transcript, encodePayloadBody(id));
    const sixth = this.seal(EXCHANGE.main, 0, fifth.slice(-BLOCK), edited(6, [id, { kind: 'hash', data }]));
    this.#lastBlock = sixth.next;
    return this.send(sixth.octets).result.ok;
  }

  /** A protected Informational exchange. */
  inform(...payloads: readonly Payload[]): Sent {
    const messageId = ++this.#messageId;
    return this.send(this.#hashed(EXCHANGE.informational, messageId, this.#ivOf(messageId), payloads).octets);
  }

  /** Message 1 of a Quick Mode, to be sent. */
  sealQuick(rest: readonly Payload[], messageId = 0x2001): Uint8Array {
    return this.#hashed(EXCHANGE.quick, messageId, this.#ivOf(messageId), rest).octets;
  }

  /** Quick Mode as initiator up to message 2: its payloads, where it came. */
  quick(rest: readonly Payload[], messageId = 0x2001): readonly DecodedPayload[] | undefined {
    this.#niB = rest.flatMap((payload) => (payload.kind === 'nonce' ? [payload.data] : []))[0] ?? new Uint8Array(0);
    const sealed = this.#hashed(EXCHANGE.quick, messageId, this.#ivOf(messageId), rest);
    const { replies } = this.send(sealed.octets);
    const second = replies.find((reply) => decodeHeader(reply).messageId === messageId);
    if (second === undefined || decodeHeader(second).exchange !== EXCHANGE.quick) return undefined;
    const opened = this.open(second, sealed.next);
    this.#ivs.set(messageId, second.slice(-BLOCK));
    this.#nrB = only(opened, 'nonce').data.slice();
    return opened;
  }

  /** What message 1 of a Quick Mode holds; identities of the policy's unless others are given. */
  quickOffer({
    sa = phase2Sa(),
    ids,
  }: {
    readonly sa?: SaPayload;
    readonly ids?: readonly Identification[];
  } = {}): readonly Payload[] {
    const { localIdentity, remoteIdentity } = childPolicy('R2');
    const both =
      ids ?? [localIdentity, remoteIdentity].map((id) => (typeof id === 'string' || 'within' in id ? undefined : id));
    const identities = both.flatMap((id) => (id === undefined ? [] : [{ kind: 'id', ...id } as const]));
    return [sa, { kind: 'nonce', data: this.random(16) }, ...identities];
  }

  /** Message 3 of Quick Mode, with more behind its hash. */
  quickConfirm(messageId = 0x2001, ...extra: readonly Payload[]): Sent {
    const { secrets } = this.keys;
    const data = hash3(HASH, secrets.a, messageId, this.#niB, this.#nrB);
    const sealed = this.seal(EXCHANGE.quick, messageId, this.#ivOf(messageId), [{ kind: 'hash', data }, ...extra]);
    this.#ivs.set(messageId, sealed.next);
    return this.send(sealed.octets);
  }

  /** Answers message 1 of a Quick Mode of the product's; `flags`: beside the one of encryption. */
  answerQuick(
    first: Uint8Array,
    edit: (payloads: readonly Payload[], asked: readonly DecodedPayload[]) => readonly Payload[] = (all) => all,
    flags: number = 0,
  ): Sent {
    const { messageId } = decodeHeader(first);
    const opened = this.open(first, this.#ivOf(messageId));
    const [offered] = only(opened, 'sa').proposals;
    if (offered === undefined) throw new Error('nothing was offered');
    this.#niB = only(opened, 'nonce').data;
    this.#nrB = this.random(16);
    const ids = opened.flatMap((payload) => {
      if (payload.kind !== 'id') return [];
      const { kind, idType, protocol, port, data } = payload;
      return [{ kind, idType, protocol, port, data }];
    });
    const sa = saOf([{ ...offered, spi: SPI, transforms: offered.transforms.slice(0, 1) }]);
    const rest = edit([sa, { kind: 'nonce', data: this.#nrB }, ...ids], opened);
    const data = hash2(HASH, this.keys.secrets.a, messageId, this.#niB, encodePayloads(rest).octets);
    const sealed = this.seal(EXCHANGE.quick, messageId, first.slice(-BLOCK), [{ kind: 'hash', data }, ...rest], flags);
    return this.send(sealed.octets);
  }

  /** Says something behind message 3 of a Quick Mode of the product's, in a fourth, or in an exchange of its message ID. */
  conclude(third: Uint8Array, exchange: 'quick' | 'informational', ...payloads: readonly Payload[]): Sent {
    return this.send(this.concluding(third, exchange, payloads));
  }

  concluding(third: Uint8Array, exchange: 'quick' | 'informational', payloads: readonly Payload[]): Uint8Array {
    const { messageId } = decodeHeader(third);
    const iv = exchange === 'quick' ? third.slice(-BLOCK) : this.#ivOf(messageId);
    const data = hash1(HASH, this.keys.secrets.a, messageId, encodePayloads(payloads).octets);
    return this.seal(EXCHANGE[exchange], messageId, iv, [{ kind: 'hash', data }, ...payloads]).octets;
  }

  open(message: Uint8Array, iv: Uint8Array): readonly DecodedPayload[] {
    const { nextPayload } = decodeHeader(message);
    return decodePayloads(nextPayload, this.keys.cipher.decrypt(iv, message.subarray(28))).payloads;
  }

  /** Opens an Informational exchange of the product's. */
  openInformational(message: Uint8Array): readonly DecodedPayload[] {
    return this.open(message, this.#ivOf(decodeHeader(message).messageId));
  }

  /** Sends `HDR*, HASH, ATTR`; under a message ID that was used before its chain goes on. */
  transact(
    type: number,
    attributes: readonly Attribute[],
    messageId: number = ++this.#messageId,
    padding: number = 0,
  ): Sent {
    const payload = { kind: 'configuration', type, identifier: 7, attributes, padding } as const;
    const sealed = this.#hashed(EXCHANGE.transaction, messageId, this.#ivOf(messageId), [payload]);
    this.#ivs.set(messageId, sealed.next);
    return this.send(sealed.octets);
  }

  /** The ATTR payloads among messages of the product's, with their message IDs, opened along their chains. */
  configurations(messages: readonly Uint8Array[]): readonly (ConfigurationPayload & { readonly messageId: number })[] {
    return messages.flatMap((message) => {
      const { exchange, messageId } = decodeHeader(message);
      if (exchange !== EXCHANGE.transaction) return [];
      const payload = only(this.open(message, this.#ivOf(messageId)), 'configuration');
      this.#ivs.set(messageId, message.slice(-BLOCK));
      return [{ ...payload, messageId }];
    });
  }

  seal(
    exchange: number,
    messageId: number,
    iv: Uint8Array,
    payloads: readonly Payload[],
    flags: number = 0,
  ): { readonly octets: Uint8Array; readonly next: Uint8Array } {
    const { firstType, octets } = encodePayloads(payloads);
    const body = this.keys.cipher.encrypt(iv, concat(octets, new Uint8Array(-octets.length & (BLOCK - 1))));
    const fields = { initiatorCookie: this.cookieI, responderCookie: this.cookieR, exchange, messageId };
    const header = encodeHeader({ ...fields, flags: FLAG.encryption | flags }, firstType, body.length);
    return { octets: concat(header, body), next: body.slice(-BLOCK) };
  }

  #hashed(
    exchange: number,
    messageId: number,
    iv: Uint8Array,
    rest: readonly Payload[],
  ): ReturnType<HandMadePeer['seal']> {
    const data = hash1(HASH, this.keys.secrets.a, messageId, encodePayloads(rest).octets);
    return this.seal(exchange, messageId, iv, [{ kind: 'hash', data }, ...rest]);
  }

  #ivOf(messageId: number): Uint8Array {
    return this.#ivs.get(messageId) ?? phase2Iv(HASH, this.#lastBlock, messageId, BLOCK);
  }

  #answer(octets: Uint8Array): Uint8Array | undefined {
    const [reply] = this.send(octets).replies;
    return reply !== undefined && decodeHeader(reply).exchange === EXCHANGE.main ? reply : undefined;
  }

  #derive(
    dh: DhKeyPair,
    of: {
      readonly gxi: Uint8Array;
      readonly gxr: Uint8Array;
      readonly niB: Uint8Array;
      readonly nrB: Uint8Array;
      readonly theirs: Uint8Array;
    },
  ): Phase1Keys {
    const gxy = dh.agree(of.theirs);
    if (gxy === undefined) throw new Error('no public value');
    const skeyid = skeyidOfPreSharedKey(HASH, KEY, of.niB, of.nrB);
    const secrets = phase1Secrets(HASH, skeyid, gxy, this.cookieI, this.cookieR);
    const cipher = createCbc('aes-cbc', phase1Key(HASH, secrets.e, 16));
    this.#keys = { secrets, skeyid, cipher, iv: phase1Iv(HASH, of.gxi, of.gxr, BLOCK) };
    return this.#keys;
  }
}

function exchanged(payloads: readonly DecodedPayload[]): { readonly gxr: Uint8Array; readonly nrB: Uint8Array } {
  return { gxr: only(payloads, 'ke').data.slice(), nrB: only(payloads, 'nonce').data.slice() };
}
