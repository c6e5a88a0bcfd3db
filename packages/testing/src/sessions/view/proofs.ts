import type { HashName, PrfName } from '@espalier/crypto';
import { hash1, hash2, hash3, hashI, hashR } from '@espalier/ike';
import { EXCHANGE, type IsakmpHeader, PAYLOAD } from '@espalier/wire';
import type { Side } from '../specification.ts';
import type { IkeSaKeys } from './key-book.ts';
import { type RawPayload, writeRawChain } from './raw-chain.ts';
import type { Reading } from './said.ts';

/** What proves a message, where it is among the payloads, and what is right there. */
export interface Proof {
  readonly at: number;
  readonly sent: Uint8Array;
  /** Undefined where it is not known: of a signature that nobody here can make. */
  readonly right: Uint8Array | undefined;
}

/** Makes a signature in the name of one side. */
export type Sign = (by: Side, hash: Uint8Array) => Uint8Array | undefined;

/** HASH, or the signature, as the sender would have made it (RFC 2409 §5); undefined where a message has none. */
export function proofOf(
  by: Side,
  header: IsakmpHeader,
  payloads: readonly RawPayload[],
  reading: Reading,
  sign: Sign,
): Proof | undefined {
  const isPhase1 = header.messageId === 0;
  const at = isPhase1 ? payloads.findIndex(isProof) : 0;
  const proof = payloads[at];
  if (proof === undefined || (!isPhase1 && proof.type !== PAYLOAD.hash)) return undefined;
  if (!isPhase1) return { at, sent: proof.body, right: phase2Hash(header, payloads.slice(1), reading) };
  const hash = phase1Hash(by, header, payloads, reading);
  return { at, sent: proof.body, right: proof.type === PAYLOAD.hash ? hash : sign(by, hash) };
}

function isProof({ type }: RawPayload): boolean {
  return type === PAYLOAD.hash || type === PAYLOAD.signature;
}

function phase1Hash(
  by: Side,
  { initiatorCookie, responderCookie }: IsakmpHeader,
  payloads: readonly RawPayload[],
  { keys, initiator, gxi, gxr, saiB, idiiB, idirB }: Reading,
): Uint8Array {
  const own = (type: number): Uint8Array | undefined => payloads.find((payload) => payload.type === type)?.body;
  const isInitiator = by === initiator;
  const transcript = {
    gxi: (isInitiator ? own(PAYLOAD.ke) : undefined) ?? gxi,
    gxr: (isInitiator ? undefined : own(PAYLOAD.ke)) ?? gxr,
    cookieI: initiatorCookie,
    cookieR: responderCookie,
    saiB,
  };
  const name = TIED[keys.proposal.authentication] ?? prfOf(keys);
  return isInitiator
    ? hashI(name, keys.skeyid, transcript, own(PAYLOAD.id) ?? idiiB)
    : hashR(name, keys.skeyid, transcript, own(PAYLOAD.id) ?? idirB);
}

function phase2Hash(
  { exchange, messageId }: IsakmpHeader,
  others: readonly RawPayload[],
  { keys, niB, nrB, before }: Reading,
): Uint8Array {
  const { octets: rest } = writeRawChain(others);
  const name = prfOf(keys);
  const isQuick = exchange === EXCHANGE.quick;
  if (isQuick && before === 1) return hash2(name, keys.skeyidA, messageId, niB, rest);
  if (isQuick && before === 2) return hash3(name, keys.skeyidA, messageId, niB, nrB);
  return hash1(name, keys.skeyidA, messageId, rest);
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
