import {
  equalConstantTime,
  type HashName,
  modulusBits,
  type PrivateKey,
  type PublicKey,
  publicKeyFault,
  type SignatureCurve,
  signedByRsa,
} from '@espalier/crypto';
import { equalOctets, type Identification } from '@espalier/wire';
import type { RefusalDetail } from '../../explain/detail.ts';
import { nameIdentity } from '../../explain/identity.ts';
import type { Answer } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import type { AuthenticationName, Credentials, Role, SignatureMethod } from '../../types.ts';
import { checkPeerIdentity } from '../identities.ts';
import { skeyidOfSignature } from '../keying.ts';
import type { Phase1Context } from '../phase1/phase1.ts';
import { certificatesToSend, readCertificates, requestPayloads, signaturePayloads } from './certificates.ts';
import { modulusBitsLeast } from './key-strength.ts';
import type { AuthenticationMethod, Proving, Verifying } from './method.ts';
import { Pending } from './pending.ts';
import { Proof, proofIn } from './proof.ts';

/** What makes the signatures of a method. */
export interface Signer {
  /** The value of the attribute Authentication Method. */
  readonly number: number;
  readonly kind: 'rsa' | 'ecdsa';
  readonly curve?: SignatureCurve;
  /** Where it has its own. */
  readonly hash?: HashName;
  /** What a caller is asked for. */
  readonly question: SignatureMethod;
  /** The one side that signs; the other proves no more than that it is the one who began, or answered. Default: both. */
  readonly signs?: Role;
}

/** Both sides sign (RFC 2409 §5.1, RFC 4754); or one, and the other's HASH is in the place of its signature. */
export function signatureMethod(
  name: AuthenticationName,
  { number, kind, curve, hash, question, signs }: Signer,
): AuthenticationMethod {
  const signer = (key: PrivateKey | PublicKey): boolean =>
    key.kind === kind && (key.kind === 'rsa' || key.curve === curve);
  const signsAs = (role: Role): boolean => signs === undefined || signs === role;
  return {
    number,
    sharesKey: false,
    proves: signsAs,
    ...(hash === undefined ? {} : { hash }),
    signer,
    counts: signs === undefined ? { signature: [1, 1] } : { signature: [0, 1], hash: [0, 1] },
    skeyid: ({ prf, niB, nrB, gxy }) => skeyidOfSignature(prf, niB, nrB, gxy),
    requests: ({ credentials }, role) =>
      credentials === undefined || !signsAs(otherRole(role)) ? [] : requestPayloads(credentials),
    prove: (proving) => (signsAs(proving.role) ? sign(question, proving) : [{ kind: 'hash', data: proving.hash }]),
    verify: (verifying) =>
      signsAs(otherRole(verifying.role))
        ? verify({ name, method: question, signer }, verifying)
        : verifyHash(name, verifying),
  };
}

