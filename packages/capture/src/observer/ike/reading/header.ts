import { COOKIE_OCTETS, ISAKMP_HEADER_OCTETS, readU32, toHex } from '@espalier/wire';
import type { ObservedHeader } from '../../observation.ts';

/** The fixed header as an observer reads it, of whichever version (RFC 2408 §3.1, RFC 7296 §3.1). */
export interface SeenHeader extends ObservedHeader {
  readonly version: number;
  readonly minorVersion: number;
  readonly initiatorCookieOctets: Uint8Array;
  readonly responderCookieOctets: Uint8Array;
}

/** Undefined for fewer than 28 octets. */
function seenHeader(octets: Uint8Array): SeenHeader | undefined {
  if (octets.length < ISAKMP_HEADER_OCTETS) return undefined;
  const initiator = octets.subarray(0, COOKIE_OCTETS);
  const responder = octets.subarray(COOKIE_OCTETS, 2 * COOKIE_OCTETS);
  const [nextPayload = 0, version = 0, exchangeType = 0, flags = 0] = octets.subarray(16, 20);
  return {
    version: version >> 4,
    minorVersion: version & 15,
    initiatorCookie: toHex(initiator),
    responderCookie: toHex(responder),
    initiatorCookieOctets: initiator,
    responderCookieOctets: responder,
    nextPayload,
    exchangeType,
    flags,
    messageId: readU32(octets, 20),
    length: readU32(octets, 24),
  };
}

export const NO_COOKIE = '0000000000000000';

/** What an observation shows of it. */
export function observedHeader(header: SeenHeader): ObservedHeader {
  const { initiatorCookie, responderCookie, nextPayload, exchangeType, flags, messageId, length } = header;
  return { initiatorCookie, responderCookie, nextPayload, exchangeType, flags, messageId, length };
}

/** One message of a datagram. */
export interface SeenMessage {
  readonly octets: Uint8Array;
  readonly header: SeenHeader;
  /** Octets that are missing behind it. */
  readonly missing: number;
  readonly notes: readonly string[];
}

/** Messages that one datagram may hold. */
const MOST_MESSAGES = 4;

/**
 * The messages of a datagram: some peers put two into one, or other octets behind. `missing`: what the capture has cut off.
 * A text says why there is none.
 */
export function messagesIn(datagram: Uint8Array, missing: number): readonly SeenMessage[] | string {
  const messages: SeenMessage[] = [];
  for (let at = 0; messages.length < MOST_MESSAGES; ) {
    const rest = datagram.subarray(at);
    const header = seenHeader(rest);
    if (header === undefined)
      return messages.length === 0 ? `${rest.length} octets, and a header has 28` : behind(messages, rest);
    if (messages.length > 0 && !isMessage(header, rest.length + missing)) return behind(messages, rest);
    if (header.length < ISAKMP_HEADER_OCTETS) {
      return messages.length === 0 ? `its header says that it has ${header.length} octets` : behind(messages, rest);
    }
    const there = Math.min(header.length, rest.length);
    const lacking = header.length - there;
    const notes =
      lacking === 0
        ? []
        : [
            lacking <= missing
              ? `cut off: ${there} of ${header.length} octets`
              : `${lacking} octets shorter than its header says`,
          ];
    messages.push({ octets: rest.subarray(0, there), header, missing: lacking, notes });
    at += there;
    if (at === datagram.length) break;
  }
  return messages;
}

function isMessage(header: SeenHeader, room: number): boolean {
  return (
    (header.version === 1 || header.version === 2) && header.length >= ISAKMP_HEADER_OCTETS && header.length <= room
  );
}

function behind(messages: readonly SeenMessage[], rest: Uint8Array): readonly SeenMessage[] {
  const last = messages.at(-1);
  if (last === undefined || rest.length === 0) return messages;
  const what = rest.every((octet) => octet === 0) ? 'zero octets' : 'octets';
  return [...messages.slice(0, -1), { ...last, notes: [...last.notes, `${rest.length} ${what} behind it`] }];
}
