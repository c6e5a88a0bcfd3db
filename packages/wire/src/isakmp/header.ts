import { type OwnOctets, requireObject, requireOctets } from '../octets.ts';
import { Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { FLAG } from './registry/isakmp.ts';
import type { IsakmpHeader } from './types.ts';

/** Octets of the fixed header (RFC 2408 §3.1). */
export const ISAKMP_HEADER_OCTETS = 28;
/** Octets of a cookie. */
export const COOKIE_OCTETS = 8;

const MAJOR_VERSION = 1;
const MINOR_VERSION = 0;
const DEFINED_FLAGS = FLAG.encryption | FLAG.commit | FLAG.authenticationOnly;

/** The fields of the header that a sender chooses; version and length follow. */
export type HeaderFields = Pick<
  IsakmpHeader,
  'initiatorCookie' | 'responderCookie' | 'exchange' | 'flags' | 'messageId'
>;

/**
 * Reads the fixed header from the first 28 octets; what follows them is not looked at.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                          Initiator                            !
 *     !                            Cookie                             !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                          Responder                            !
 *     !                            Cookie                             !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !  Next Payload ! MjVer ! MnVer ! Exchange Type !     Flags     !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                          Message ID                           !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                            Length                             !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.1, §5.2. Refuses a version other than 1.0, undefined flags, of which §5.2 has the message discarded and which no
 * peer is known to set, and a length below 28.
 * @throws DecodeError
 */
export function decodeHeader(octets: Uint8Array): IsakmpHeader {
  const reader = new Reader(octets, 'header');
  const initiatorCookie = reader.octets(COOKIE_OCTETS);
  const responderCookie = reader.octets(COOKIE_OCTETS);
  const nextPayload = reader.u8();
  const version = reader.u8();
  const majorVersion = version >> 4;
  const minorVersion = version & 15;
  if (majorVersion !== MAJOR_VERSION) reader.fail('major-version', 17);
  if (minorVersion !== MINOR_VERSION) reader.fail('minor-version', 17);
  const exchange = reader.u8();
  const flags = reader.u8();
  if ((flags & ~DEFINED_FLAGS) !== 0) reader.fail('flags', 19);
  const messageId = reader.u32();
  const length = reader.u32();
  if (length < ISAKMP_HEADER_OCTETS) reader.fail('length', 24);
  return {
    initiatorCookie,
    responderCookie,
    nextPayload,
    majorVersion,
    minorVersion,
    exchange,
    flags,
    messageId,
    length,
  };
}

/**
 * The 28 octets of a header of version 1.0. `bodyOctets` is what follows it, encrypted padding included.
 * @throws RangeError when a field does not fit.
 */
export function encodeHeader(fields: HeaderFields, nextPayload: number, bodyOctets: number): OwnOctets {
  requireObject('fields', fields);
  requireCookie(fields.initiatorCookie, 'initiatorCookie');
  requireCookie(fields.responderCookie, 'responderCookie');
  if ((fields.flags & ~DEFINED_FLAGS) !== 0) throw new RangeError('flags must be a set of FLAG');
  const writer = new Writer();
  writer.octets(fields.initiatorCookie, 'initiatorCookie');
  writer.octets(fields.responderCookie, 'responderCookie');
  writer.u8(nextPayload, 'nextPayload');
  writer.u8((MAJOR_VERSION << 4) | MINOR_VERSION, 'version');
  writer.u8(fields.exchange, 'exchange');
  writer.u8(fields.flags, 'flags');
  writer.u32(fields.messageId, 'messageId');
  writer.u32(ISAKMP_HEADER_OCTETS + bodyOctets, 'length');
  return writer.finish();
}

function requireCookie(cookie: Uint8Array, name: string): void {
  requireOctets(name, cookie);
  if (cookie.length !== COOKIE_OCTETS) throw new RangeError(`${name} must be ${COOKIE_OCTETS} octets`);
}
