import { nobleEngine, type PrivateKey, type Signatures } from '@espalier/crypto';
import type { Certificate as CertificatePayload, CertificateRequest, SignatureMethod } from '@espalier/ike';
import type { Identification } from '@espalier/wire';
import { requireRead } from './arguments.ts';
import type { Certificate, Signed as SignedOctets } from './certificate/certificate.ts';
import { usableKey } from './chain/keys.ts';
import { PathFault, refuse } from './chain/path-fault.ts';
import { findPath } from './chain/paths.ts';
import { type CompleteTrustPolicy, completePolicy } from './chain/policy.ts';
import { checkSignature, mayBeUsedFor, Validation, validatePath } from './chain/validation.ts';
import { checkConfig, checkQuestion } from './check-config.ts';
import type { Credential, PkiConfig } from './config.ts';
import { certifies } from './identity/certified.ts';
import { isExpected } from './identity/expected.ts';
import { equalNames, nameFromOctets } from './name/distinguished-name.ts';
import { type Received, readReceived } from './payloads/received.ts';
import { certificatePayloads, certificateRequests } from './payloads/sent.ts';
import type { Crl } from './revocation/crl.ts';
import { HeldRevocation } from './revocation/held.ts';
import { isOfIssuer, isResponder, type OcspResponse } from './revocation/ocsp.ts';
import { checkRevocation, type RevocationSources } from './revocation/revocation.ts';
import type { ChainQuestion, Verdict } from './verdict.ts';

/** What is to be signed: as `SignQuestion` of `@espalier/ike` has it. */
export interface SignatureRequest {
  readonly method: SignatureMethod;
  readonly identity: Identification;
  readonly hash: Uint8Array;
  readonly requests: readonly CertificateRequest[];
}

/** A signature, and the certificates that are to be sent with it. */
export interface Signed {
  readonly signature: Uint8Array;
  readonly certificates: readonly CertificatePayload[];
}

/**
 * Certificates as one side of IKE sees them: whom it trusts, what has been revoked, what it shows. It keeps no time, asks
 * no network and remembers nothing of what peers send.
 */
export class Pki {
  readonly #config: PkiConfig;
  readonly #policy: CompleteTrustPolicy;
  readonly #signatures: Signatures;
  readonly #revocation: HeldRevocation;

