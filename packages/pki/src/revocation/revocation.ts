import { equalOctets } from '@espalier/wire';
import { type Certificate, nameCertificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { PathFault, refuse } from '../chain/path-fault.ts';
import { findPath, type Path } from '../chain/paths.ts';
import type { RefusalReason } from '../chain/reasons.ts';
import { checkSignature, dateText, mayBeUsedFor, type Validation, validatePath } from '../chain/validation.ts';
import { equalNames } from '../name/distinguished-name.ts';
import type { Crl } from './crl.ts';
import { isDeltaTo, REASONS, reasonsTold, revokedBy } from './crl-scope.ts';
import { isAbout, isResponder, type OcspAnswer, type OcspResponse } from './ocsp.ts';

const HOUR = 3_600_000;
/** Authorities may give the signing of CRLs to one who gives it to nobody else. */
const DELEGATIONS_MOST = 2;

/** What is known of revocation, and of those who sign it. */
export interface RevocationSources {
  readonly crls: readonly Crl[];
  readonly ocspResponses: readonly OcspResponse[];
  readonly certificates: readonly Certificate[];
}

/**
 * That no certificate of a path, but for the trust anchor, is revoked (RFC 5280 §6.3, RFC 6960), as far as the policy asks.
 * @throws PathFault
 */
export function checkRevocation(
  path: Path,
  sources: RevocationSources,
  validation: Validation,
  signers: readonly Certificate[] = [],
): void {
  if (validation.policy.revocation === 'off') return;
  for (const [depth, certificate] of path.entries()) {
    const issuer = path[depth - 1];
    if (issuer === undefined) continue;
    new RevocationCheck(path, certificate, issuer, sources, validation, signers).check();
  }
}

class RevocationCheck {
  readonly #path: Path;
  readonly #certificate: Certificate;
  readonly #issuer: Certificate;
  readonly #sources: RevocationSources;
  readonly #validation: Validation;
  /** Of CRLs, whose own certificates are being checked: what they say of themselves needs nobody else. */
  readonly #signers: readonly Certificate[];
  /** Why what there is does not do. */
  #fault: { readonly reason: RefusalReason; readonly detail: string } | undefined;

  constructor(
    path: Path,
    certificate: Certificate,
    issuer: Certificate,
    sources: RevocationSources,
    validation: Validation,
    signers: readonly Certificate[],
  ) {
    this.#path = path;
    this.#certificate = certificate;
    this.#issuer = issuer;
    this.#sources = sources;
    this.#validation = validation;
    this.#signers = signers;
  }

  check(): void {
    if (this.#isGoodByOcsp() || this.#isGoodByCrl()) return;
    if (this.#fault !== undefined) refuse(this.#certificate, this.#fault.reason, this.#fault.detail);
    if (this.#validation.policy.revocation === 'if-present') return;
    refuse(this.#certificate, 'no-crl', `none of its issuer, ${nameCertificate(this.#issuer)}`);
  }

  /** @throws PathFault only where a CRL lists it. */
  refuseIfRevoked(): void {
    this.#isGoodByCrl();
  }

  #isGoodByOcsp(): boolean {
    return this.#sources.ocspResponses.some((response) => {
      const answers = response.answers.filter((answer) => isAbout(answer, this.#certificate, this.#issuer));
      if (answers.length === 0 || !this.#isSignedByResponder(response)) return false;
      return answers.some((answer) => this.#isGoodAnswer(answer, response));
    });
  }

  #isGoodAnswer({ status, thisUpdate, nextUpdate }: OcspAnswer, { hasUnknownCritical }: OcspResponse): boolean {
    if (typeof status === 'object') this.#refuseRevoked(status.revokedAt);
    if (!this.#isFresh('an OCSP response', thisUpdate, nextUpdate)) return false;
    if (status === 'good' && !hasUnknownCritical) return true;
    this.#fault ??= { reason: 'unusable-crl', detail: 'the OCSP responder knows nothing of it' };
    return false;
  }

  /** The issuer itself, or one whom it has let answer in its place (RFC 6960 §4.2.2.2). */
  #isSignedByResponder(response: OcspResponse): boolean {
    const issuer = this.#issuer;
    const candidates = [issuer, ...response.certificates, ...this.#sources.certificates].filter((one) =>
      isResponder(response, one),
    );
    return candidates.some((responder) =>
      this.#attempt('an OCSP response', () => {
        if (!isSameKey(responder, issuer)) this.#checkResponder(responder);
        checkSignature(undefined, response.signed, responder, this.#validation);
      }),
    );
  }

  #checkResponder(responder: Certificate): void {
    if (responder.extensions.extendedKeyUsage?.includes(OID.ocspSigning) !== true) {
      refuse(responder, 'extended-key-usage', 'not for signing OCSP responses');
    }
    if (!equalNames(responder.issuer, this.#issuer.subject)) {
      refuse(responder, 'no-trust-anchor', 'not issued by the issuer of what it answers for');
    }
    const issuerPath = this.#path.slice(0, this.#path.indexOf(this.#issuer) + 1);
    validatePath([...issuerPath, responder], 'ocsp', this.#validation);
    if (responder.extensions.ocspNoCheck === true) return;
    // RFC 6960 §4.2.2.2.1: not by OCSP again; and where there is no CRL the authority has let it be.
    const sources = { ...this.#sources, ocspResponses: [] };
    new RevocationCheck(
      this.#path,
      responder,
      this.#issuer,
      sources,
      this.#validation,
      this.#signers,
    ).refuseIfRevoked();
  }

  #isGoodByCrl(): boolean {
    const left = new Set(REASONS);
    const crls = this.#sources.crls.filter((crl) => reasonsTold(crl, this.#certificate).length > 0);
    for (const crl of crls) {
      if (!this.#isSignedByAuthority(crl)) continue;
      const revokedAt = revokedBy(crl, this.#certificate);
      if (revokedAt !== undefined && !this.#isTakenBack(crl, crls)) this.#refuseRevoked(revokedAt);
      if (crl.isPartial) this.#fault ??= { reason: 'unusable-crl', detail: 'a CRL with what is not understood' };
      if (crl.isPartial || crl.baseNumber !== undefined) continue;
      if (!this.#isFresh('a CRL', crl.thisUpdate, crl.nextUpdate)) continue;
      for (const reason of reasonsTold(crl, this.#certificate)) left.delete(reason);
    }
    return left.size === 0;
  }

  /** A delta of today says that it is revoked no longer (RFC 5280 §5.3.1). */
  #isTakenBack(base: Crl, crls: readonly Crl[]): boolean {
    return crls.some(
      (delta) =>
        isDeltaTo(delta, base) &&
        delta.removed.has(this.#certificate.serial) &&
        this.#isFresh('a CRL', delta.thisUpdate, delta.nextUpdate) &&
        this.#isSignedByAuthority(delta),
    );
  }

  /** The issuer with the key of the path, or one of the CRL's name with a path of its own (RFC 5280 §6.3.3 f, g). */
  #isSignedByAuthority(crl: Crl): boolean {
    const issuer = this.#issuer;
    const isOwn = equalNames(issuer.subject, crl.issuer);
    const named = this.#sources.certificates.filter((one) => equalNames(one.subject, crl.issuer));
    const signers = isOwn ? [issuer, ...named.filter((one) => !isSameKey(one, issuer))] : named;
    return signers.some((signer) =>
      this.#attempt('a CRL', () => {
        if (!mayBeUsedFor(signer, 'cRLSign')) refuse(signer, 'key-usage', 'not for signing CRLs');
        checkSignature(undefined, crl.signed, signer, this.#validation);
        if (signer !== issuer && !this.#signers.includes(signer)) this.#checkSigner(signer);
      }),
    );
  }

  /** One whose own path begins at the same trust anchor. */
  #checkSigner(signer: Certificate): void {
    if (this.#signers.length === DELEGATIONS_MOST) refuse(signer, 'too-complex', 'too many who sign CRLs for others');
    const anchor = this.#path.slice(0, 1);
    findPath(signer, this.#sources.certificates, anchor, (path) => {
      validatePath(path, 'crl', this.#validation);
      checkRevocation(path, this.#sources, this.#validation, [...this.#signers, signer]);
    });
  }

  #isFresh(what: string, thisUpdate: number, nextUpdate: number | undefined): boolean {
    const { at, policy } = this.#validation;
    const end = nextUpdate ?? thisUpdate + policy.freshHours * HOUR;
    if (thisUpdate <= at && at <= end) return true;
    const detail =
      at > end ? `${what} that was good until ${dateText(end)}` : `${what} from ${dateText(thisUpdate)} on`;
    this.#fault ??= { reason: 'stale-crl', detail };
    return false;
  }

  /** Whether somebody has signed it; why not is kept. */
  #attempt(what: string, check: () => void): boolean {
    try {
      check();
      return true;
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      const { reason, detail } = error.refusal;
      this.#fault ??= { reason: 'unusable-crl', detail: `${what} that is not believed: ${reason}, ${detail}` };
      return false;
    }
  }

  #refuseRevoked(at: number): never {
    refuse(this.#certificate, 'revoked', `since ${dateText(at)}`);
  }
}

function isSameKey(a: Certificate, b: Certificate): boolean {
  return equalNames(a.subject, b.subject) && equalOctets(a.subjectKey.octets, b.subjectKey.octets);
}
