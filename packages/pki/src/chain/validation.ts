import type { PublicKey, Signatures } from '@espalier/crypto';
import type { Certificate, Signed } from '../certificate/certificate.ts';
import type { KeyUse, NameConstraints } from '../certificate/extensions.ts';
import { SIGNATURES_MOST } from '../limits.ts';
import { equalNames } from '../name/distinguished-name.ts';
import { verifySigned } from '../signature/verify.ts';
import { usableKey } from './keys.ts';
import { checkNameConstraints } from './name-constraints.ts';
import { refuse } from './path-fault.ts';
import type { CompleteTrustPolicy } from './policy.ts';
import { PolicyGraph } from './policy-graph.ts';

/** What an end entity is to be used for. */
export type Purpose = 'ike' | 'crl' | 'ocsp';

/** What a validation goes by, and what it has cost so far. */
export class Validation {
  readonly policy: CompleteTrustPolicy;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly #signatures: Signatures;
  readonly #verified = new Map<string, boolean>();
  readonly #names = new Map<Signed | Certificate, number>();

  constructor(policy: CompleteTrustPolicy, at: number, signatures: Signatures) {
    this.policy = policy;
    this.#signatures = signatures;
    this.at = at;
  }

  /** Whether the key of `signer` made a signature; each is verified once, and only so many in all. */
  isSignedBy(signed: Signed, signer: Certificate, key: PublicKey): boolean {
    const name = `${this.#numberOf(signed)}/${this.#numberOf(signer)}`;
    const known = this.#verified.get(name);
    if (known !== undefined) return known;
    if (this.#verified.size === SIGNATURES_MOST) refuse(signer, 'too-complex', 'too many signatures to verify');
    const isGood = verifySigned(signed, key, this.#signatures);
    this.#verified.set(name, isGood);
    return isGood;
  }

  /** Whether no more signatures are verified. */
  get isExhausted(): boolean {
    return this.#verified.size === SIGNATURES_MOST;
  }

  #numberOf(one: Signed | Certificate): number {
    const number = this.#names.get(one) ?? this.#names.size;
    this.#names.set(one, number);
    return number;
  }
}

/**
 * One path, the trust anchor first, the end entity last: RFC 5280 §6.1, without revocation. What a trust anchor's
 * certificate says holds too (RFC 5937), but for its signature.
 * @throws PathFault
 */
export function validatePath(path: readonly Certificate[], purpose: Purpose, validation: Validation): void {
  const constraints: NameConstraints[] = [];
  const policies = new PolicyGraph(path.length - 1, validation.policy.certificatePolicies);
  for (const [depth, certificate] of path.entries()) {
    const isLast = depth === path.length - 1;
    const issuer = path[depth - 1];
    if (issuer !== undefined) checkSignature(certificate, certificate.signed, issuer, validation);
    checkDates(certificate, validation.at);
    checkCritical(certificate);
    if (isLast || !isSelfIssued(certificate)) checkNameConstraints(certificate, constraints);
    if (issuer !== undefined) policies.add(certificate, depth, isSelfIssued(certificate));
    if (isLast) break;
    checkAuthority(certificate, issuer === undefined, path.slice(depth + 1, -1));
    const { nameConstraints } = certificate.extensions;
    if (nameConstraints !== undefined) constraints.push(nameConstraints);
  }
  const leaf = path[path.length - 1];
  if (leaf !== undefined) checkPurpose(leaf, purpose, validation.policy);
}

/** That `issuer` has signed this, in a way that is believed. @throws PathFault blaming `certificate`. */
export function checkSignature(
  certificate: Certificate | undefined,
  signed: Signed,
  issuer: Certificate,
  validation: Validation,
): void {
  const { name, parts } = signed.algorithm;
  if (parts === undefined) refuse(certificate, 'unsupported-signature', `signed with ${name}`);
  if (parts.hash === 'md5' || (parts.hash === 'sha1' && !validation.policy.allowSha1)) {
    refuse(certificate, 'weak-signature', `signed with ${name}`);
  }
  const key = usableKey(issuer, validation.policy);
  if (!validation.isSignedBy(signed, issuer, key)) refuse(certificate, 'bad-signature', 'its issuer has not signed it');
}

/** Whether a certificate renews its issuer's own name (RFC 5280 §6.1). */
function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return equalNames(subject, issuer);
}

/** Whether keyUsage, where there is one, has this use. */
export function mayBeUsedFor({ extensions }: Certificate, ...uses: readonly KeyUse[]): boolean {
  return extensions.keyUsage === undefined || uses.some((use) => extensions.keyUsage?.has(use));
}

function checkDates(certificate: Certificate, at: number): void {
  const { notBefore, notAfter } = certificate;
  if (at < notBefore) refuse(certificate, 'not-yet-valid', `valid from ${dateText(notBefore)}`);
  if (at > notAfter) refuse(certificate, 'expired', `valid until ${dateText(notAfter)}`);
}

export function dateText(at: number): string {
  return new Date(at).toISOString().replace('.000', '');
}

function checkCritical(certificate: Certificate): void {
  const [unknown] = certificate.extensions.unknownCritical;
  if (unknown !== undefined) refuse(certificate, 'unknown-critical-extension', `extension ${unknown}`);
}

/** RFC 5280 §6.1.4 k to n. `between`: the certificates below it that are not the end entity. */
function checkAuthority(certificate: Certificate, isAnchor: boolean, between: readonly Certificate[]): void {
  const { basicConstraints } = certificate.extensions;
  // Only a trust anchor may be of a time before extensions: it is believed for itself.
  const isOfOld = isAnchor && certificate.version < 3;
  if (basicConstraints?.isCa !== true && !isOfOld) refuse(certificate, 'not-a-ca', 'it has issued another one');
  if (!mayBeUsedFor(certificate, 'keyCertSign')) refuse(certificate, 'key-usage', 'not for signing certificates');
  const { pathLength } = basicConstraints ?? {};
  const below = between.filter((one) => !isSelfIssued(one)).length;
  if (pathLength !== undefined && below > pathLength) {
    refuse(certificate, 'path-length', `${below} authorities below it, of which ${pathLength} may be`);
  }
}

function checkPurpose(certificate: Certificate, purpose: Purpose, { extendedKeyUsages }: CompleteTrustPolicy): void {
  if (purpose === 'crl') {
    if (!mayBeUsedFor(certificate, 'cRLSign')) refuse(certificate, 'key-usage', 'not for signing CRLs');
    return;
  }
  // RFC 4945 §5.1.3.2: one of the two will do.
  if (!mayBeUsedFor(certificate, 'digitalSignature', 'nonRepudiation')) {
    refuse(certificate, 'key-usage', 'not for signatures');
  }
  const { extendedKeyUsage } = certificate.extensions;
  if (purpose === 'ocsp' || extendedKeyUsage === undefined || extendedKeyUsages === 'any') return;
  if (!extendedKeyUsage.some((usage) => extendedKeyUsages.includes(usage))) {
    refuse(certificate, 'extended-key-usage', `for ${extendedKeyUsage.join(', ')} only`);
  }
}
