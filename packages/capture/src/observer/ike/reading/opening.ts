import { type CbcCipher, createCbc, equalConstantTime, HASH_OCTETS } from '@espalier/crypto';
import { hash1, hash2, hash3, hashI, hashR, type Phase1Transcript } from '@espalier/ike';
import { type DecodedPayload, DecodeError, decodePayloads, EXCHANGE, PAYLOAD } from '@espalier/wire';
import type { HashVerdict } from '../../observation.ts';
import type { Protection } from './agreement.ts';
import type { Secrets } from './secrets.ts';

/** A body that was decrypted into what has the form of payloads. */
export interface Opened {
  readonly plain: Uint8Array;
  readonly payloads: readonly DecodedPayload[];
  readonly hash: HashVerdict;
  /** Which message of Quick Mode it is, as its hash shows. */
  readonly number?: 1 | 2 | 3;
  /** Why the hash was not checked. */
  readonly unchecked?: string;
}

/** Of a phase 2 exchange what its hashes are made of. */
export interface Nonces {
  ni: Uint8Array | undefined;
  nr: Uint8Array | undefined;
}

/** What HASH_I or HASH_R of phase 1 is checked with; either side's, where it does not show whose message it is. */
export interface Phase1Check {
  readonly transcript: Phase1Transcript | undefined;
  /** Bodies of identities that may be its own. */
  readonly identities: readonly Uint8Array[];
  readonly isPreShared: boolean;
  readonly sides: readonly ('initiator' | 'responder')[];
}

