import {
  type CbcCipher,
  type CbcName,
  copyOctets,
  createCbc,
  equalConstantTime,
  type HashName,
} from '@espalier/crypto';
import { hash1, hash2, hash3, hashI, hashR, phase1Iv, phase2Iv } from '@espalier/ike';
import {
  attributeNumber,
  type DecodedPayload,
  decodePayloads,
  EXCHANGE,
  ISAKMP_HEADER_OCTETS,
  type IsakmpHeader,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  type SaPayload,
} from '@espalier/wire';
import type { IkeSaKeys } from '../keys/keys.ts';

/** What decryption and the keys told of one message. */
export interface OpenedMessage {
  readonly payloads: readonly DecodedPayload[];
  readonly decrypted: boolean;
  readonly hash: 'ok' | 'bad' | 'none';
  /** Why it was not decrypted, or why its hash could not be checked. */
  readonly note: string | undefined;
}

type Side = 'initiator' | 'responder';

/** What phase 1 agreed on, as far as it matters to read along. */
interface Agreement {
  readonly cipher: CbcCipher | undefined;
  readonly cipherName: string;
  readonly hash: HashName;
  readonly preShared: boolean;
}

const CIPHERS: ReadonlyMap<number, CbcName> = new Map([
  [OAKLEY_ENCRYPTION.desCbc, 'des-cbc'],
  [OAKLEY_ENCRYPTION.tripleDesCbc, '3des-cbc'],
  [OAKLEY_ENCRYPTION.aesCbc, 'aes-cbc'],
]);
const HASHES: ReadonlyMap<number, HashName> = new Map([
  [OAKLEY_HASH.md5, 'md5'],
  [OAKLEY_HASH.sha1, 'sha1'],
  [OAKLEY_HASH.sha2_256, 'sha2-256'],
  [OAKLEY_HASH.sha2_384, 'sha2-384'],
  [OAKLEY_HASH.sha2_512, 'sha2-512'],
]);
/** Authentication with a pre-shared key, XAuth or not: HASH_I and HASH_R are sent as they are. */
const PRE_SHARED: readonly number[] = [
  OAKLEY_AUTHENTICATION.preSharedKey,
  OAKLEY_AUTHENTICATION.xauthInitiatorPreShared,
  OAKLEY_AUTHENTICATION.xauthResponderPreShared,
];

/** Phase 2 exchanges remembered per session; more forget the oldest. */
const MAX_EXCHANGES = 256;

/** A phase 2 exchange; what a Quick Mode's messages taught once their hashes were right. */
interface Exchange {
  iv: Uint8Array;
  starter: Side | undefined;
  ni: Uint8Array;
  nr: Uint8Array;
}

/** Reads along one ISAKMP SA: learns what passes in clear, decrypts the rest with the key of the cipher. */
export class IkeSession {
  readonly #keys: IkeSaKeys | undefined;
  readonly #initiatorAddress: string;
  readonly #values: Partial<Record<'initiatorKe' | 'responderKe' | 'saiB', Uint8Array>> = {};
  #agreement: Agreement | undefined;
  #phase1Iv: Uint8Array | undefined;
  readonly #exchanges = new Map<number, Exchange>();
  /** Aggressive mode sends the initiator's identity in message 1, its hash in message 3. */
  readonly #identities: Partial<Record<Side, Uint8Array>> = {};
  /** Messages seen before, by their octets: a retransmission must not move an IV. */
  readonly #seen = new Map<string, OpenedMessage>();

  constructor(keys: IkeSaKeys | undefined, initiatorAddress: string) {
    this.#keys = keys;
    this.#initiatorAddress = initiatorAddress;
  }

  sideOf(sourceAddress: string): Side {
    return sourceAddress === this.#initiatorAddress ? 'initiator' : 'responder';
  }

  /** A message in clear; its payloads have been decoded. */
  readClear(side: Side, header: IsakmpHeader, payloads: readonly DecodedPayload[]): OpenedMessage {
    if (header.messageId === 0) this.#learn(side, payloads);
    const hash = header.messageId === 0 ? this.#checkPhase1Hash(side, header, payloads) : 'none';
    return { payloads, decrypted: false, hash, note: undefined };
  }

