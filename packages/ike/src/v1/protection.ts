import {
  type CbcCipher,
  copyOctets,
  copySecret,
  createCbc,
  desKeyFrom,
  type HashName,
  type PrfName,
  secretOctets,
  wipe,
} from '@espalier/crypto';
import {
  concat,
  type DecodedPayload,
  DecodeError,
  decodePayloads,
  encodeHeader,
  encodePayloads,
  FLAG,
  type HeaderFields,
  ISAKMP_HEADER_OCTETS,
  type IsakmpHeader,
  type Payload,
} from '@espalier/wire';
import { refuse } from '../refusals.ts';
import type { IkeProposal } from '../types.ts';
import { type Phase1Secrets, phase1Key, prfOf } from './keying.ts';

/** The keys of one IKE SA. */
export class IkeKeys {
  /** Of IVs and of NAT-D. */
  readonly hash: HashName;
  readonly prf: PrfName;
  /** Proves both sides to each other; 0 octets once they are authenticated, and that is settled. */
  skeyid: Uint8Array;
  /** Derives the keys of child SAs. */
  readonly d: Uint8Array;
  /** Authenticates the messages of phase 2. */
  readonly a: Uint8Array;
  readonly #encryption: IkeProposal['encryption'];
  readonly #key: Uint8Array;
  /** Makes the key of the cipher; 0 octets once it is settled which that is. */
  #e: Uint8Array;
  /** While there is something to encrypt: it is many times as large as its key. */
  #cipher: CbcCipher | undefined;

  /** `show` is handed a copy of the key of the cipher, which is overwritten afterwards. */
  constructor(
    proposal: IkeProposal,
    skeyid: Uint8Array,
    secrets: Phase1Secrets,
    show: (cipherKey: Uint8Array) => void = () => {},
  ) {
    const { d, a, e } = secrets;
    const key = cipherKey(proposal, e);
    const kept = secretOctets(d.length + a.length + key.length);
    kept.set(d);
    kept.set(a, d.length);
    kept.set(key, d.length + a.length);
    this.hash = proposal.hash;
    this.prf = prfOf(proposal);
    this.skeyid = skeyid;
    this.d = kept.subarray(0, d.length);
    this.a = kept.subarray(d.length, d.length + a.length);
    this.#encryption = proposal.encryption;
    this.#key = kept.subarray(d.length + a.length);
    this.#e = copySecret('e', e);
    show(key);
    wipe(d, a, e, key);
  }

  get cipher(): CbcCipher {
    this.#cipher ??= createCbc(this.#encryption, this.#key);
    return this.#cipher;
  }

  /** The same secrets with the cipher of another proposal, which differs in nothing else: while that is not settled. */
  under(proposal: IkeProposal, show?: (cipherKey: Uint8Array) => void): IkeKeys {
    const secrets = { d: copySecret('d', this.d), a: copySecret('a', this.a), e: copySecret('e', this.#e) };
    return new IkeKeys(proposal, copySecret('skeyid', this.skeyid), secrets, show);
  }

  /** Phase 1 is over, and what was agreed on in it is settled. */
  settled(): void {
    wipe(this.skeyid, this.#e);
    this.skeyid = NOTHING;
    this.#e = NOTHING;
  }

  /** Nothing is under way: the cipher is made anew when there is something again. */
  rest(): void {
    this.#cipher?.wipe();
    this.#cipher = undefined;
  }

  wipe(): void {
    wipe(this.skeyid, this.#e, this.d, this.a, this.#key);
    this.rest();
  }
}

const NOTHING = new Uint8Array(0);

/** A message body, decrypted. */
export interface OpenedBody {
  readonly payloads: readonly DecodedPayload[];
  /** The payloads' octets as received, without the padding after them: what a hash covers. */
  readonly chain: Uint8Array;
  /** The last block of the ciphertext: the IV of the next message once this one is verified (RFC 2409 Appendix B). */
  readonly nextIv: Uint8Array;
}

/** A message encrypted, and the IV that it leaves behind. */
export interface SealedMessage {
  readonly octets: Uint8Array;
  readonly nextIv: Uint8Array;
}

/** Decrypts what follows the header (RFC 2409 Appendix B). */
export function openBody(cipher: CbcCipher, iv: Uint8Array, header: IsakmpHeader, message: Uint8Array): OpenedBody {
  const body = message.subarray(ISAKMP_HEADER_OCTETS);
  if (body.length === 0 || body.length % cipher.blockOctets !== 0) refuse('undecipherable');
  const plain = cipher.decrypt(iv, body);
  const { payloads, length } = decodeDecrypted(header.nextPayload, plain);
  return { payloads, chain: plain.subarray(0, length), nextIv: copyOctets('body', body.subarray(-cipher.blockOctets)) };
}

/**
 * Encrypts a chain of payloads, padded with zeros to whole blocks; the header's Length counts the padding. `flags`: beside
 * the one that says so.
 */
export function sealMessage(
  cipher: CbcCipher,
  iv: Uint8Array,
  fields: Omit<HeaderFields, 'flags'>,
  payloads: readonly Payload[],
  flags: number = 0,
): SealedMessage {
  const { firstType, octets } = encodePayloads(payloads);
  const padding = new Uint8Array(-octets.length & (cipher.blockOctets - 1));
  const plain = concat(octets, padding);
  const body = cipher.encrypt(iv, plain);
  // It may hold a user's password.
  wipe(octets, plain);
  const header = encodeHeader({ ...fields, flags: FLAG.encryption | flags }, firstType, body.length);
  return { octets: concat(header, body), nextIv: copyOctets('body', body.subarray(-cipher.blockOctets)) };
}

function cipherKey(proposal: IkeProposal, skeyidE: Uint8Array): Uint8Array {
  switch (proposal.encryption) {
    case 'des-cbc':
      return desKeyFrom(skeyidE);
    case '3des-cbc':
      return phase1Key(prfOf(proposal), skeyidE, 24);
    case 'aes-cbc':
    case 'camellia-cbc':
      return phase1Key(prfOf(proposal), skeyidE, proposal.keyOctets ?? 16);
  }
}

function decodeDecrypted(firstType: number, plain: Uint8Array): ReturnType<typeof decodePayloads> {
  try {
    return decodePayloads(firstType, plain);
  } catch (error) {
    if (error instanceof DecodeError) refuse('undecipherable');
    throw error;
  }
}
