import { type CbcCipher, copyOctets, hash } from '@espalier/crypto';
import { phase1Iv, phase2Iv } from '@espalier/ike';
import { type DecodedPayload, EXCHANGE, ISAKMP_HEADER_OCTETS, toHex } from '@espalier/wire';
import type { IkeSaKeys } from '../../../keys/key-ring.ts';
import type { HashVerdict } from '../../observation.ts';
import { type Protection, possibleProtections } from './agreement.ts';
import { NO_COOKIE, type SeenHeader } from './header.ts';
import {
  type Learnt,
  learn,
  learntOfInitiator,
  nothingLearnt,
  publicValues,
  type Side,
  transcriptOf,
} from './learnt.ts';
import {
  judgePhase1,
  judgePhase2,
  keyedCbc,
  type Nonces,
  type Opened,
  openWithoutIv,
  type Phase1Check,
  phase1Hash,
} from './opening.ts';
import { type KeySource, possibleSecrets, type Secrets } from './secrets.ts';

/** What decryption and the keys told of one message. */
export interface ReadMessage {
  readonly payloads: readonly DecodedPayload[];
  readonly plain: Uint8Array | undefined;
  readonly decrypted: boolean;
  readonly hash: HashVerdict;
  /** Which message of Quick Mode it is, where its hash has shown it. */
  readonly number: 1 | 2 | 3 | undefined;
  readonly notes: readonly string[];
}

/** IVs that are remembered of phase 1, and of an exchange: a lost, or a forged, message then costs one more trial. */
const MOST_IVS = 8;
const MOST_EXCHANGES = 256;
/** Messages of phase 1 that come while keys are sought in vain are not tried for ever. */
const MOST_TRIALS = 4096;

/** Where one exchange of phase 2 is in its chain of IVs. */
interface Phase2Chain extends Nonces {
  /** Last blocks of its messages, the newest first. */
  readonly blocks: Uint8Array[];
  starter: Side | undefined;
}

/** A key with a way to use it: what was found to be right, or is tried. */
interface Way {
  readonly secrets: Secrets;
  readonly protection: Protection;
  readonly cipher: CbcCipher;
}

/** Reads along one IKE SA of IKEv1: learns what passes in clear, decrypts the rest with what keys there are. */
export class IkeSaReader {
  readonly learnt: Learnt;
  readonly #source: KeySource;
  readonly #given: readonly IkeSaKeys[];
  readonly #cookieI: Uint8Array;
  #cookieR: Uint8Array | undefined;
  /** Last blocks of messages of phase 1, the newest first. */
  readonly #phase1Blocks: Uint8Array[] = [];
  readonly #chains = new Map<number, Phase2Chain>();
  #way: Way | undefined;
  #candidates: readonly Secrets[] | undefined;
  #ways: readonly Way[] | undefined;
  #trials = 0;
  /** Octets that are kept beside. */
  octetsKept = 0;

  constructor(source: KeySource, initiatorCookie: Uint8Array, learnt: Learnt = nothingLearnt()) {
    this.#source = source;
    this.#cookieI = copyOctets('initiatorCookie', initiatorCookie);
    this.#given = source.givenFor(toHex(initiatorCookie));
    this.learnt = learnt;
  }