  /** @throws DecodeError when what was decrypted has no form of payloads. */
  readEncrypted(side: Side, header: IsakmpHeader, message: Uint8Array): OpenedMessage {
    const octets = String.fromCharCode(...message.subarray(0, 64), ...message.subarray(-64));
    const known = this.#seen.get(octets);
    if (known !== undefined) return known;
    const opened = this.#open(side, header, message);
    if (opened.decrypted) {
      if (this.#seen.size >= MAX_EXCHANGES) this.#seen.clear();
      this.#seen.set(octets, opened);
    }
    return opened;
  }

  #open(side: Side, header: IsakmpHeader, message: Uint8Array): OpenedMessage {
    const cipher = this.#agreement?.cipher;
    const closed = { payloads: [], decrypted: false, hash: 'none' } as const;
    if (this.#keys === undefined) return { ...closed, note: 'no key for this initiator cookie' };
    if (this.#agreement === undefined) return { ...closed, note: 'phase 1 is not in the capture' };
    if (cipher === undefined) return { ...closed, note: `cannot decrypt ${this.#agreement.cipherName}` };
    const exchange = header.messageId === 0 ? undefined : this.#exchange(header.messageId, cipher);
    const iv = exchange?.iv ?? this.#phase1Iv;
    if (iv === undefined) return { ...closed, note: 'phase 1 is not in the capture' };
    const body = message.subarray(ISAKMP_HEADER_OCTETS);
    if (body.length === 0 || body.length % cipher.blockOctets !== 0) return { ...closed, note: 'not whole blocks' };

    const plain = cipher.decrypt(iv, body);
    const { payloads, length } = decodePayloads(header.nextPayload, plain);
    const hash =
      exchange === undefined
        ? this.#checkPhase1Hash(side, header, payloads)
        : this.#checkPhase2Hash(side, header, exchange, payloads, plain.subarray(0, length));
    if (hash === 'bad') return { ...closed, hash, note: 'the hash is wrong: another key, or an altered message' };
    const nextIv = copyOctets('body', body.subarray(-cipher.blockOctets));
    if (exchange === undefined) this.#phase1Iv = nextIv;
    else exchange.iv = nextIv;
    const noted = hash === 'none' && exchange !== undefined && this.#keys.skeyidA === undefined;
    return {
      payloads,
      decrypted: true,
      hash,
      note: noted ? 'hash not checked: the key file has no SKEYID_a' : undefined,
    };
  }

  #learn(side: Side, payloads: readonly DecodedPayload[]): void {
    for (const payload of payloads) {
      if (payload.kind === 'sa') {
        if (side === 'initiator') this.#values.saiB = payload.body.slice();
        else this.#agreement = agreementOf(payload, this.#keys);
      }
      if (payload.kind === 'ke')
        this.#values[side === 'initiator' ? 'initiatorKe' : 'responderKe'] = payload.data.slice();
    }
    const { initiatorKe, responderKe } = this.#values;
    const { cipher, hash } = this.#agreement ?? {};
    if (this.#phase1Iv === undefined && initiatorKe && responderKe && cipher && hash) {
      this.#phase1Iv = phase1Iv(hash, initiatorKe, responderKe, cipher.blockOctets);
    }
  }

  #exchange(messageId: number, cipher: CbcCipher): Exchange | undefined {
    const known = this.#exchanges.get(messageId);
    if (known !== undefined || this.#phase1Iv === undefined || this.#agreement === undefined) return known;
    const iv = phase2Iv(this.#agreement.hash, this.#phase1Iv, messageId, cipher.blockOctets);
    const exchange: Exchange = { iv, starter: undefined, ni: NONE, nr: NONE };
    const oldest = this.#exchanges.keys().next().value;
    if (this.#exchanges.size >= MAX_EXCHANGES && oldest !== undefined) this.#exchanges.delete(oldest);
    this.#exchanges.set(messageId, exchange);
    return exchange;
  }

  #checkPhase1Hash(side: Side, header: IsakmpHeader, payloads: readonly DecodedPayload[]): OpenedMessage['hash'] {
    const sent = payloads.find(({ kind }) => kind === 'hash');
    const identity = this.#identityIn(side, header, payloads);
    const { initiatorKe: gxi, responderKe: gxr, saiB } = this.#values;
    const skeyid = this.#keys?.skeyid;
    if (sent?.kind !== 'hash' || !this.#agreement?.preShared) return 'none';
    if (!identity || !gxi || !gxr || !saiB || !skeyid) return 'none';
    const transcript = { gxi, gxr, cookieI: header.initiatorCookie, cookieR: header.responderCookie, saiB };
    const prove = side === 'initiator' ? hashI : hashR;
    return verdict(prove(this.#agreement.hash, skeyid, transcript, identity), sent.data);
  }

  #identityIn(side: Side, header: IsakmpHeader, payloads: readonly DecodedPayload[]): Uint8Array | undefined {
    const identity = payloads.find(({ kind }) => kind === 'id');
    if (identity !== undefined && header.exchange === EXCHANGE.aggressive) {
      this.#identities[side] = identity.body.slice();
    }
    return identity?.body ?? this.#identities[side];
  }

  #checkPhase2Hash(
    side: Side,
    { exchange: type, messageId }: IsakmpHeader,
    exchange: Exchange,
    payloads: readonly DecodedPayload[],
    chain: Uint8Array,
  ): OpenedMessage['hash'] {
    const [sent] = payloads;
    const name = this.#agreement?.hash;
    const skeyidA = this.#keys?.skeyidA;
    if (sent?.kind !== 'hash' || name === undefined || skeyidA === undefined) return 'none';
    const rest = chain.subarray(sent.raw.length);
    const first = verdict(hash1(name, skeyidA, messageId, rest), sent.data);
    const nonce = payloads.find(({ kind }) => kind === 'nonce')?.body.slice();
    const { starter } = exchange;
    if (type !== EXCHANGE.quick || starter === undefined) {
      if (nonce !== undefined && first === 'ok') {
        exchange.starter = side;
        exchange.ni = nonce;
      }
      return first;
    }
    if (nonce !== undefined) {
      const second = verdict(hash2(name, skeyidA, messageId, exchange.ni, rest), sent.data);
      if (second === 'ok') exchange.nr = nonce;
      return second;
    }
    const third = verdict(hash3(name, skeyidA, messageId, exchange.ni, exchange.nr), sent.data);
    // A responder that was asked to commit closes with CONNECTED, hashed as message 1 is (RFC 2409 §5.5).
    return third === 'ok' ? third : first;
  }
}

const NONE = new Uint8Array(0);

function verdict(expected: Uint8Array, sent: Uint8Array): 'ok' | 'bad' {
  return equalConstantTime(expected, sent) ? 'ok' : 'bad';
}

function agreementOf(sa: SaPayload, keys: IkeSaKeys | undefined): Agreement | undefined {
  const [transform] = sa.proposals[0]?.transforms ?? [];
  if (transform === undefined) return undefined;
  const numbers = new Map(transform.attributes.map((attribute) => [attribute.type, attributeNumber(attribute)]));
  const encryption = numbers.get(OAKLEY_ATTRIBUTE.encryption) ?? 0;
  const name = CIPHERS.get(encryption);
  const hash = HASHES.get(numbers.get(OAKLEY_ATTRIBUTE.hash) ?? 0);
  if (hash === undefined) return undefined;
  return {
    cipher: name === undefined || keys === undefined ? undefined : keyed(name, keys.encryption),
    cipherName: nameOfEncryption(encryption),
    hash,
    preShared: PRE_SHARED.includes(numbers.get(OAKLEY_ATTRIBUTE.authentication) ?? 0),
  };
}

/** A key file may hold a key that does not fit what was negotiated: then there is no cipher. */
function keyed(name: CbcName, key: Uint8Array): CbcCipher | undefined {
  try {
    return createCbc(name, key);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function nameOfEncryption(encryption: number): string {
  const known = Object.entries(OAKLEY_ENCRYPTION).find(([, number]) => number === encryption);
  return known === undefined ? `cipher ${encryption}` : known[0];
}
