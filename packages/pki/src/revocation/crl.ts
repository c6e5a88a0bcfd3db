import { toHex } from '@espalier/wire';
import { type Reading, reading, readSigned, type Signed } from '../certificate/certificate.ts';
import {
  type DistributionPointName,
  type RawExtension,
  readDistributionPointName,
  readRawExtensions,
} from '../certificate/extensions.ts';
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
import { type DistinguishedName, nameFromParts, nameKey, readName } from '../name/distinguished-name.ts';
import { type GeneralName, readGeneralNames } from '../name/general-name.ts';

/** A certificate revocation list (RFC 5280 §5), read. Times are in milliseconds since 1970. */
export interface Crl {
  readonly octets: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** When each of its issuer's was revoked, by serial number as `Certificate` has it. */
  readonly revoked: ReadonlyMap<string, number>;
  /** Likewise of other issuers, by `nameKey` (RFC 5280 §5.3.3). */
  readonly revokedOfOthers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Serial numbers of its issuer's that are revoked no longer: of a delta (RFC 5280 §5.3.1). */
  readonly removed: ReadonlySet<string>;
  /** Lower-case hexadecimal. */
  readonly number: string | undefined;
  /** Which certificates it is for; undefined: all of its issuer. */
  readonly scope: CrlScope | undefined;
  /** Lower-case hexadecimal: of a delta, the number of the CRL that it is built on (RFC 5280 §5.2.4). */
  readonly baseNumber: string | undefined;
  /** Has a critical extension that is not understood: what it lists is revoked, what not is unknown. */
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
  /** May list certificates of other issuers. */
  readonly isIndirect: boolean;
}

const KNOWN_EXTENSIONS: readonly string[] = [
  OID.authorityKeyIdentifier,
  OID.issuerAltName,
  OID.crlNumber,
  OID.issuingDistributionPoint,
  OID.deltaCrlIndicator,
  OID.freshestCrl,
];
const KNOWN_ENTRY_EXTENSIONS: readonly string[] = [OID.reasonCode, OID.invalidityDate, OID.certificateIssuer];
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
  const entries = readEntries(fields.optional(TAG.sequence), issuer);
  const extensions = readCrlExtensions(fields.optional(contextTag(0)), issuer);
  fields.end();
  return {
    octets: element.octets,
    version: version === undefined ? 1 : 2,
    issuer,
    thisUpdate,
    nextUpdate: next === undefined ? undefined : readTime(next),
    ...entries,
    ...extensions,
    isPartial: entries.isPartial || extensions.isPartial,
    signed,
  };
}

type Entries = Pick<Crl, 'revoked' | 'revokedOfOthers' | 'removed' | 'isPartial'>;

function readEntries(element: Element | undefined, crlIssuer: DistinguishedName): Entries {
  const own = nameKey(crlIssuer);
  const revoked = new Map<string, Map<string, number>>([[own, new Map()]]);
  const removed = new Set<string>();
  let isPartial = false;
  // An entry that does not say whose it is belongs to the issuer of the one before (RFC 5280 §5.3.3).
  let issuer = own;
  const entries = new Fields(element?.content ?? new Uint8Array());
  while (!entries.isAtEnd) {
    const fields = entries.next(TAG.sequence).fields();
    const serial = toHex(readInteger(fields.next(TAG.integer)));
    const at = readTime(fields.any());
    const extensions = fields.optional(TAG.sequence);
    fields.end();
    const raw = extensions === undefined ? [] : readRawExtensions(extensions);
    if (raw.some(({ type, isCritical }) => isCritical && !KNOWN_ENTRY_EXTENSIONS.includes(type))) isPartial = true;
    issuer = issuerOf(raw) ?? issuer;
    const reason = raw.find(({ type }) => type === OID.reasonCode);
    const isRemoved = reason !== undefined && readElement(reason.value).content[0] === REMOVED;
    if (!isRemoved) listOf(revoked, issuer).set(serial, at);
    else if (issuer === own) removed.add(serial);
  }
  const ofOwn = listOf(revoked, own);
  revoked.delete(own);
  return { revoked: ofOwn, revokedOfOthers: revoked, removed, isPartial };
}

function listOf(lists: Map<string, Map<string, number>>, issuer: string): Map<string, number> {
  const list = lists.get(issuer) ?? new Map<string, number>();
  lists.set(issuer, list);
  return list;
}

function issuerOf(extensions: readonly RawExtension[]): string | undefined {
  const extension = extensions.find(({ type }) => type === OID.certificateIssuer);
  if (extension === undefined) return undefined;
  const name = readGeneralNames(readElement(extension.value), TAG.sequence).find(({ kind }) => kind === 'directory');
  return name?.kind === 'directory' ? nameKey(name.name) : fault('an issuer of a certificate without a name');
}

function readCrlExtensions(
  element: Element | undefined,
  issuer: DistinguishedName,
): Pick<Crl, 'number' | 'baseNumber' | 'scope' | 'isPartial'> {
  const raw = element === undefined ? [] : readRawExtensions(element.inner());
  const octetsOf = (wanted: string) => raw.find(({ type }) => type === wanted)?.value;
  const point = octetsOf(OID.issuingDistributionPoint);
  const numberOf = (type: string) => {
    const octets = octetsOf(type);
    return octets === undefined ? undefined : toHex(readInteger(readElement(octets)));
  };
  return {
    number: numberOf(OID.crlNumber),
    baseNumber: numberOf(OID.deltaCrlIndicator),
    scope: point === undefined ? undefined : readScope(readElement(point), issuer),
    isPartial: raw.some(({ type, isCritical }) => isCritical && !KNOWN_EXTENSIONS.includes(type)),
  };
}

function readScope(element: Element, issuer: DistinguishedName): CrlScope {
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
    names: wholeNames(readDistributionPointName(name), issuer),
    only,
    reasons: reasons === undefined ? undefined : readBitNumbers(reasons.as(TAG.bitString)),
    isIndirect,
  };
}
