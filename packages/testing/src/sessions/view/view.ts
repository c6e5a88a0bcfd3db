import { type CbcCipher, createCbc, type HashName, type PrfName } from '@espalier/crypto';
import { hash1, hash2, hash3, hashI, hashR, phase1Iv, phase2Iv } from '@espalier/ike';
import {
  concat,
  DecodeError,
  decodeHeader,
  EXCHANGE,
  equalOctets,
  FLAG,
  ISAKMP_HEADER_OCTETS,
  type IsakmpHeader,
  NON_ESP_MARKER_OCTETS,
  PAYLOAD,
  toHex,
  writeU32,
} from '@espalier/wire';
import type { Side } from '../specification.ts';
import type { IkeSaKeys, KeyBook } from './key-book.ts';
import { type RawChain, type RawPayload, readRawChain, writeRawChain } from './raw-chain.ts';

/** One ISAKMP message, opened with what one end knows. */
export interface OpenedMessage {
  /** The non-ESP marker, or nothing (RFC 3948 §2.2). */
  readonly marker: Uint8Array;
  /** The 28 octets of the header, as they came. */
  readonly head: Uint8Array;
  readonly header: IsakmpHeader;
  readonly isEncrypted: boolean;
  /** Which message of its exchange it is, from 1. */
  readonly ordinal: number;
  /** Payloads, and behind them the padding. */
  readonly chain: RawChain;
}

/** What a sealed message is given besides. */
export interface Sealing {
  /** 'right': HASH, or the signature, as the payloads are now; 'stale': as they are. */
  readonly hash: 'right' | 'stale';
  /** Blocks of zeros behind what the cipher needs. Default 0. */
  readonly blocksBehind?: number;
}

/** What one phase 2 exchange has come to. */
interface Exchange {
  iv: Uint8Array;
  messages: number;
  niB: Uint8Array;
  nrB: Uint8Array;
}

/** What has been said in one IKE SA. */
interface Said {
  initiator: Side;
  gxi: Uint8Array;
  gxr: Uint8Array;
  saiB: Uint8Array;
  idiiB: Uint8Array;
  idirB: Uint8Array;
  /** Of the next message of phase 1; in the end, of what phase 2 begins with. */
  iv: Uint8Array | undefined;
  /** What `iv` was before: of encrypted messages of phase 1, which may come again. */
  readonly ivsBefore: (Uint8Array | undefined)[];
  /** Of phase 1. */
  messages: number;
  readonly exchanges: Map<number, Exchange>;
}

const NONE = new Uint8Array(0);
const LENGTH_AT = 24;
const NEXT_PAYLOAD_AT = 16;

/**
 * The messages of a session as one of its ends sees them: what it has sent, and what has arrived there. With the end's keys
 * it opens and seals whatever comes next, along the chains of IVs that this end follows (RFC 2409 Appendix B).
 */
export class View {
  readonly #keys: KeyBook;
  readonly #others: KeyBook;
  readonly #sign: (by: Side, hash: Uint8Array) => Uint8Array | undefined;
  /** By both cookies. */
  readonly #sas = new Map<string, Said>();
  /** By the initiator's: first messages, each of which an SA follows from, in their order. */
  readonly #firsts = new Map<string, Said[]>();
  readonly #ciphers = new Map<IkeSaKeys, CbcCipher>();

  /**
   * @param others Of the other end, which may have keys before this one: a responder of Aggressive Mode makes its own when
   * message 3 is there.
   * @param sign In whose name, and of what.
   */
  constructor(
    keys: KeyBook,
    others: KeyBook = keys,
    sign: (by: Side, hash: Uint8Array) => Uint8Array | undefined = () => undefined,
  ) {
    this.#keys = keys;
    this.#others = others;
    this.#sign = sign;
  }

  /** Undefined for what is no ISAKMP message of one datagram, is a fragment of one, or cannot be opened. */
  open(datagram: Uint8Array): OpenedMessage | undefined {
    return this.#open(datagram, (header, cipher) => this.#iv(header, cipher));
  }

