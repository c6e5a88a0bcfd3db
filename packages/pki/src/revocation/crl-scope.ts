import type { Certificate } from '../certificate/certificate.ts';
import type { DistributionPoint } from '../certificate/extensions.ts';
import { equalNames, nameKey } from '../name/distinguished-name.ts';
import type { GeneralName } from '../name/general-name.ts';
import { type Crl, wholeNames } from './crl.ts';

/** Of ReasonFlags, bits 1 to 8 (RFC 5280 §4.2.1.13). */
export const REASONS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** Why a certificate may be revoked of which a CRL would tell; none: the CRL is for others (RFC 5280 §6.3.3 b, d). */
export function reasonsTold({ issuer, scope }: Crl, certificate: Certificate): readonly number[] {
  const { extensions } = certificate;
  const isAuthority = extensions.basicConstraints?.isCa === true;
  if (scope?.only === 'attributes' || scope?.only === (isAuthority ? 'users' : 'authorities')) return [];
  const isOwn = equalNames(issuer, certificate.issuer);
  const ofCrl = (point: DistributionPoint): boolean => {
    const { crlIssuer } = point;
    if (crlIssuer === undefined ? !isOwn : !(equalNames(crlIssuer, issuer) && scope?.isIndirect === true)) return false;
    return scope === undefined || scope.names.length === 0 || isNamedBy(point, certificate, scope.names);
  };
  const points = (extensions.crlDistributionPoints ?? []).filter(ofCrl);
  // One that is for all of its issuer needs no distribution point to say so.
  const implied: readonly DistributionPoint[] = isOwn && (scope?.names.length ?? 0) === 0 ? [{ names: [] }] : [];
  const told = new Set([...points, ...implied].flatMap(({ reasons }) => [...(reasons ?? REASONS)]));
  return REASONS.filter((reason) => told.has(reason) && (scope?.reasons?.has(reason) ?? true));
}

/** When a certificate was revoked, by a CRL of its own issuer or of another. */
export function revokedBy(crl: Crl, { issuer, serial }: Certificate): number | undefined {
  if (equalNames(crl.issuer, issuer)) return crl.revoked.get(serial);
  return crl.revokedOfOthers.get(nameKey(issuer))?.get(serial);
}

/** Whether a delta goes on from a complete CRL (RFC 5280 §5.2.4). */
export function isDeltaTo(delta: Crl, base: Crl): boolean {
  if (delta.baseNumber === undefined || delta.number === undefined || base.number === undefined) return false;
  const [from, number, own] = [delta.baseNumber, delta.number, base.number].map((text) => BigInt(`0x${text}`));
  const isOnward = from !== undefined && number !== undefined && own !== undefined && from <= own && own < number;
  return isOnward && equalNames(delta.issuer, base.issuer) && scopeKey(delta) === scopeKey(base);
}

/**
 * Whether a CRL says all that an earlier one said: by number and by date, where the two agree. A delta says only what is
 * new since its base (RFC 5280 §5.2.4).
 */
export function renews(later: Crl, earlier: Crl): boolean {
  if (!isOfSameScope(later, earlier) || !isOnwardFrom(later, earlier)) return false;
  if (later.baseNumber === undefined) return true;
  return earlier.baseNumber !== undefined && compareNumbers(later.baseNumber, earlier.baseNumber) <= 0;
}

export function isOfSameScope(a: Crl, b: Crl): boolean {
  return equalNames(a.issuer, b.issuer) && scopeKey(a) === scopeKey(b);
}

function isOnwardFrom(later: Crl, earlier: Crl): boolean {
  const byDate = later.thisUpdate - earlier.thisUpdate;
  const areNumbered = later.number !== undefined && earlier.number !== undefined;
  const byNumber = areNumbered ? compareNumbers(later.number, earlier.number) : byDate;
  return byDate >= 0 && byNumber >= 0 && byDate + byNumber > 0;
}

function compareNumbers(a: string, b: string): number {
  const [one, other] = [BigInt(`0x${a}`), BigInt(`0x${b}`)];
  return one === other ? 0 : one < other ? -1 : 1;
}

/** The same for CRLs that are for the same certificates. */
function scopeKey({ scope }: Crl): string {
  const names = scope?.names.map(generalNameKey);
  return JSON.stringify([scope?.only, [...(scope?.reasons ?? [])], scope?.isIndirect === true, names]);
}

/** A point without names is named by its issuer of CRLs (RFC 5280 §6.3.3 b 2 i). */
function isNamedBy(point: DistributionPoint, { issuer }: Certificate, names: readonly GeneralName[]): boolean {
  const { crlIssuer } = point;
  const own = wholeNames(point, crlIssuer ?? issuer);
  const named: readonly GeneralName[] =
    own.length === 0 && crlIssuer !== undefined ? [{ kind: 'directory', name: crlIssuer }] : own;
  const keys = new Set(names.map(generalNameKey));
  return named.some((name) => name.kind !== 'other' && keys.has(generalNameKey(name)));
}

function generalNameKey(name: GeneralName): string {
  if (name.kind === 'directory') return nameKey(name.name);
  return 'text' in name ? `${name.kind} ${name.text}` : name.kind;
}
