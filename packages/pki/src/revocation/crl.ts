import { toHex } from '@espalier/wire';
import { type Reading, reading, readSigned, type Signed } from '../certificate/certificate.ts';
import { type DistributionPointName, readDistributionPointName, readRawExtensions } from '../certificate/extensions.ts';
import { OID } from '../certificate/object-identifiers.ts';
import {
  contextTag,
  type Element,
  equalElements,
  Fields,
  fault,
  readBitNumbers,
  readBoolean,
  readElement,
  readInteger,
  readSmall,
  readTime,
  TAG,
} from '../der/element.ts';
import { CRL_OCTETS_MOST } from '../limits.ts';
import { type DistinguishedName, nameFromParts, readName } from '../name/distinguished-name.ts';
import type { GeneralName } from '../name/general-name.ts';

/** A certificate revocation list (RFC 5280 §5), read. Times are in milliseconds since 1970. */
export interface Crl {
  readonly octets: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** When each was revoked, by serial number as `Certificate` has it. */
  readonly revoked: ReadonlyMap<string, number>;
  /** Lower-case hexadecimal. */
  readonly number: string | undefined;
  /** Which certificates it is for; undefined: all of its issuer. */
  readonly scope: CrlScope | undefined;
  /** Has a critical extension that is not understood, is a delta, or names other issuers: what it lists is revoked, what not is unknown. */
  readonly isPartial: boolean;
  readonly signed: Signed;
}

/** Issuing distribution point (RFC 5280 §5.2.5). */
export interface CrlScope {
  /** What it is called; a relative name is behind that of the issuer. */
  readonly names: readonly GeneralName[];
  readonly only: 'users' | 'authorities' | 'attributes' | undefined;
  /** Bits of ReasonFlags; undefined: all reasons. */
  readonly reasons: ReadonlySet<number> | undefined;
}

const KNOWN_EXTENSIONS: readonly string[] = [
  OID.authorityKeyIdentifier,
  OID.issuerAltName,
  OID.crlNumber,
  OID.issuingDistributionPoint,
  OID.freshestCrl,
];
const KNOWN_ENTRY_EXTENSIONS: readonly string[] = [OID.reasonCode, OID.invalidityDate];
/** removeFromCRL (RFC 5280 §5.3.1): no longer revoked; only in a delta. */
const REMOVED = 8;

/** @throws TypeError unless `octets` are a Uint8Array; for what they say it never throws. */
export function readCrl(octets: Uint8Array): Reading<Crl> {
  return reading(octets, CRL_OCTETS_MOST, parseCrl);
}

/** The names of a distribution point of an issuer's, a relative one made whole (RFC 5280 §4.2.1.13). */
export function wholeNames(
  { names, relative }: DistributionPointName,
  issuer: DistinguishedName,
): readonly GeneralName[] {
  if (relative === undefined) return names;
  return [...names, { kind: 'directory', name: nameFromParts([...issuer.parts, relative]) }];
}

function parseCrl(element: Element): Crl {
  const whole = element.fields();
  const { tbs, algorithm, signed } = readSigned(whole);
  whole.end();
  const fields = tbs.fields();
  const version = fields.optional(TAG.integer);
  if (version !== undefined && readSmall(version) !== 1) fault('a version that is none');
  if (!equalElements(fields.next(TAG.sequence), algorithm)) fault('two algorithms of one signature');
  const issuer = readName(fields.next(TAG.sequence));
  const thisUpdate = readTime(fields.any());
  const next = fields.optional(TAG.utcTime) ?? fields.optional(TAG.generalizedTime);
  const entries = readEntries(fields.optional(TAG.sequence));
  const extensions = readCrlExtensions(fields.optional(contextTag(0)), issuer);
  fields.end();
  return {
    octets: element.octets,
    version: version === undefined ? 1 : 2,
    issuer,
    thisUpdate,
    nextUpdate: next === undefined ? undefined : readTime(next),
    revoked: entries.revoked,
    number: extensions.number,
    scope: extensions.scope,
    isPartial: entries.isPartial || extensions.isPartial,
    signed,
  };
}

function readEntries(element: Element | undefined): Pick<Crl, 'revoked' | 'isPartial'> {
  const revoked = new Map<string, number>();
  let isPartial = false;
  const entries = new Fields(element?.content ?? new Uint8Array());
  while (!entries.isAtEnd) {
    const fields = entries.next(TAG.sequence).fields();
    const serial = toHex(readInteger(fields.next(TAG.integer)));
    const at = readTime(fields.any());
    const extensions = fields.optional(TAG.sequence);
    fields.end();
    const raw = extensions === undefined ? [] : readRawExtensions(extensions);
    const reason = raw.find(({ type }) => type === OID.reasonCode);
    if (raw.some(({ type, isCritical }) => isCritical && !KNOWN_ENTRY_EXTENSIONS.includes(type))) isPartial = true;
    if (reason === undefined || readElement(reason.value).content[0] !== REMOVED) revoked.set(serial, at);
  }
  return { revoked, isPartial };
}

function readCrlExtensions(
  element: Element | undefined,
  issuer: DistinguishedName,
): Pick<Crl, 'number' | 'scope' | 'isPartial'> {
  const raw = element === undefined ? [] : readRawExtensions(element.inner());
  const octetsOf = (wanted: string) => raw.find(({ type }) => type === wanted)?.value;
  const number = octetsOf(OID.crlNumber);
  const point = octetsOf(OID.issuingDistributionPoint);
  const { scope, isIndirect } =
    point === undefined ? { scope: undefined, isIndirect: false } : readScope(readElement(point), issuer);
  return {
    number: number === undefined ? undefined : toHex(readInteger(readElement(number))),
    scope,
    isPartial: isIndirect || raw.some(({ type, isCritical }) => isCritical && !KNOWN_EXTENSIONS.includes(type)),
  };
}

function readScope(
  element: Element,
  issuer: DistinguishedName,
): { readonly scope: CrlScope; readonly isIndirect: boolean } {
  const fields = element.fields();
  const name = fields.optional(contextTag(0));
  const flag = (number: number) => {
    const field = fields.optional(contextTag(number, false));
    return field !== undefined && readBoolean(field.as(TAG.boolean));
  };
  const [users, authorities] = [flag(1), flag(2)];
  const reasons = fields.optional(contextTag(3, false));
  const [isIndirect, attributes] = [flag(4), flag(5)];
  fields.end();
  const only = attributes ? 'attributes' : users ? 'users' : authorities ? 'authorities' : undefined;
  return {
    scope: {
      names: wholeNames(readDistributionPointName(name), issuer),
      only,
      reasons: reasons === undefined ? undefined : readBitNumbers(reasons.as(TAG.bitString)),
    },
    isIndirect,
  };
}