function otherRole(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

/** That the peer has made the keys: XAuth has still to prove who it is (draft-ietf-ipsec-isakmp-hybrid-auth-05 §3.2). */
function verifyHash(name: AuthenticationName, { payloads, hash, identity }: Verifying): Proof {
  if (!equalConstantTime(proofIn(payloads, 'hash'), hash)) refuse('authentication-failed');
  return new Proof(identity, name);
}

function sign(
  method: SignatureMethod,
  { context, role, hash, requests }: Proving,
): ReturnType<AuthenticationMethod['prove']> {
  const { peer, localIdentity: identity, engine } = context;
  const explain = (): RefusalDetail => ({ kind: 'no-signature', peer, identity: nameIdentity(identity) });
  const credentials = credentialsOf(context);
  const { privateKey = refuse('no-signature', { explain }) } = credentials;
  if (privateKey === 'ask') {
    return new Pending({ kind: 'sign', peer, role, method, identity, hash, requests }, (answer) => {
      const { signature, certificates = [] } = answerOf('sign', answer);
      return signaturePayloads(certificates, signature ?? refuse('no-signature', { explain }));
    });
  }
  const signature = engine.signatures.sign(privateKey, hash) ?? refuse('no-signature', { explain });
  return signaturePayloads(certificatesToSend(credentials, requests), signature);
}

interface VerifyingMethod {
  readonly name: AuthenticationName;
  /** What a caller is asked for. */
  readonly method: SignatureMethod;
  readonly signer: (key: PublicKey) => boolean;
}

function verify({ name, method, signer }: VerifyingMethod, verifying: Verifying): Proof | Pending<Proof> {
  const { context, role, identity, payloads } = verifying;
  const signature = proofIn(payloads, 'signature');
  const prove = (key: PublicKey, proved: Identification): Proof => {
    checkKey(key, signer(key), verifying);
    checkSignature(key, signature, verifying);
    return new Proof(proved, name);
  };
  const { remoteKey } = credentialsOf(context);
  if (remoteKey !== 'ask') return prove(remoteKey, identity);
  const certificates = readCertificates(payloads);
  const { peer } = context;
  return new Pending({ kind: 'verify-chain', peer, role, method, identity, certificates }, (answer) => {
    const verdict = answerOf('verify-chain', answer);
    if ('reason' in verdict) {
      const { reason } = verdict;
      const count = certificates.length;
      return refuse('certificate-refused', {
        explain: () => ({ kind: 'certificates', peer, identity: nameIdentity(identity), count, reason }),
      });
    }
    if (verdict.identity !== undefined) checkPeerIdentity(verdict.identity, context);
    return prove(verdict.key, verdict.identity ?? identity);
  });
}

/** A key that would verify what anybody can forge, or cost too much: CVE-2026-50721 was a peer's own e. */
function checkKey(key: PublicKey, isOfMethod: boolean, { context, identity }: Verifying): void {
  const least = modulusBitsLeast(context.allowsShortRsa === true);
  const fault = !isOfMethod
    ? 'other-kind'
    : (publicKeyFault(key) ?? (key.kind === 'rsa' && modulusBits(key) < least ? 'modulus-short' : undefined));
  if (fault === undefined) return;
  const { peer } = context;
  refuse('unacceptable-key', {
    explain: () => ({ kind: 'public-key', peer, identity: nameIdentity(identity), fault }),
  });
}

function checkSignature(key: PublicKey, signature: Uint8Array, { context, identity, hash }: Verifying): void {
  const { engine, peer } = context;
  if (engine.signatures.verify(key, hash, signature)) return;
  refuse('authentication-failed', {
    explain: () => ({
      kind: 'signature',
      peer,
      identity: nameIdentity(identity),
      signed: whatIsSigned(key, signature, hash),
    }),
  });
}

/** For people: what the peer has signed in the place of the hash, as far as it shows. */
function whatIsSigned(
  key: PublicKey,
  signature: Uint8Array,
  hash: Uint8Array,
): Extract<RefusalDetail, { kind: 'signature' }>['signed'] {
  if (key.kind !== 'rsa') return 'unknown';
  const signed = signedByRsa(key, signature);
  if (signed === undefined) return 'by-another-key';
  const isFramed = signed.length > hash.length && equalOctets(signed.subarray(-hash.length), hash);
  return isFramed ? 'with-digest-info' : signed.length === hash.length ? 'another-hash' : 'another-length';
}

function credentialsOf({ credentials }: Phase1Context): Credentials {
  return credentials ?? refuse('no-signature');
}

/** Of the kind that was asked for: the endpoint lets no other pass. */
function answerOf<K extends Answer['kind']>(kind: K, answer: Answer): Extract<Answer, { kind: K }> {
  return isOfKind(kind, answer) ? answer : refuse('unexpected-message');
}

function isOfKind<K extends Answer['kind']>(kind: K, answer: Answer): answer is Extract<Answer, { kind: K }> {
  return answer.kind === kind;
}
