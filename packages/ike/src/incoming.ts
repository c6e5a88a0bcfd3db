import { hash } from '@espalier/crypto';
import { decodeHeader, FLAG, type IsakmpHeader, toHex } from '@espalier/wire';
import type { SessionEnds } from './ends.ts';

/** One message of a datagram, not looked into beyond its header. */
export interface Incoming {
  readonly header: IsakmpHeader;
  readonly octets: Uint8Array;
  /** Tells a message from every other: by it a repeated one is known. */
  readonly digest: string;
}

/** @throws DecodeError */
export function readIncoming(octets: Uint8Array): Incoming {
  return { header: decodeHeader(octets), octets, digest: toHex(hash('sha2-256', octets)) };
}

/** A message, and between which ends it came. */
export interface Arrival extends Incoming {
  readonly ends: SessionEnds;
}

export function isEncrypted(header: IsakmpHeader): boolean {
  return (header.flags & FLAG.encryption) !== 0;
}

export function isZero(cookie: Uint8Array): boolean {
  return cookie.every((octet) => octet === 0);
}