  /** An encrypted message of phase 1 in all the places where one of them was already: it may be one that comes again. */
  openAgain(datagram: Uint8Array): readonly OpenedMessage[] {
    const header = headerOf(datagram.slice(markerOctetsOf(datagram)));
    if (header === undefined || header.messageId !== 0) return [];
    const before = this.#find(header)?.ivsBefore ?? [];
    return before.flatMap((iv) => this.#open(datagram, (_, cipher) => iv ?? this.#firstIv(header, cipher)) ?? []);
  }

  #open(
    datagram: Uint8Array,
    ivOf: (header: IsakmpHeader, cipher: CbcCipher) => Uint8Array | undefined,
  ): OpenedMessage | undefined {
    const marker = datagram.slice(0, markerOctetsOf(datagram));
    const message = datagram.slice(marker.length);
    const header = headerOf(message);
    if (header === undefined || header.length !== message.length) return undefined;
    if (header.nextPayload === PAYLOAD.fragment) return undefined;
    const head = message.slice(0, ISAKMP_HEADER_OCTETS);
    const body = message.subarray(ISAKMP_HEADER_OCTETS);
    const ordinal = this.#ordinal(header);
    if ((header.flags & FLAG.encryption) === 0) {
      return { marker, head, header, isEncrypted: false, ordinal, chain: readRawChain(header.nextPayload, body) };
    }
    const cipher = this.#cipher(header);
    const iv = cipher === undefined ? undefined : ivOf(header, cipher);
    if (cipher === undefined || iv === undefined || body.length % cipher.blockOctets !== 0) return undefined;
    const chain = readRawChain(header.nextPayload, cipher.decrypt(iv, body));
    return { marker, head, header, isEncrypted: true, ordinal, chain };
  }

  /**
   * Whether HASH, or the signature, is there and right for what the message holds: nothing encrypted may be taken otherwise
   * (RFC 2409 §5). A signature is right where it is the one that `sign` gives.
   */
  isProved(by: Side, { header, chain }: OpenedMessage): boolean {
    const { payloads } = chain;
    const isProof = ({ type }: RawPayload): boolean => type === PAYLOAD.hash || type === PAYLOAD.signature;
    const at = header.messageId === 0 ? payloads.findIndex(isProof) : 0;
    const [sent, right] = [payloads[at], this.#withRightHash(by, header, payloads)[at]];
    return sent !== undefined && right !== undefined && isProof(sent) && equalOctets(sent.body, right.body);
  }

  /** The datagram of a message, under this end's keys. `by`: who sends it. Undefined where there are none. */
  seal(by: Side, message: OpenedMessage, { hash, blocksBehind = 0 }: Sealing): Uint8Array | undefined {
    const { marker, head, header, isEncrypted, chain } = message;
    const payloads = hash === 'right' ? this.#withRightHash(by, header, chain.payloads) : chain.payloads;
    const { octets } = writeRawChain(payloads);
    // Of what begins with no payload, what the header said that there is.
    const firstType = payloads[0]?.type ?? (chain.rest.length > 0 ? header.nextPayload : 0);
    if (!isEncrypted) return concat(marker, headed(head, firstType, concat(octets, chain.rest)));
    const cipher = this.#cipher(header);
    const iv = cipher === undefined ? undefined : this.#iv(header, cipher);
    if (cipher === undefined || iv === undefined) return undefined;
    const { blockOctets } = cipher;
    const behind = new Uint8Array(blocksBehind * blockOctets);
    const plain = concat(padded(octets, chain.rest, blockOctets), behind);
    return concat(marker, headed(head, firstType, plain.length === 0 ? plain : cipher.encrypt(iv, plain)));
  }

  /** A message went by at this end: sent, or taken. Later ones are opened and sealed as they follow it. */
  learn(by: Side, datagram: Uint8Array, { marker, header, isEncrypted, chain }: OpenedMessage): void {
    const sa = this.#adopt(header, by);
    const last = datagram.slice(datagram.length - (this.#cipher(header)?.blockOctets ?? 0));
    if (header.messageId === 0) {
      this.#learnPhase1(sa, by, chain);
      sa.messages++;
      if (!isEncrypted || datagram.length <= marker.length + ISAKMP_HEADER_OCTETS) return;
      sa.ivsBefore.push(sa.iv);
      sa.iv = last;
      return;
    }
    const exchange = this.#exchange(header);
    if (exchange === undefined || !isEncrypted) return;
    const nonce = bodyOf(chain, PAYLOAD.nonce);
    if (nonce !== undefined && exchange.messages === 0) exchange.niB = nonce;
    else if (nonce !== undefined && exchange.messages === 1) exchange.nrB = nonce;
    exchange.messages++;
    exchange.iv = last;
  }

  #learnPhase1(sa: Said, by: Side, chain: RawChain): void {
    const isInitiator = by === sa.initiator;
    const ke = bodyOf(chain, PAYLOAD.ke);
    if (ke !== undefined && isInitiator) sa.gxi = ke;
    else if (ke !== undefined) sa.gxr = ke;
    const id = bodyOf(chain, PAYLOAD.id);
    if (id !== undefined && isInitiator) sa.idiiB = id;
    else if (id !== undefined) sa.idirB = id;
    const offer = bodyOf(chain, PAYLOAD.sa);
    if (offer !== undefined && isInitiator) sa.saiB = offer;
  }

  /** As the sender would have made it (RFC 2409 §5). */
  #withRightHash(by: Side, header: IsakmpHeader, payloads: readonly RawPayload[]): readonly RawPayload[] {
    return header.messageId === 0
      ? this.#withRightProof(by, header, payloads)
      : this.#withRightPhase2Hash(header, payloads);
  }

  #withRightProof(by: Side, header: IsakmpHeader, payloads: readonly RawPayload[]): readonly RawPayload[] {
    const keys = this.#keysOf(header);
    const at = payloads.findIndex(({ type }) => type === PAYLOAD.hash || type === PAYLOAD.signature);
    const proof = payloads[at];
    if (keys === undefined || proof === undefined) return payloads;
    const { initiator, gxi, gxr, saiB, idiiB, idirB } = this.#find(header) ?? newSaid(by);
    const own = payloads.find(({ type }) => type === PAYLOAD.id)?.body;
    const isInitiator = by === initiator;
    const transcript = {
      gxi: (isInitiator ? keBody(payloads) : undefined) ?? gxi,
      gxr: (isInitiator ? undefined : keBody(payloads)) ?? gxr,
      cookieI: header.initiatorCookie,
      cookieR: header.responderCookie,
      saiB,
    };
    const name = proofHash(keys);
    const hash = isInitiator
      ? hashI(name, keys.skeyid, transcript, own ?? idiiB)
      : hashR(name, keys.skeyid, transcript, own ?? idirB);
    const body = proof.type === PAYLOAD.hash ? hash : this.#sign(by, hash);
    return body === undefined ? payloads : payloads.with(at, { ...proof, body });
  }

