import { COOKIE_OCTETS, concat, equalOctets, fromHex, writeU32 } from '@espalier/wire';
import { readRawChain, writeRawChain } from '../view/raw-chain.ts';
import { markerOctetsOf, type OpenedMessage, type Sealing } from '../view/view.ts';
import { changeOctets, type OctetChange } from './octet-change.ts';
import { changePayloads, type PayloadChange } from './payload-change.ts';

/** A field of the header (RFC 2408 §3.1). */
export type HeaderField =
  | 'initiatorCookie'
  | 'responderCookie'
  | 'nextPayload'
  | 'version'
  | 'exchange'
  | 'flags'
  | 'messageId'
  | 'length';

/**
 * One change of one message, as data: a line of JSON does it again. 'datagram', 'header', 'cookie': as anybody on the way can, without
 * a key. 'payloads', 'body', 'padding': inside the encryption, where the message is encrypted, and then sealed again:
 * `hash` says whether as its sender would have ('right'), or with the HASH that it had ('stale').
 */
export type Mutation =
  | { readonly where: 'datagram'; readonly octets: OctetChange }
  /** A cookie is changed by XOR of its last four octets. */
  | { readonly where: 'header'; readonly field: HeaderField; readonly value: number }
  /** `octets`: 16 digits in hexadecimal. */
  | { readonly where: 'cookie'; readonly of: 'initiator' | 'responder'; readonly octets: string }
  | ({ readonly where: 'payloads'; readonly payloads: PayloadChange } & Pick<Sealing, 'hash'>)
  /** All that is encrypted, padding included. */
  | ({ readonly where: 'body'; readonly octets: OctetChange } & Pick<Sealing, 'hash'>)
  /** Blocks of zeros more than are needed (RFC 2409 Appendix B). */
  | { readonly where: 'padding'; readonly blocks: number };

/** Whether somebody without a key can do it to an encrypted message. */
export function isKeyless({ where }: Mutation): boolean {
  return where === 'datagram' || where === 'header' || where === 'cookie';
}

/** What seals a message that was changed inside: of the end that it goes to. */
export type Seal = (message: OpenedMessage, sealing: Sealing) => Uint8Array | undefined;

/**
 * The datagram with the change. `opened`: what is in it, and `seal` what seals it again: without them only what needs no key
 * can be done. Undefined for what cannot be done here, and for what changes nothing.
 */
export function mutate(
  datagram: Uint8Array,
  mutation: Mutation,
  opened?: OpenedMessage,
  seal?: Seal,
): Uint8Array | undefined {
  const mutant = mutated(datagram, mutation, opened, seal);
  return mutant === undefined || equalOctets(mutant, datagram) ? undefined : mutant;
}

function mutated(
  datagram: Uint8Array,
  mutation: Mutation,
  opened: OpenedMessage | undefined,
  seal: Seal | undefined,
): Uint8Array | undefined {
  if (mutation.where === 'datagram') return changeOctets(datagram, mutation.octets);
  if (mutation.where === 'header') return changeField(datagram, markerOctetsOf(datagram), mutation);
  if (mutation.where === 'cookie') return changeCookie(datagram, markerOctetsOf(datagram), mutation);
  if (opened === undefined || seal === undefined) return undefined;
  if (mutation.where === 'padding') return seal(opened, { hash: 'right', blocksBehind: mutation.blocks });
  if (mutation.where === 'payloads') {
    const payloads = changePayloads(opened.chain.payloads, mutation.payloads);
    return seal({ ...opened, chain: { ...opened.chain, payloads } }, { hash: mutation.hash });
  }
  const { chain, header } = opened;
  const body = changeOctets(concat(writeRawChain(chain.payloads).octets, chain.rest), mutation.octets);
  return seal({ ...opened, chain: readRawChain(header.nextPayload, body) }, { hash: mutation.hash });
}

/** Where each field is, and how many octets it has. */
export const FIELDS: Readonly<Record<HeaderField, readonly [at: number, octets: 1 | 4]>> = {
  initiatorCookie: [4, 4],
  responderCookie: [12, 4],
  nextPayload: [16, 1],
  version: [17, 1],
  exchange: [18, 1],
  flags: [19, 1],
  messageId: [20, 4],
  length: [24, 4],
};

function changeField(
  datagram: Uint8Array,
  marker: number,
  { field, value }: Extract<Mutation, { readonly where: 'header' }>,
): Uint8Array | undefined {
  const [at, octets] = FIELDS[field];
  if (datagram.length < marker + at + octets) return undefined;
  const copy = new Uint8Array(datagram);
  if (octets === 1) copy[marker + at] = value;
  else if (at < FIELDS.nextPayload[0]) xorWord(copy, marker + at, value);
  else writeU32(copy, marker + at, value >>> 0);
  return copy;
}

function changeCookie(
  datagram: Uint8Array,
  marker: number,
  { of, octets }: Extract<Mutation, { readonly where: 'cookie' }>,
): Uint8Array {
  const copy = new Uint8Array(datagram);
  const at = marker + (of === 'initiator' ? 0 : COOKIE_OCTETS);
  if (copy.length >= at + COOKIE_OCTETS) copy.set(fromHex(octets).subarray(0, COOKIE_OCTETS), at);
  return copy;
}

function xorWord(octets: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) octets[at + i] = (octets[at + i] ?? 0) ^ (value >>> (24 - 8 * i));
}
