import { equalOctets } from '@espalier/wire';
import { type Certificate, nameCertificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { PathFault, refuse } from '../chain/path-fault.ts';
import { findPath, type Path } from '../chain/paths.ts';
import type { RefusalReason } from '../chain/reasons.ts';
import { checkSignature, dateText, mayBeUsedFor, type Validation, validatePath } from '../chain/validation.ts';
import { equalNames, nameKey } from '../name/distinguished-name.ts';
import type { GeneralName } from '../name/general-name.ts';
import { type Crl, wholeNames } from './crl.ts';
import { isAbout, isResponder, type OcspAnswer, type OcspResponse } from './ocsp.ts';

const HOUR = 3_600_000;
/** Of ReasonFlags, bits 1 to 8 (RFC 5280 §4.2.1.13). */
const REASONS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];
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
export function checkRevocation(path: Path, sources: RevocationSources, validation: Validation, delegations = 0): void {
  if (validation.policy.revocation === 'off') return;
  for (const [depth, certificate] of path.entries()) {
    const issuer = path[depth - 1];
    if (issuer === undefined) continue;
    new RevocationCheck(path, certificate, issuer, sources, validation, delegations).check();
  }
}

class RevocationCheck {
  readonly #path: Path;
  readonly #certificate: Certificate;
  readonly #issuer: Certificate;
  readonly #sources: RevocationSources;
  readonly #validation: Validation;
  readonly #delegations: number;
  /** Why what there is does not do. */
  #fault: { readonly reason: RefusalReason; readonly detail: string } | undefined;

  constructor(
    path: Path,
    certificate: Certificate,
    issuer: Certificate,
    sources: RevocationSources,
    validation: Validation,
    delegations: number,
  ) {
    this.#path = path;
    this.#certificate = certificate;
    this.#issuer = issuer;
    this.#sources = sources;
    this.#validation = validation;
    this.#delegations = delegations;
  }

  check(): void {
    if (this.#isGoodByOcsp() || this.#isGoodByCrl()) return;
    if (this.#fault !== undefined) refuse(this.#certificate, this.#fault.reason, this.#fault.detail);
    if (this.#validation.policy.revocation === 'if-present') return;
    refuse(this.#certificate, 'no-crl', `none of its issuer, ${nameCertificate(this.#issuer)}`);
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
  }

  #isGoodByCrl(): boolean {
    const left = new Set(REASONS);
    for (const crl of this.#sources.crls) {
      if (!equalNames(crl.issuer, this.#certificate.issuer) || !this.#isInScope(crl)) continue;
      if (!this.#isSignedByAuthority(crl)) continue;
      const revokedAt = crl.revoked.get(this.#certificate.serial);
      if (revokedAt !== undefined) this.#refuseRevoked(revokedAt);
      if (crl.isPartial) {
        this.#fault ??= { reason: 'unusable-crl', detail: 'a CRL with what is not understood' };
        continue;
      }
      if (!this.#isFresh('a CRL', crl.thisUpdate, crl.nextUpdate)) continue;
      for (const reason of crl.scope?.reasons ?? REASONS) left.delete(reason);
    }
    return left.size === 0;
  }

  /** RFC 5280 §6.3.3 b. */
  #isInScope({ scope }: Crl): boolean {
    if (scope === undefined) return true;
    const isAuthority = this.#certificate.extensions.basicConstraints?.isCa === true;
    if (scope.only === 'attributes' || scope.only === (isAuthority ? 'users' : 'authorities')) return false;
    if (scope.names.length === 0) return true;
    const { issuer, extensions } = this.#certificate;
    const points = extensions.crlDistributionPoints ?? [];
    return points.some((point) =>
      wholeNames(point, issuer).some((name) => scope.names.some((own) => isSameName(name, own))),
    );
  }

  /** Its issuer with the key of the path, or with one that is for CRLs (RFC 5280 §6.3.3 f, g). */
  #isSignedByAuthority(crl: Crl): boolean {
    const others = this.#sources.certificates.filter(
      (one) => equalNames(one.subject, crl.issuer) && !isSameKey(one, this.#issuer),
    );
    return [this.#issuer, ...others].some((signer) =>
      this.#attempt('a CRL', () => {
        if (!mayBeUsedFor(signer, 'cRLSign')) refuse(signer, 'key-usage', 'not for signing CRLs');
        checkSignature(undefined, crl.signed, signer, this.#validation);
        if (signer !== this.#issuer) this.#checkSigner(signer);
      }),
    );
  }

  /** One whose own path begins at the same trust anchor. */
  #checkSigner(signer: Certificate): void {
    if (this.#delegations === DELEGATIONS_MOST) refuse(signer, 'too-complex', 'too many who sign CRLs for others');
    const anchor = this.#path.slice(0, 1);
    findPath(signer, this.#sources.certificates, anchor, (path) => {
      validatePath(path, 'crl', this.#validation);
      checkRevocation(path, this.#sources, this.#validation, this.#delegations + 1);
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

function isSameName(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory' && b.kind === 'directory') return nameKey(a.name) === nameKey(b.name);
  return a.kind === 'uri' && b.kind === 'uri' && a.text === b.text;
}