  #withRightPhase2Hash(header: IsakmpHeader, payloads: readonly RawPayload[]): readonly RawPayload[] {
    const keys = this.#keysOf(header);
    const exchange = this.#exchange(header);
    const [first, ...others] = payloads;
    if (keys === undefined || exchange === undefined || first?.type !== PAYLOAD.hash) return payloads;
    const { octets: rest } = writeRawChain(others);
    const { messageId } = header;
    const { messages, niB, nrB } = exchange;
    const name = prfOf(keys);
    const isQuick = header.exchange === EXCHANGE.quick;
    const body =
      isQuick && messages === 1
        ? hash2(name, keys.skeyidA, messageId, niB, rest)
        : isQuick && messages === 2
          ? hash3(name, keys.skeyidA, messageId, niB, nrB)
          : hash1(name, keys.skeyidA, messageId, rest);
    return [{ ...first, body }, ...others];
  }

  #ordinal(header: IsakmpHeader): number {
    const sa = this.#find(header);
    const before = header.messageId === 0 ? sa?.messages : sa?.exchanges.get(header.messageId)?.messages;
    return 1 + (before ?? 0);
  }

  #find(header: IsakmpHeader): Said | undefined {
    return this.#sas.get(cookiesOf(header)) ?? this.#firsts.get(toHex(header.initiatorCookie))?.[0];
  }

  /** What a message adds to: of a first one that is new, of an answer to one that it follows from. */
  #adopt(header: IsakmpHeader, by: Side): Said {
    const known = this.#sas.get(cookiesOf(header));
    if (known !== undefined) return known;
    const cookie = toHex(header.initiatorCookie);
    const firsts = this.#firsts.get(cookie) ?? [];
    this.#firsts.set(cookie, firsts);
    if (header.responderCookie.every((octet) => octet === 0)) {
      const first = newSaid(by);
      firsts.push(first);
      return first;
    }
    const [first = newSaid(by)] = firsts;
    if (firsts.length > 1 && header.messageId === 0) firsts.shift();
    const sa = { ...first, ivsBefore: [], exchanges: new Map<number, Exchange>() };
    this.#sas.set(cookiesOf(header), sa);
    return sa;
  }

  #exchange(header: IsakmpHeader): Exchange | undefined {
    const sa = this.#find(header);
    const known = sa?.exchanges.get(header.messageId);
    const cipher = this.#cipher(header);
    if (known !== undefined || sa === undefined || cipher === undefined) return known;
    const iv = this.#iv(header, cipher);
    if (iv === undefined) return undefined;
    const exchange: Exchange = { iv, messages: 0, niB: NONE, nrB: NONE };
    sa.exchanges.set(header.messageId, exchange);
    return exchange;
  }

  #iv(header: IsakmpHeader, { blockOctets }: CbcCipher): Uint8Array | undefined {
    const sa = this.#find(header);
    const keys = this.#keysOf(header);
    if (sa === undefined || keys === undefined) return undefined;
    const phase1 = sa.iv ?? phase1Iv(keys.proposal.hash, sa.gxi, sa.gxr, blockOctets);
    if (header.messageId === 0) return phase1;
    const { iv } = sa.exchanges.get(header.messageId) ?? {};
    return iv ?? phase2Iv(keys.proposal.hash, phase1, header.messageId, blockOctets);
  }

  #firstIv(header: IsakmpHeader, { blockOctets }: CbcCipher): Uint8Array | undefined {
    const [sa, keys] = [this.#find(header), this.#keysOf(header)];
    return sa && keys && phase1Iv(keys.proposal.hash, sa.gxi, sa.gxr, blockOctets);
  }

  #keysOf(header: IsakmpHeader): IkeSaKeys | undefined {
    const cookies = cookiesOf(header);
    return this.#keys.of(cookies) ?? this.#others.of(cookies);
  }

  #cipher(header: IsakmpHeader): CbcCipher | undefined {
    const keys = this.#keysOf(header);
    if (keys === undefined) return undefined;
    const known = this.#ciphers.get(keys);
    if (known !== undefined) return known;
    const cipher = createCbc(keys.proposal.encryption, keys.encryption);
    this.#ciphers.set(keys, cipher);
    return cipher;
  }
}