/** A cipher for a key; a key file may hold one that does not fit. */
export function keyedCbc({ cipher }: Protection, key: Uint8Array): CbcCipher | undefined {
  try {
    return createCbc(cipher, key);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What phase 1 encrypts: identities, certificates and proofs, or a notification. */
const PHASE1_FIRST: readonly number[] = [
  PAYLOAD.id,
  PAYLOAD.hash,
  PAYLOAD.cert,
  PAYLOAD.signature,
  PAYLOAD.notification,
  PAYLOAD.natD,
  PAYLOAD.natDDraft,
  PAYLOAD.certRequest,
  PAYLOAD.ke,
];

/** A message of phase 1; undefined where it has no form under this key and IV. */
export function judgePhase1(
  { hash: name }: Protection,
  { skeyid }: Secrets,
  firstType: number,
  plain: Uint8Array,
  check: Phase1Check,
): Opened | undefined {
  if (!PHASE1_FIRST.includes(firstType)) return undefined;
  const chain = chainOf(firstType, plain);
  if (chain === undefined) return undefined;
  return { plain, payloads: chain.payloads, hash: phase1Hash(name, skeyid, chain.payloads, check) };
}

/** HASH_I or HASH_R of a message, in clear or decrypted (RFC 2409 §5). */
export function phase1Hash(
  name: Protection['hash'],
  skeyid: Uint8Array | undefined,
  payloads: readonly DecodedPayload[],
  { transcript, identities, isPreShared, sides }: Phase1Check,
): HashVerdict {
  const sent = payloads.find(({ kind }) => kind === 'hash');
  if (sent?.kind !== 'hash' || !isPreShared || skeyid === undefined || transcript === undefined) return 'none';
  const own = payloads.find(({ kind }) => kind === 'id')?.body;
  const possible = own === undefined ? identities : [own];
  if (possible.length === 0) return 'none';
  const isRight = possible.some((identity) =>
    sides.some((side) => {
      const prove = side === 'initiator' ? hashI : hashR;
      return equalConstantTime(prove(name, skeyid, transcript, identity), sent.data);
    }),
  );
  return isRight ? 'ok' : 'bad';
}

/** A message of phase 2, whose first payload is its hash; undefined where it has no form under this key and IV. */
export function judgePhase2(
  { hash: name }: Protection,
  { a }: Secrets,
  header: { readonly nextPayload: number; readonly exchangeType: number; readonly messageId: number },
  plain: Uint8Array,
  nonces: Nonces,
): Opened | undefined {
  if (header.nextPayload !== PAYLOAD.hash) return undefined;
  const chain = chainOf(header.nextPayload, plain);
  const [sent] = chain?.payloads ?? [];
  if (chain === undefined || sent?.kind !== 'hash' || sent.data.length !== HASH_OCTETS[name]) return undefined;
  const rest = plain.subarray(sent.raw.length, chain.length);
  const proof = proofOf(name, a, header, chain.payloads, rest, nonces, (expected) =>
    equalConstantTime(expected, sent.data),
  );
  return { plain, payloads: chain.payloads, ...proof };
}

/** Whether HASH(1), HASH(2) or HASH(3) is right, and which of them it is (RFC 2409 §5.5). */
function proofOf(
  name: Protection['hash'],
  a: Uint8Array | undefined,
  { exchangeType, messageId }: { readonly exchangeType: number; readonly messageId: number },
  payloads: readonly DecodedPayload[],
  rest: Uint8Array,
  { ni, nr }: Nonces,
  isSent: (expected: Uint8Array) => boolean,
): Pick<Opened, 'hash' | 'number' | 'unchecked'> {
  if (a === undefined) return { hash: 'none', unchecked: 'hash not checked: the key file has no SKEYID_a' };
  if (isSent(hash1(name, a, messageId, rest))) return { hash: 'ok', number: 1 };
  if (exchangeType !== EXCHANGE.quick) return { hash: 'bad' };
  if (payloads.some(({ kind }) => kind === 'nonce')) {
    if (ni === undefined)
      return { hash: 'none', unchecked: 'hash not checked: message 1 of its exchange was not read' };
    return isSent(hash2(name, a, messageId, ni, rest)) ? { hash: 'ok', number: 2 } : { hash: 'bad' };
  }
  if (ni === undefined || nr === undefined) {
    return { hash: 'none', unchecked: 'hash not checked: messages 1 and 2 of its exchange were not read' };
  }
  return isSent(hash3(name, a, messageId, ni, nr)) ? { hash: 'ok', number: 3 } : { hash: 'bad' };
}

/** What may follow HASH, by exchange: what a message whose first block cannot be read is tried with. */
const BEHIND_HASH: Readonly<Record<number, readonly number[]>> = {
  [EXCHANGE.quick]: [PAYLOAD.sa, PAYLOAD.none],
  [EXCHANGE.informational]: [PAYLOAD.notification, PAYLOAD.delete],
  [EXCHANGE.transaction]: [PAYLOAD.configuration],
  [EXCHANGE.newGroup]: [PAYLOAD.sa],
};

/**
 * A message of phase 2 whose IV is not known, since phase 1 was not captured: of CBC all but the first block can be read,
 * and that holds the beginning of HASH, which SKEYID_a makes anew, and its tail proves (RFC 2409 §5.5, Appendix B).
 */
export function openWithoutIv(
  { hash: name }: Protection,
  cipher: CbcCipher,
  { a }: Secrets,
  header: { readonly nextPayload: number; readonly exchangeType: number; readonly messageId: number },
  body: Uint8Array,
  nonces: Nonces,
): Opened | undefined {
  const hashOctets = HASH_OCTETS[name];
  const behind = 4 + hashOctets;
  const block = cipher.blockOctets;
  if (header.nextPayload !== PAYLOAD.hash || body.length < behind) return undefined;
  const plain = cipher.decrypt(new Uint8Array(block), body);
  for (const next of BEHIND_HASH[header.exchangeType] ?? []) {
    const chain = chainOf(next, plain.subarray(behind));
    if (chain === undefined) continue;
    // Nothing but padding follows: only a hash can tell that from garbage.
    if (next === PAYLOAD.none && (a === undefined || plain.length - behind >= block)) continue;
    const rest = plain.subarray(behind, behind + chain.length);
    let whole: Uint8Array | undefined;
    const proof = proofOf(name, a, header, chain.payloads, rest, nonces, (expected) => {
      if (!equalConstantTime(expected.subarray(block - 4), plain.subarray(block, behind))) return false;
      whole = expected;
      return true;
    });
    if (proof.hash === 'bad' || (next === PAYLOAD.none && proof.hash !== 'ok')) continue;
    if (whole === undefined) {
      plain.fill(0, 0, block);
      return { plain, payloads: chain.payloads, ...proof };
    }
    plain.set([next, 0, behind >> 8, behind & 255]);
    plain.set(whole, 4);
    const mended = chainOf(PAYLOAD.hash, plain);
    return mended === undefined ? undefined : { plain, payloads: mended.payloads, ...proof };
  }
  return undefined;
}

function chainOf(firstType: number, plain: Uint8Array): ReturnType<typeof decodePayloads> | undefined {
  try {
    return decodePayloads(firstType, plain);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