  /**
   * @throws TypeError for what is no certificate, CRL or OCSP response; RangeError for a policy that is out of its range, and
   * for a credential whose key is not that of its certificate.
   */
  constructor(config: PkiConfig) {
    checkConfig(config);
    this.#config = config;
    this.#policy = completePolicy(config.policy === undefined ? {} : config.policy);
    this.#signatures = (config.engine ?? nobleEngine()).signatures;
    this.#revocation = new HeldRevocation(config.crls ?? [], config.ocspResponses ?? [], {
      ofCrl: (crl) => this.#signerOfCrl(crl),
      ofOcspResponse: (response) => this.#signerOfResponse(response),
    });
  }

  /**
   * Takes a CRL that has been fetched: what it renews is dropped once it has proved genuine, and it is itself where a later
   * one is there. Of those whose issuer is not known yet, a few are kept.
   */
  addCrl(crl: Crl): void {
    requireRead('crl', crl);
    this.#revocation.addCrl(crl);
  }

  /**
   * Takes an OCSP response that has been fetched, until a later one about the same certificates has proved genuine; one
   * that says revoked stays. 16 MiB in all are held.
   */
  addOcspResponse(response: OcspResponse): void {
    requireRead('response', response);
    this.#revocation.addOcspResponse(response);
  }

  /** Forgets CRLs and OCSP responses, as `clear security pki crl` does. */
  clearRevocation(): void {
    this.#revocation.clear();
  }

  get crls(): readonly Crl[] {
    return this.#revocation.crls;
  }

  get trustAnchors(): readonly Certificate[] {
    return this.#config.trustAnchors;
  }

  get credentials(): readonly Credential[] {
    return this.#config.credentials ?? [];
  }

  /** What this side asks its peers for: certificates of its trust anchors (RFC 2408 §3.10). */
  certificateRequests(): readonly CertificateRequest[] {
    return certificateRequests(this.#config.trustAnchors);
  }

  /**
   * Whether a peer's certificates are believed, at a time in milliseconds since 1970: RFC 5280 §6, RFC 4945. Never throws for
   * what the peer has sent, and takes bounded time.
   * @throws TypeError for a question that is none; RangeError unless `at` is finite: no date would be over then.
   */
  verifyChain(at: number, question: ChainQuestion): Verdict {
    if (!Number.isFinite(at)) throw new RangeError('at must be milliseconds since 1970');
    checkQuestion(question);
    const { identity, certificates } = question;
    try {
      const received = readReceived(certificates);
      const leaf = this.#endEntity(identity, received.certificates);
      return this.#verify(at, identity, leaf, received);
    } catch (error) {
      if (error instanceof PathFault) return { ok: false, refusal: error.refusal };
      throw error;
    }
  }

  /** Signs with the first credential that fits, the better the more of what is asked for it has. Undefined: none does. */
  sign({ method, identity, hash, requests }: SignatureRequest): Signed | undefined {
    const fitting = this.credentials.filter(({ key }) => methodOf(key) === method);
    const asked = requests.map(({ authority }) => nameFromOctets(authority)).filter((name) => name !== undefined);
    const rank = ({ certificate, issuers = [] }: Credential): number => {
      const isAskedFor = [certificate, ...issuers].some(({ issuer }) => asked.some((name) => equalNames(name, issuer)));
      return (certifies(certificate, identity) ? 0 : 2) + (isAskedFor ? 0 : 1);
    };
    const [credential] = fitting.toSorted((a, b) => rank(a) - rank(b));
    if (credential === undefined) return undefined;
    const signature = this.#signatures.sign(credential.key, hash);
    if (signature === undefined) return undefined;
    return { signature, certificates: this.certificatesOf(credential) };
  }

  /** A credential's chain as it is sent: without trust anchors, which the peer has or does not believe. */
  certificatesOf({ certificate, issuers = [] }: Credential): readonly CertificatePayload[] {
    const between = issuers.filter((issuer) => !equalNames(issuer.subject, issuer.issuer));
    return certificatePayloads([certificate, ...between], this.#config.chainEncoding);
  }

  #verify(at: number, identity: Identification, leaf: Certificate, received: Received): Verdict {
    const validation = new Validation(this.#policy, at, this.#signatures);
    const certificates = [...received.certificates, ...(this.#config.certificates ?? [])];
    const held = this.#revocation;
    const sources: RevocationSources = {
      crls: [...held.crls, ...received.crls],
      ocspResponses: held.ocspResponses,
      certificates: [...certificates, ...this.#config.trustAnchors],
      believeCrl: (crl, signer) => held.believeCrl(crl, signer),
      believeOcspResponse: (response) => held.believeOcspResponse(response),
    };
    const path = findPath(leaf, certificates, this.#config.trustAnchors, (one) => {
      validatePath(one, 'ike', validation);
      checkRevocation(one, sources, validation);
    });
    const key = usableKey(leaf, this.#policy);
    this.#checkIdentity(leaf, identity);
    return { ok: true, key, path, certificate: leaf };
  }

  #signerOfCrl(crl: Crl): Certificate | undefined {
    const isSigner = (one: Certificate) => equalNames(one.subject, crl.issuer) && mayBeUsedFor(one, 'cRLSign');
    return this.#known.find((one) => isSigner(one) && this.#hasSigned(one, crl.signed));
  }

  /** An issuer proves what is said of its own certificates, and of nobody else's. */
  #signerOfResponse(response: OcspResponse): Certificate | undefined {
    const { answers, signed } = response;
    const isIssuer = (one: Certificate) => isResponder(response, one) && answers.every((of) => isOfIssuer(of, one));
    return answers.length === 0 ? undefined : this.#known.find((one) => isIssuer(one) && this.#hasSigned(one, signed));
  }

  /** Whom this side knows itself. */
  get #known(): readonly Certificate[] {
    return [...this.#config.trustAnchors, ...(this.#config.certificates ?? [])];
  }

  #hasSigned(signer: Certificate, signed: SignedOctets): boolean {
    try {
      // The time does not count for a signature alone.
      checkSignature(undefined, signed, signer, new Validation(this.#policy, 0, this.#signatures));
      return true;
    } catch (error) {
      if (error instanceof PathFault) return false;
      throw error;
    }
  }

  /** The certificate that is meant: for whom the peer says it is; else the first, which is to be the end entity's. */
  #endEntity(identity: Identification, received: readonly Certificate[]): Certificate {
    const ofPeer = (one: Certificate) => certifies(one, identity);
    const [first] = received;
    const isAuthority = ({ extensions }: Certificate) => extensions.basicConstraints?.isCa === true;
    return (
      received.find(ofPeer) ??
      received.find((one) => !isAuthority(one)) ??
      first ??
      this.#config.certificates?.find(ofPeer) ??
      refuse(undefined, 'no-certificate', 'the peer sent none, and none is known for whom it says it is')
    );
  }

  #checkIdentity(leaf: Certificate, identity: Identification): void {
    if (!certifies(leaf, identity)) refuse(leaf, 'wrong-identity', 'not for whom the peer says it is');
    const { expected } = this.#config;
    if (expected === undefined || expected.some((one) => isExpected(identity, leaf, one))) return;
    refuse(leaf, 'wrong-identity', 'not for anybody who is expected');
  }
}

function methodOf(key: PrivateKey): SignatureMethod {
  if (key.kind === 'rsa') return 'rsa-signature';
  return key.curve === 'P-256' ? 'ecdsa-256' : key.curve === 'P-384' ? 'ecdsa-384' : 'ecdsa-521';
}