function newSaid(initiator: Side): Said {
  return {
    ...{ initiator, gxi: NONE, gxr: NONE, saiB: NONE, idiiB: NONE, idirB: NONE },
    ...{ iv: undefined, ivsBefore: [], messages: 0, exchanges: new Map<number, Exchange>() },
  };
}

/** Octets of a non-ESP marker in front (RFC 3948 §2.2). */
function markerOctetsOf(datagram: Uint8Array): number {
  const isMarked = datagram.length > NON_ESP_MARKER_OCTETS && datagram.subarray(0, 4).every((octet) => octet === 0);
  return isMarked ? NON_ESP_MARKER_OCTETS : 0;
}

/** The header of a message; undefined where there is none. */
export function headerOf(message: Uint8Array): IsakmpHeader | undefined {
  try {
    return decodeHeader(message);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function headed(head: Uint8Array, firstType: number, body: Uint8Array): Uint8Array {
  const message = concat(head, body);
  message[NEXT_PAYLOAD_AT] = firstType;
  writeU32(message, LENGTH_AT, message.length);
  return message;
}

/** Padded as it was, or to whole blocks and no further. */
function padded(octets: Uint8Array, rest: Uint8Array, blockOctets: number): Uint8Array {
  const whole = concat(octets, rest);
  if (whole.length % blockOctets === 0) return whole;
  const kept = rest.every((octet) => octet === 0) ? octets : whole;
  return concat(kept, new Uint8Array(-kept.length & (blockOctets - 1)));
}

function bodyOf({ payloads }: RawChain, type: number): Uint8Array | undefined {
  return payloads.find((payload) => payload.type === type)?.body;
}

function keBody(payloads: readonly RawPayload[]): Uint8Array | undefined {
  return bodyOf({ payloads, rest: NONE }, PAYLOAD.ke);
}

function cookiesOf({ initiatorCookie, responderCookie }: IsakmpHeader): string {
  return toHex(initiatorCookie) + toHex(responderCookie);
}

function prfOf({ proposal }: IkeSaKeys): PrfName {
  return proposal.prf ?? proposal.hash;
}

/** An ECDSA signature is tied to a hash of its own (RFC 4754 §3). */
const TIED: Readonly<Record<string, HashName>> = {
  'ecdsa-256': 'sha2-256',
  'ecdsa-384': 'sha2-384',
  'ecdsa-521': 'sha2-512',
};

function proofHash(keys: IkeSaKeys): PrfName {
  return TIED[keys.proposal.authentication] ?? prfOf(keys);
}
