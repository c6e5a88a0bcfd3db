import { equalOctets } from '@espalier/wire';
import { type Certificate, nameCertificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { PathFault, refuse } from '../chain/path-fault.ts';
import { findPath, type Path } from '../chain/paths.ts';
import type { RefusalReason } from '../chain/reasons.ts';
import { checkSignature, dateText, mayBeUsedFor, type Validation, validatePath } from '../chain/validation.ts';
import { equalNames } from '../name/distinguished-name.ts';
import type { Crl } from './crl.ts';
import { isDeltaTo, REASONS, reasonsTold, renews, revokedBy } from './crl-scope.ts';
import { isAbout, isResponder, isRevoked, type OcspAnswer, type OcspResponse } from './ocsp.ts';

const HOUR = 3_600_000;
/** Authorities may give the signing of CRLs to one who gives it to nobody else. */
const DELEGATIONS_MOST = 2;

/** What is known of revocation, and of those who sign it. */
export interface RevocationSources {
  readonly crls: readonly Crl[];
  readonly ocspResponses: readonly OcspResponse[];
  readonly certificates: readonly Certificate[];
  /** Told of what has been verified. */
  believeCrl(crl: Crl, signer: Certificate): void;
  believeOcspResponse(response: OcspResponse): void;
}

interface Believed {
  readonly crl: Crl;
  readonly signer: Certificate;
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
    // Both: what the one lets pass may be revoked by the other.
    const [byOcsp, byCrl] = [this.#isGoodByOcsp(), this.#isGoodByCrl()];
    if (byOcsp || byCrl) return;
    if (this.#fault !== undefined) refuse(this.#certificate, this.#fault.reason, this.#fault.detail);
    if (this.#validation.policy.revocation === 'if-present') return;
    refuse(this.#certificate, 'no-crl', `none of its issuer, ${nameCertificate(this.#issuer)}`);
  }

  /** @throws PathFault only where a CRL lists it. */
  refuseIfRevoked(): void {
    this.#isGoodByCrl();
  }

  /**
   * Of several answers one that says revoked decides, whatever the others say and however old it is; only a certificate on
   * hold may be good again later (RFC 6960 §2.2, RFC 5280 §5.3.1).
   */
  #isGoodByOcsp(): boolean {
    const answers = this.#sources.ocspResponses.flatMap((response) => this.#answersOf(response));
    for (const { status, thisUpdate } of answers) {
      if (typeof status !== 'object') continue;
      const isReleased = status.isOnHold && answers.some((one) => this.#isReleased(one, thisUpdate));
      if (!isReleased) this.#refuseRevoked(status.revokedAt);
    }
    return answers.some((one) => one.status === 'good' && this.#isFresh('an OCSP response', one));
  }

  /** What a response that is believed says of the certificate. */
  #answersOf(response: OcspResponse): readonly OcspAnswer[] {
    const answers = response.answers.filter((answer) => isAbout(answer, this.#certificate, this.#issuer));
    if (answers.length === 0 || !this.#isSignedByResponder(response)) return [];
    this.#sources.believeOcspResponse(response);
    const understood = answers.filter((answer) => isRevoked(answer) || !response.hasUnknownCritical);
    const saysNothing = understood.length < answers.length || understood.some(({ status }) => status === 'unknown');
    if (saysNothing) this.#fault ??= { reason: 'unusable-crl', detail: 'the OCSP responder knows nothing of it' };
    return understood;
  }

  #isReleased({ status, thisUpdate }: OcspAnswer, sinceHold: number): boolean {
    return status === 'good' && sinceHold < thisUpdate && thisUpdate <= this.#validation.at;
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
    const told = this.#sources.crls.filter((crl) => reasonsTold(crl, this.#certificate).length > 0);
    const believed = told.flatMap((crl) => this.#believe(crl));
    const crls = believed.map(({ crl }) => crl);
    for (const one of believed) {
      const { crl } = one;
      if (believed.some((other) => this.#isRenewed(one, other))) continue;
      const revokedAt = revokedBy(crl, this.#certificate);
      if (revokedAt !== undefined && !this.#isTakenBack(crl, crls)) this.#refuseRevoked(revokedAt);
      if (crl.isPartial) this.#fault ??= { reason: 'unusable-crl', detail: 'a CRL with what is not understood' };
      if (crl.isPartial || crl.baseNumber !== undefined || !this.#isFresh('a CRL', crl)) continue;
      for (const reason of reasonsTold(crl, this.#certificate)) left.delete(reason);
    }
    return left.size === 0;
  }

  #believe(crl: Crl): readonly Believed[] {
    const signer = this.#signerOf(crl);
    if (signer === undefined) return [];
    this.#sources.believeCrl(crl, signer);
    return [{ crl, signer }];
  }

  /** By one of today, of the same key, that says all that there is to say. */
  #isRenewed(one: Believed, by: Believed): boolean {
    const isOfToday = by.crl.thisUpdate <= this.#validation.at && !by.crl.isPartial;
    return (
      isOfToday && renews(by.crl, one.crl) && equalOctets(by.signer.subjectKey.octets, one.signer.subjectKey.octets)
    );
  }

  /** A delta of today says that it is revoked no longer (RFC 5280 §5.3.1). */
  #isTakenBack(base: Crl, believed: readonly Crl[]): boolean {
    return believed.some(
      (delta) => isDeltaTo(delta, base) && delta.removed.has(this.#certificate.serial) && this.#isFresh('a CRL', delta),
    );
  }

  /** The issuer with the key of the path, or one of the CRL's name with a path of its own (RFC 5280 §6.3.3 f, g). */
  #signerOf(crl: Crl): Certificate | undefined {
    const issuer = this.#issuer;
    const isOwn = equalNames(issuer.subject, crl.issuer);
    const named = this.#sources.certificates.filter((one) => equalNames(one.subject, crl.issuer));
    const signers = isOwn ? [issuer, ...named.filter((one) => !isSameKey(one, issuer))] : named;
    return signers.find((signer) =>
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

  #isFresh(what: string, { thisUpdate, nextUpdate }: Pick<Crl, 'thisUpdate' | 'nextUpdate'>): boolean {
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
      // Without its signature looked at, nobody knows what it would have revoked.
      if (!(error instanceof PathFault) || this.#validation.isExhausted) throw error;
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
