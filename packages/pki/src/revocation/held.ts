import { equalOctets, toHex } from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import { OCSP_OCTETS_MOST, UNPROVED_CRLS_IN_ALL, UNPROVED_CRLS_PER_SCOPE, UNPROVED_OCSP } from '../limits.ts';
import type { Crl } from './crl.ts';
import { isOfSameScope, renews } from './crl-scope.ts';
import { isRevoked, type OcspAnswer, type OcspResponse } from './ocsp.ts';

interface HeldCrl {
  readonly crl: Crl;
  /** The key that has signed it; undefined: that is not known yet. */
  readonly signedBy: string | undefined;
  /** Of the configuration: none that is fetched displaces it unproved. */
  readonly isGiven: boolean;
}

interface HeldResponse {
  readonly response: OcspResponse;
  readonly isProved: boolean;
  readonly isGiven: boolean;
}

/** Who has signed what is added, of those that are known from the start. */
export interface KnownSigners {
  ofCrl(crl: Crl): Certificate | undefined;
  /** The issuer itself, of all that a response answers about. */
  ofOcspResponse(response: OcspResponse): Certificate | undefined;
}

/**
 * CRLs and OCSP responses as they have been added. Whoever answers a fetch may answer with what is old, or forged: so one
 * gives way only to what is later and signed by the same key, and there is so much room for what nobody has proved.
 */
export class HeldRevocation {
  #crls: readonly HeldCrl[] = [];
  #responses: readonly HeldResponse[] = [];
  readonly #signers: KnownSigners;

  constructor(crls: readonly Crl[], responses: readonly OcspResponse[], signers: KnownSigners) {
    this.#signers = signers;
    for (const crl of crls) this.#take({ crl, signedBy: keyOf(signers.ofCrl(crl)), isGiven: true });
    for (const response of responses) this.#hold({ response, isProved: false, isGiven: true });
  }

  get crls(): readonly Crl[] {
    return this.#crls.map(({ crl }) => crl);
  }

  get ocspResponses(): readonly OcspResponse[] {
    return this.#responses.map(({ response }) => response);
  }

  addCrl(crl: Crl): void {
    this.#take({ crl, signedBy: keyOf(this.#signers.ofCrl(crl)), isGiven: false });
    const isUnproved = ({ signedBy, isGiven }: HeldCrl) => signedBy === undefined && !isGiven;
    const like = (one: HeldCrl) => isUnproved(one) && isOfSameScope(one.crl, crl);
    this.#crls = withoutOldest(this.#crls, like, UNPROVED_CRLS_PER_SCOPE);
    this.#crls = withoutOldest(this.#crls, isUnproved, UNPROVED_CRLS_IN_ALL);
  }

  addOcspResponse(response: OcspResponse): void {
    this.#hold({ response, isProved: false, isGiven: false });
    const isUnproved = ({ isProved, isGiven }: HeldResponse) => !isProved && !isGiven;
    const like = (one: HeldResponse) => isUnproved(one) && isAboutSame(one.response, response);
    this.#responses = withoutOldest(this.#responses, like, UNPROVED_OCSP);
    while (this.#octets > OCSP_OCTETS_MOST) {
      const oldest =
        this.#responses.find(isUnproved) ??
        this.#responses.find((one) => !one.response.answers.some(isRevoked)) ??
        this.#responses[0];
      this.#responses = this.#responses.filter((one) => one !== oldest);
    }
  }

  /** A CRL has been verified. */
  believeCrl(crl: Crl, signer: Certificate): void {
    const held = this.#crls.find((one) => one.crl === crl);
    if (held !== undefined && held.signedBy === undefined) this.#take({ ...held, signedBy: keyOf(signer) });
  }

  /** An OCSP response has been verified: answers before it are dropped, but for those that say revoked where it does not. */
  believeOcspResponse(response: OcspResponse): void {
    const held = this.#responses.find((one) => one.response === response);
    if (held === undefined || held.isProved) return;
    const proved = { ...held, isProved: true };
    const kept = this.#responses.filter((one) => one !== held && !(one.isProved && isCovered(one.response, response)));
    const isOld = kept.some((one) => one.isProved && isCovered(response, one.response));
    this.#responses = isOld ? kept : [...kept, proved];
  }

  clear(): void {
    this.#crls = [];
    this.#responses = [];
  }

  get #octets(): number {
    return this.#responses.reduce((sum, { response }) => sum + response.octets.length, 0);
  }

  #hold(held: HeldResponse): void {
    const { response } = held;
    if (this.#responses.some((one) => equalOctets(one.response.octets, response.octets))) return;
    this.#responses = [...this.#responses, held];
    if (this.#signers.ofOcspResponse(response) !== undefined) this.believeOcspResponse(response);
  }

  #take(held: HeldCrl): void {
    const others = this.#crls.filter(({ crl }) => !equalOctets(crl.octets, held.crl.octets));
    const isRenewedBy = (one: HeldCrl, by: HeldCrl) =>
      by.signedBy !== undefined && one.signedBy === by.signedBy && renews(by.crl, one.crl);
    const kept = others.filter((one) => !isRenewedBy(one, held));
    this.#crls = kept.some((one) => isRenewedBy(held, one)) ? kept : [...kept, held];
  }
}

function keyOf(signer: Certificate | undefined): string | undefined {
  return signer === undefined ? undefined : toHex(signer.subjectKey.octets);
}

/** At most so many of those that are meant: the ones that came last. */
function withoutOldest<T>(list: readonly T[], isMeant: (one: T) => boolean, most: number): readonly T[] {
  const meant = list.filter(isMeant);
  const dropped = new Set(meant.slice(0, Math.max(0, meant.length - most)));
  return list.filter((one) => !dropped.has(one));
}

function isAboutSame(a: OcspResponse, b: OcspResponse): boolean {
  return a.answers.some((one) => b.answers.some((other) => isOfSame(one, other)));
}

function isCovered(old: OcspResponse, by: OcspResponse): boolean {
  if (by.hasUnknownCritical && !old.hasUnknownCritical) return false;
  return old.answers.every((one) => by.answers.some((other) => isAnsweredAnew(one, other)));
}

function isAnsweredAnew(old: OcspAnswer, by: OcspAnswer): boolean {
  if (!isOfSame(old, by) || by.thisUpdate < old.thisUpdate) return false;
  if (typeof old.status !== 'object') return true;
  return typeof by.status === 'object' && (old.status.isOnHold || !by.status.isOnHold);
}

/** Whether two answers have one CertID. */
function isOfSame(a: OcspAnswer, b: OcspAnswer): boolean {
  return (
    a.hashName === b.hashName &&
    a.serial === b.serial &&
    equalOctets(a.issuerKeyHash, b.issuerKeyHash) &&
    equalOctets(a.issuerNameHash, b.issuerNameHash)
  );
}