  /** For another responder's answer to the same first message. */
  forAnotherAnswer(): IkeSaReader {
    return new IkeSaReader(this.#source, this.#cookieI, learntOfInitiator(this.learnt));
  }

  /** What is known of its keys, once something was decrypted with them, or proved by them. */
  get secrets(): Secrets | undefined {
    return this.#way?.secrets ?? this.#possible()[0];
  }

  get protection(): Protection | undefined {
    return this.#way?.protection ?? this.learnt.agreement?.protection;
  }

  /** Nonces of an exchange of phase 2. */
  noncesOf(messageId: number): Nonces | undefined {
    return this.#chains.get(messageId);
  }

  /** Who began an exchange of phase 2, where that was read. */
  starterOf(messageId: number): Side | undefined {
    return this.#chains.get(messageId)?.starter;
  }

  /** A message in clear. */
  readClear(side: Side | undefined, header: SeenHeader, payloads: readonly DecodedPayload[]): ReadMessage {
    this.#takeCookie(header);
    const clear = { payloads, plain: undefined, decrypted: false, number: undefined } as const;
    if (header.messageId !== 0 || !isPhase1(header.exchangeType)) return { ...clear, hash: 'none', notes: [] };
    this.#learn(side, payloads);
    const name = this.learnt.agreement?.protection?.hash;
    const proved =
      name === undefined ? 'none' : phase1Hash(name, this.secrets?.skeyid, payloads, this.#phase1Check(side));
    return { ...clear, hash: proved, notes: [] };
  }

  /** `missing`: octets of it that were not captured; `isRepeated`: it has come before, and its IV is no news. */
  readEncrypted(
    side: Side | undefined,
    header: SeenHeader,
    message: Uint8Array,
    missing: number,
    isRepeated: boolean,
  ): ReadMessage {
    this.#takeCookie(header);
    const body = message.subarray(ISAKMP_HEADER_OCTETS);
    const read = missing > 0 ? closed('the rest of it was not captured') : this.#open(side, header, body);
    const block = this.#blockOctets();
    if (missing === 0 && !isRepeated && body.length >= block && body.length % block === 0) {
      this.#moveIv(header, copyOctets('body', body.subarray(-block)));
    }
    return read;
  }

  #learn(side: Side | undefined, payloads: readonly DecodedPayload[]): void {
    this.octetsKept += learn(this.learnt, side, payloads);
    this.#candidates = undefined;
    this.#ways = undefined;
  }

  #takeCookie({ responderCookie, responderCookieOctets }: SeenHeader): void {
    if (this.#cookieR !== undefined || responderCookie === NO_COOKIE) return;
    this.#cookieR = copyOctets('responderCookie', responderCookieOctets);
    this.#candidates = undefined;
    this.#ways = undefined;
  }

  #open(side: Side | undefined, header: SeenHeader, body: Uint8Array): ReadMessage {
    const ways = this.#way === undefined ? this.#possibleWays() : [this.#way];
    if (ways.length === 0) return closed(this.#whyNoWay());
    if (this.#trials > MOST_TRIALS) return closed('the keys have opened none of many messages before it');
    let bad: Opened | undefined;
    let isWhole = false;
    for (const way of ways) {
      if (body.length === 0 || body.length % way.cipher.blockOctets !== 0) continue;
      isWhole = true;
      const opened = this.#openWith(way, side, header, body);
      if (opened === undefined) continue;
      if (opened.hash === 'bad') {
        bad ??= opened;
        continue;
      }
      this.#way = way;
      this.#trials = 0;
      return this.#taken(side, header, opened);
    }
    if (!isWhole) return closed('not whole blocks');
    this.#trials += 1;
    if (bad !== undefined) return { ...closed('the hash is wrong: another key, or an altered message'), hash: 'bad' };
    if (this.#isAfterAGap(side, header)) return closed(MESSAGE_5_LOST);
    if (this.#way !== undefined) return closed(GAP_OR_ALTERED);
    return { ...closed(this.#whyClosed(header)), hash: this.#knowsIv(header) ? 'bad' : 'none' };
  }

  #openWith(way: Way, side: Side | undefined, header: SeenHeader, body: Uint8Array): Opened | undefined {
    const { protection, cipher, secrets } = way;
    const chain = header.messageId === 0 ? undefined : this.#chain(header.messageId);
    let bad: Opened | undefined;
    for (const iv of this.#ivs(protection, cipher, header.messageId)) {
      const plain = cipher.decrypt(iv, body);
      const opened =
        chain === undefined
          ? judgePhase1(protection, secrets, header.nextPayload, plain, this.#phase1Check(side))
          : judgePhase2(protection, secrets, header, plain, chain);
      if (opened === undefined) continue;
      if (opened.hash !== 'bad') return opened;
      bad ??= opened;
    }
    if (bad !== undefined || chain === undefined) return bad;
    const opened = openWithoutIv(protection, cipher, secrets, header, body, chain);
    return opened === undefined ? undefined : { ...opened, unchecked: withoutIvNote(opened) };
  }

  /** What was read teaches for what follows. */
  #taken(
    side: Side | undefined,
    header: SeenHeader,
    { payloads, plain, hash: verdict, number, unchecked }: Opened,
  ): ReadMessage {
    if (header.messageId === 0) this.#learn(side, payloads);
    const chain = this.#chains.get(header.messageId);
    const nonce = payloads.find(({ kind }) => kind === 'nonce')?.body;
    if (chain !== undefined && header.messageId !== 0) {
      const isSecond = number === 2 || (number === undefined && chain.starter !== undefined && chain.starter !== side);
      if (nonce !== undefined && !isSecond) chain.ni ??= copyOctets('nonce', nonce);
      if (nonce !== undefined && isSecond) chain.nr ??= copyOctets('nonce', nonce);
      if (number === 1 || (number === undefined && chain.blocks.length === 0)) chain.starter ??= side;
    }
    const notes = unchecked === undefined ? [] : [unchecked];
    return { payloads, plain, decrypted: true, hash: verdict, number, notes };
  }

  #ivs(protection: Protection, cipher: CbcCipher, messageId: number): readonly Uint8Array[] {
    const block = cipher.blockOctets;
    const blocks = this.#phase1Blocks.filter(({ length }) => length === block);
    if (messageId === 0) return [...blocks, ...this.#firstIvs(protection, block)];
    const chain = this.#chains.get(messageId);
    const first = blocks.map((last) => phase2Iv(protection.hash, last, messageId, block));
    // Aggressive Mode in clear leaves the first IV of phase 1 as the last block.
    const untouched = this.#firstIvs(protection, block).map((iv) => phase2Iv(protection.hash, iv, messageId, block));
    return [...(chain?.blocks ?? []).filter(({ length }) => length === block), ...first, ...untouched];
  }

  #firstIvs({ hash: name }: Protection, block: number): readonly Uint8Array[] {
    return publicValues(this.learnt).map(([gxi, gxr]) => phase1Iv(name, gxi, gxr, block));
  }

  #knowsIv({ messageId }: SeenHeader): boolean {
    if (publicValues(this.learnt).length === 0) return false;
    return messageId === 0 || this.#phase1Blocks.length > 0;
  }

  #moveIv({ messageId }: SeenHeader, block: Uint8Array): void {
    const blocks = messageId === 0 ? this.#phase1Blocks : this.#chain(messageId).blocks;
    blocks.unshift(block);
    if (blocks.length > MOST_IVS) blocks.length = MOST_IVS;
  }

  #chain(messageId: number): Phase2Chain {
    const known = this.#chains.get(messageId);
    if (known !== undefined) return known;
    const oldest = this.#chains.keys().next().value;
    if (this.#chains.size >= MOST_EXCHANGES && oldest !== undefined) this.#chains.delete(oldest);
    const chain: Phase2Chain = { blocks: [], starter: undefined, ni: undefined, nr: undefined };
    this.#chains.set(messageId, chain);
    return chain;
  }

  #phase1Check(side: Side | undefined): Phase1Check {
    const { id, agreement } = this.learnt;
    const sides = side === undefined ? (['initiator', 'responder'] as const) : [side];
    return {
      transcript: this.#cookieR === undefined ? undefined : transcriptOf(this.learnt, this.#cookieI, this.#cookieR),
      identities: sides.flatMap((one) => id[one] ?? []),
      isPreShared: agreement?.isPreShared ?? false,
      sides,
    };
  }

  #possible(): readonly Secrets[] {
    const cookies = [this.#cookieI, this.#cookieR ?? this.#cookieI] as const;
    this.#candidates ??= possibleSecrets(this.#given, this.#source, this.learnt, cookies);
    return this.#candidates;
  }

  #possibleWays(): readonly Way[] {
    this.#ways ??= this.#possible().flatMap((secrets) => {
      const { encryption, skeyid, d, a } = secrets;
      if (encryption === undefined) return [];
      const own = this.learnt.agreement?.protection;
      const hashOctets = (a ?? d ?? skeyid)?.length;
      const protections =
        this.learnt.agreement === undefined
          ? possibleProtections(encryption.length, hashOctets)
          : own === undefined
            ? []
            : [own];
      return protections.flatMap((protection) => {
        const cipher = keyedCbc(protection, encryption);
        return cipher === undefined ? [] : [{ secrets, protection, cipher }];
      });
    });
    return this.#ways;
  }

  #blockOctets(): number {
    const cipher = this.#way?.cipher ?? this.#possibleWays()[0]?.cipher;
    if (cipher !== undefined) return cipher.blockOctets;
    return this.learnt.agreement?.protection?.cipher === '3des-cbc' ? 8 : 16;
  }

  #whyNoWay(): string {
    const { agreement } = this.learnt;
    if (this.#given.length === 0 && this.#source.preSharedKeys.length === 0) return 'no key for this initiator cookie';
    if (agreement === undefined) return 'phase 1 is not in the capture';
    if (agreement.protection === undefined)
      return `cannot decrypt ${agreement.row.encryption} with ${agreement.row.hash}`;
    if (this.#given.length > 0) return `the key does not fit ${agreement.row.encryption}`;
    return 'no key for this initiator cookie, and none follows from the pre-shared keys: a private value of Diffie-Hellman, and both nonces, are needed';
  }

  #whyClosed(header: SeenHeader): string {
    if (!this.#knowsIv(header)) {
      return header.messageId === 0
        ? 'its IV is not known: the key exchange is not in the capture'
        : 'its IV is not known: phase 1 is not in the capture, or not to its end';
    }
    return 'what was decrypted has no form: another key, or an altered message';
  }

  /** The responder's first encrypted message of Main Mode goes on where the initiator's has ended. */
  #isAfterAGap(side: Side | undefined, { exchangeType, messageId }: SeenHeader): boolean {
    return exchangeType === EXCHANGE.main && messageId === 0 && side === 'responder' && this.#phase1Blocks.length === 0;
  }
}

const GAP_OR_ALTERED =
  'the keys are right, and it does not open: the message before it is not in the capture, or it was altered';

const MESSAGE_5_LOST =
  'message 5 is not in the capture, whose last block is the IV of this one: its first block cannot be read';

function isPhase1(exchangeType: number): boolean {
  return exchangeType === EXCHANGE.main || exchangeType === EXCHANGE.aggressive || exchangeType === EXCHANGE.base;
}

function closed(note: string): ReadMessage {
  return { payloads: [], plain: undefined, decrypted: false, hash: 'none', number: undefined, notes: [note] };
}

function withoutIvNote({ hash: verdict, unchecked }: Opened): string {
  const lost = 'its IV is not known, since phase 1 is not in the capture to its end';
  if (verdict === 'ok') return `${lost}: its first block was made anew, and its hash proves it`;
  return `${lost}: its first block cannot be read${unchecked === undefined ? '' : `; ${unchecked}`}`;
}

/** 96 bits over all octets: which messages are the same. */
export function digestOf(message: Uint8Array): string {
  return toHex(hash('sha2-256', message).subarray(0, 12));
}
