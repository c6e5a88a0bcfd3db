import { OID } from '../certificate/object-identifiers.ts';
import { contextTag, TAG } from '../der/element.ts';
import { encode, encodeUnsigned } from '../der/encode.ts';
import { type Crl, readCrl } from '../revocation/crl.ts';
import { type Authority, authorityAlgorithm, authorityName, encodeSerial, seal } from './authority.ts';
import type { ExtensionOctets } from './extensions.ts';
import { encodeExtensions } from './extensions.ts';
import { encodeTime } from './time.ts';

/** A CRL that is to be issued. Times are in milliseconds since 1970. */
export interface CrlFields {
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Serial numbers in hexadecimal, as `Certificate` has them. */
  readonly revoked?: readonly { readonly serial: string; readonly at: number }[];
  /** cRLNumber; default 1. */
  readonly number?: number;
  readonly other?: readonly ExtensionOctets[];
}

/** @throws RangeError for fields that make no CRL, and for a key with a fault. */
export function issueCrl(authority: Authority, fields: CrlFields): Crl {
  const { thisUpdate, nextUpdate, revoked = [], number = 1, other = [] } = fields;
  const entries = revoked.map(({ serial, at }) => encode(TAG.sequence, encodeSerial(serial), encodeTime(at)));
  const crlNumber = { type: OID.crlNumber, value: encodeUnsigned(Uint8Array.of(number >> 8, number & 0xff)) };
  const tbs = encode(
    TAG.sequence,
    encodeUnsigned(Uint8Array.of(1)),
    authorityAlgorithm(authority),
    authorityName(authority),
    encodeTime(thisUpdate),
    nextUpdate === undefined ? new Uint8Array() : encodeTime(nextUpdate),
    entries.length === 0 ? new Uint8Array() : encode(TAG.sequence, ...entries),
    encode(contextTag(0), encodeExtensions({ other: [crlNumber, ...other] })),
  );
  const read = readCrl(seal(authority, tbs));
  if (!read.ok) throw new RangeError(`fields: make no CRL: ${read.detail}`);
  return read.value;
}
