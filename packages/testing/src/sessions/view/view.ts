import { type CbcCipher, createCbc } from '@espalier/crypto';
import {
  concat,
  DecodeError,
  decodeHeader,
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
import { proofOf, type Sign } from './proofs.ts';
import { type RawChain, type RawPayload, readRawChain, writeRawChain } from './raw-chain.ts';
import {
  exchangeIn,
  latestReading,
  learnPhase1,
  learnPhase2,
  newSaid,
  prefer,
  type Reading,
  readingsOf,
  type Said,
  saidAfter,
} from './said.ts';

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

const LENGTH_AT = 24;
const NEXT_PAYLOAD_AT = 16;

/**
 * The messages of a session as one of its ends sees them: what it has sent, and what has arrived there. With the end's keys
 * it opens and seals whatever comes next, along the chains of IVs that this end follows (RFC 2409 Appendix B).
 */
export class View {
  readonly #keys: KeyBook;
  readonly #others: KeyBook;
  readonly #sign: Sign;
  /** By both cookies. */
  readonly #sas = new Map<string, Said>();
  /** By the initiator's: first messages, each of which an SA follows from, in their order. */
  readonly #firsts = new Map<string, Said[]>();
  readonly #ciphers = new Map<IkeSaKeys, CbcCipher>();
  /** What messages were found to be proved by. */
  readonly #readings = new WeakMap<OpenedMessage, Reading>();

  /**
   * @param others Of the other end, which may have keys before this one: a responder of Aggressive Mode makes its own when
   * message 3 is there.
   * @param sign In whose name, and of what.
   */
  constructor(keys: KeyBook, others: KeyBook = keys, sign: Sign = () => undefined) {
    this.#keys = keys;
    this.#others = others;
    this.#sign = sign;
  }

  /**
   * By what was said last. Undefined for what is no ISAKMP message of one datagram, is a fragment of one, or cannot be
   * opened.
   */
  open(datagram: Uint8Array): OpenedMessage | undefined {
    const message = this.#read(datagram);
    return message?.isEncrypted === true ? this.#asSaidLast(message) : message;
  }

  /**
   * The same, and where something was said more than once, or comes again, as it is proved by any of that; if it is by none,
   * by what was said last. `by`: who sends it.
   */
  openAsProved(by: Side, datagram: Uint8Array): OpenedMessage | undefined {
    const message = this.#read(datagram);
    if (message?.isEncrypted !== true) return message;
    const opened = this.#asSaidLast(message);
    if (opened !== undefined && this.isProved(by, opened)) return opened;
    return this.#provedByAny(by, message) ?? opened;
  }

  #asSaidLast(message: OpenedMessage): OpenedMessage | undefined {
    const reading = this.#latest(message.header);
    return reading === undefined ? undefined : this.#decrypted(message, reading);
  }

  #provedByAny(by: Side, message: OpenedMessage): OpenedMessage | undefined {
    let [opened, iv]: [OpenedMessage | undefined, Uint8Array | undefined] = [undefined, undefined];
    for (const reading of this.#every(message.header)) {
      if (reading.iv !== iv) [opened, iv] = [this.#decrypted(message, reading), reading.iv];
      if (opened === undefined || !this.#isProvedBy(by, opened, reading)) continue;
      this.#readings.set(opened, reading);
      return opened;
    }
    return undefined;
  }

  /** As it came: encrypted still, where it is encrypted. */
  #read(datagram: Uint8Array): OpenedMessage | undefined {
    const marker = datagram.slice(0, markerOctetsOf(datagram));
    const header = headerOf(datagram.subarray(marker.length));
    if (header === undefined) return undefined;
    const end = marker.length + header.length;
    // Zeros behind a message are taken for nothing.
    if (end > datagram.length || datagram.subarray(end).some((octet) => octet !== 0)) return undefined;
    const message = datagram.slice(marker.length, end);
    if (header.nextPayload === PAYLOAD.fragment) return undefined;
    const head = message.slice(0, ISAKMP_HEADER_OCTETS);
    const body = message.slice(ISAKMP_HEADER_OCTETS);
    const isEncrypted = (header.flags & FLAG.encryption) !== 0;
    const chain = isEncrypted ? { payloads: [], rest: body } : readRawChain(header.nextPayload, body);
    return { marker, head, header, isEncrypted, ordinal: this.#ordinal(header), chain };
  }

  #decrypted(message: OpenedMessage, { keys, iv }: Reading): OpenedMessage | undefined {
    const cipher = this.#cipher(keys);
    const { rest } = message.chain;
    if (rest.length % cipher.blockOctets !== 0) return undefined;
    return { ...message, chain: readRawChain(message.header.nextPayload, cipher.decrypt(iv, rest)) };
  }

  /**
   * Whether HASH, or the signature, is there and right for what the message holds, by what was said last, or by what
   * `openAsProved` found: nothing encrypted may be taken otherwise (RFC 2409 §5). A signature is right where it is the one that
   * `sign` gives.
   */
  isProved(by: Side, opened: OpenedMessage): boolean {
    const reading = this.#readings.get(opened) ?? this.#latest(opened.header);
    return reading !== undefined && this.#isProvedBy(by, opened, reading);
  }

  #isProvedBy(by: Side, { header, chain }: OpenedMessage, reading: Reading): boolean {
    const proof = proofOf(by, header, chain.payloads, reading, this.#sign);
    return proof?.right !== undefined && equalOctets(proof.sent, proof.right);
  }

  /** The datagram of a message, under this end's keys. `by`: who sends it. Undefined where there are none. */
  seal(by: Side, message: OpenedMessage, { hash, blocksBehind = 0 }: Sealing): Uint8Array | undefined {
    const { marker, head, header, isEncrypted, chain } = message;
    const reading = this.#latest(header);
    const payloads = hash === 'right' ? this.#withRightHash(by, header, chain.payloads, reading) : chain.payloads;
    const { octets } = writeRawChain(payloads);
    // Of what begins with no payload, what the header said that there is.
    const firstType = payloads[0]?.type ?? (chain.rest.length > 0 ? header.nextPayload : 0);
    if (!isEncrypted) return concat(marker, headed(head, firstType, concat(octets, chain.rest)));
    if (reading === undefined) return undefined;
    const cipher = this.#cipher(reading.keys);
    const behind = new Uint8Array(blocksBehind * cipher.blockOctets);
    const plain = concat(padded(octets, chain.rest, cipher.blockOctets), behind);
    return concat(marker, headed(head, firstType, plain.length === 0 ? plain : cipher.encrypt(reading.iv, plain)));
  }

  /** A message went by at this end: sent, or taken. Later ones are opened and sealed as they follow it. */
  learn(by: Side, datagram: Uint8Array, opened: OpenedMessage): void {
    const { marker, header, isEncrypted, chain } = opened;
    const said = this.#adopt(header, by);
    const reading = this.#readings.get(opened);
    if (reading !== undefined) prefer(said, header.messageId, reading);
    const end = marker.length + header.length;
    const { blockOctets = 0 } = this.#cipherOf(header) ?? {};
    const lastBlock =
      isEncrypted && header.length > ISAKMP_HEADER_OCTETS ? datagram.slice(end - blockOctets, end) : undefined;
    if (header.messageId === 0) learnPhase1(said, by, chain, lastBlock);
    else if (lastBlock !== undefined) learnPhase2(exchangeIn(said, header.messageId), chain, lastBlock);
  }

  #withRightHash(
    by: Side,
    header: IsakmpHeader,
    payloads: readonly RawPayload[],
    reading: Reading | undefined,
  ): readonly RawPayload[] {
    const proof = reading === undefined ? undefined : proofOf(by, header, payloads, reading, this.#sign);
    const sent = proof === undefined ? undefined : payloads[proof.at];
    if (proof?.right === undefined || sent === undefined) return payloads;
    return payloads.with(proof.at, { ...sent, body: proof.right });
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
    const said = saidAfter(first);
    this.#sas.set(cookiesOf(header), said);
    return said;
  }

  #latest(header: IsakmpHeader): Reading | undefined {
    const [said, keys] = [this.#find(header), this.#keysOf(header)];
    if (said === undefined || keys === undefined) return undefined;
    return latestReading(said, keys, header, this.#cipher(keys).blockOctets);
  }

  *#every(header: IsakmpHeader): Generator<Reading> {
    const said = this.#find(header);
    if (said === undefined) return;
    const cookies = cookiesOf(header);
    for (const keys of [...this.#others.all(cookies), ...this.#keys.all(cookies)].toReversed()) {
      yield* readingsOf(said, keys, header, this.#cipher(keys).blockOctets);
    }
  }

  /** Those that something was proved with, or that were told last. */
  #keysOf(header: IsakmpHeader): IkeSaKeys | undefined {
    const cookies = cookiesOf(header);
    return this.#sas.get(cookies)?.keys ?? this.#keys.of(cookies) ?? this.#others.of(cookies);
  }

  #cipherOf(header: IsakmpHeader): CbcCipher | undefined {
    const keys = this.#keysOf(header);
    return keys === undefined ? undefined : this.#cipher(keys);
  }

  #cipher(keys: IkeSaKeys): CbcCipher {
    const known = this.#ciphers.get(keys);
    if (known !== undefined) return known;
    const cipher = createCbc(keys.proposal.encryption, keys.encryption);
    this.#ciphers.set(keys, cipher);
    return cipher;
  }
}

/** Octets of a non-ESP marker in front (RFC 3948 §2.2). */
export function markerOctetsOf(datagram: Uint8Array): number {
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

function cookiesOf({ initiatorCookie, responderCookie }: IsakmpHeader): string {
  return toHex(initiatorCookie) + toHex(responderCookie);
}
