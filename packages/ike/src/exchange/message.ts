import { hash } from '@espalier/crypto';
import { decodeHeader, FLAG, type IsakmpHeader, toHex } from '@espalier/wire';
import type { Path } from '../path.ts';
import type { Tolerance } from '../tolerances.ts';

/** One message of a datagram, not looked into beyond its header. */
export interface Message {
  readonly header: IsakmpHeader;
  readonly octets: Uint8Array;
  /** Tells a message from every other: by it a repeated one is known. */
  readonly digest: string;
}

/** A message, and between which ends it came. */
export interface ReceivedMessage extends Message {
  readonly path: Path;
  /** What it took to find it in its datagram. */
  readonly tolerated: readonly Tolerance[];
}

const NOTHING: readonly Tolerance[] = [];

/** @throws DecodeError */
export function readMessage(
  octets: Uint8Array,
  path: Path,
  tolerated: readonly Tolerance[] = NOTHING,
): ReceivedMessage {
  return new DigestedLater(octets, path, tolerated);
}

/** The digest is made when it is first asked for: what belongs to nobody costs no more than its header. */
class DigestedLater implements ReceivedMessage {
  readonly header: IsakmpHeader;
  readonly octets: Uint8Array;
  readonly path: Path;
  readonly tolerated: readonly Tolerance[];
  #digest: string | undefined;

  constructor(octets: Uint8Array, path: Path, tolerated: readonly Tolerance[]) {
    this.header = decodeHeader(octets);
    this.octets = octets;
    this.path = path;
    this.tolerated = tolerated;
  }

  get digest(): string {
    this.#digest ??= toHex(hash('sha2-256', this.octets));
    return this.#digest;
  }
}

export function isEncrypted(header: IsakmpHeader): boolean {
  return (header.flags & FLAG.encryption) !== 0;
}

export function isZero(cookie: Uint8Array): boolean {
  return cookie.every((octet) => octet === 0);
}
