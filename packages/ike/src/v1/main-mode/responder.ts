import { type DhKeyPair, wipe } from '@espalier/crypto';
import { encodeMessage, encodePayloadBody, type IdentificationPayload } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import {
  CLEAR,
  NO_SECRETS,
  type OpenedMessage,
  type Protection,
  type Secret,
  type Transition,
} from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { CertificateRequest } from '../../types.ts';
import { excusing } from '../authentication/asked-key.ts';
import { AwaitsCaller, goOn, whileKeyed } from '../authentication/awaits-caller.ts';
import { readRequests } from '../authentication/certificates.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { Pending } from '../authentication/pending.ts';
import type { Proof } from '../authentication/proof.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { checkPeerIdentity, identityDetail, knownIdentity, toleratedIdentity } from '../identities.ts';
import { readInitialContact } from '../informational/initial-contact.ts';
import { hashI, hashR, phase1Iv } from '../keying.ts';
import type { Candidates } from '../phase1/candidates.ts';
import { establishedAs } from '../phase1/established.ts';
import { answerExtensions, type Extensions, readExtensions } from '../phase1/extensions.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../phase1/key-exchange.ts';
import {
  type Candidate,
  deriveKeys,
  discoveryPayloads,
  type Keyed,
  proofHash,
  readDiscovery,
  skeyidOf,
} from '../phase1/keys.ts';
import { type Phase1Context, type Phase1MessageState, type Phase1Step, phase1Header } from '../phase1/phase1.ts';
import { sharedSecret } from '../phase1/shared-key.ts';
import { choosePhase1, isSameProposal } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';
import { AwaitsProof } from './awaits-proof.ts';
import { KE_RULES, SA_RULES } from './rules.ts';

/** At least one of something. */
type Some<T> = readonly [T, ...T[]];

/** Awaits `HDR, SA -->`; sends `<-- HDR, SA` (RFC 2409 §5.4). No public-key work until the address is shown. */
export class ExpectSa implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, SA [, VID ]', sends: 'HDR, SA [, VID ]', to: 'ExpectKe' },
  ];
  readonly cookies: Cookies = { initiator: NO_COOKIE, responder: NO_COOKIE };
  readonly rules: PayloadRules = SA_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = false;
  readonly isReached = false;
  readonly #contexts: Some<Phase1Context>;
  readonly #candidates: Candidates;
  readonly #drawCookie: () => Uint8Array;

  /**
   * `candidates`: whom a message may be from; asked again once it says who it is from, where no key tells before.
   * `drawCookie` is asked for CKY-R once there is a proposal to agree on. @throws Refusal where there is nobody.
   */
  constructor(candidates: Candidates, drawCookie: () => Uint8Array) {
    const [first, ...others] = candidates();
    this.#contexts = [first ?? refuse('unknown-peer'), ...others];
    this.#candidates = candidates;
    this.#drawCookie = drawCookie;
  }

  receive({ header, payloads }: OpenedMessage): Phase1Step {
    const offer = only(payloads, 'sa');
    const { sa, candidates } = choosePhase1(offer, this.#contexts);
    const requests = readRequests(payloads);
    const extensions = readExtensions(this.#contexts[0], payloads);
    const cookies = { initiator: header.initiatorCookie.slice(), responder: this.#drawCookie() };
    return {
      next: [
        new ExpectKe({
          candidates,
          named: this.#candidates,
          cookies,
          extensions,
          requests,
          saiB: offer.body.slice(),
        }),
      ],
      reply: encodeMessage(phase1Header('main', cookies), [sa, ...answerExtensions(extensions)]),
      outcome: undefined,
      tolerated: candidates[0].choice.tolerated,
    };
  }

  get secrets(): readonly Secret[] {
    return NO_SECRETS;
  }
}

/** Message 2 is sent. */
export interface Chosen {
  readonly candidates: Some<Candidate>;
  /** Who has an identity, of those that it may be. */
  readonly named: Candidates;
  readonly cookies: Cookies;
  readonly extensions: Extensions;
  readonly requests: readonly CertificateRequest[];
  readonly saiB: Uint8Array;
}

/** Awaits `HDR, KE, Ni -->`; sends `<-- HDR, KE, Nr`, once it has the shared key. */
export class ExpectKe implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    {
      on: 'HDR, KE, Ni [, CERTREQ ] [, NAT-D, NAT-D ]',
      sends: 'HDR, KE, Nr [, CERTREQ ] [, NAT-D, NAT-D ]',
      to: 'ExpectAuth',
    },
    { on: 'HDR, KE, Ni, and the key is to be asked for', sends: '', to: 'AwaitKeyForKe' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = KE_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = false;
  readonly isReached = false;
  readonly #known: Chosen;
  /** Drawn once, however many public values come: all are answered alike, and message 5 tells whose is the peer's. */
  #drawn: { readonly dh: DhKeyPair; readonly nrB: Uint8Array } | undefined;

  constructor(known: Chosen) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ payloads }: OpenedMessage): Phase1Step {
    const { context, choice } = this.#known.candidates[0];
    const gxi = only(payloads, 'ke').data.slice();
    const niB = only(payloads, 'nonce').data.slice();
    checkNonce(niB);
    checkPublicValue(choice.proposal.group, gxi);

    const secret = sharedSecret(context, choice.proposal, 'responder');
    const { engine, rng, nonceOctets } = context;
    this.#drawn ??= { dh: engine.createDhKeyPair(choice.proposal.group, rng), nrB: randomOctets(rng, nonceOctets) };
    const { dh, nrB } = this.#drawn;
    const gxy = dh.agree(gxi) ?? refuseKeyExchange();
    const gxr = dh.publicValue;
    const nat = readDiscovery({ ...this.#known, context, choice }, payloads);
    const requests = readRequests(payloads, this.#known.requests);
    const exchanged = { ...this.#known, requests, gxi, gxr, gxy, niB, nrB, nat };
    if (!(secret instanceof Pending)) return answerKe(exchanged);
    const { cookies } = exchanged;
    return goOn(
      secret,
      (key) => answerKe({ ...exchanged, candidates: [{ context: { ...context, preSharedKey: key }, choice }] }),
      (pending) => new AwaitKeyForKe(pending, { cookies, nat, isReached: true, secrets: [gxy] }),
    );
  }

  get secrets(): readonly Secret[] {
    return this.#drawn === undefined ? NO_SECRETS : [this.#drawn.dh];
  }
}

/** Message 3 has come. */
interface Exchanged extends Chosen {
  readonly gxi: Uint8Array;
  readonly gxr: Uint8Array;
  readonly gxy: Uint8Array;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
  readonly nat: NatFindings | undefined;
}

/** Awaits the shared key from the caller; sends `<-- HDR, KE, Nr`. */
export class AwaitKeyForKe extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [
    { on: 'the shared key', sends: 'HDR, KE, Nr [, NAT-D, NAT-D ]', to: 'ExpectAuth' },
  ];
}

const AUTH_REPLY = 'HDR*, IDir, HASH_R | [ CERT, ] SIG_R';

/** What a responder awaits message 5 with. */
interface Expecting extends Keyed {
  readonly named: Candidates;
}

/** What it has of message 5, once that is verified or the caller is asked about it. */
interface Come {
  readonly proof: Proof;
  readonly nextIv: Uint8Array;
  readonly initialContact: boolean;
}

/** Awaits `HDR*, IDii, HASH_I -->` or `HDR*, IDii, [ CERT, ] SIG_I -->`; sends the same of its own. */
export class ExpectAuth extends AwaitsProof {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, IDii, HASH_I | [ CERT, ] SIG_I [, CERTREQ ]', sends: AUTH_REPLY, to: 'Established' },
    { on: 'HDR*, IDii, [ CERT, ] SIG_I, and whose key it is is to be asked for', sends: '', to: 'AwaitVerdictOnAuth' },
    {
      on: 'HDR*, IDii, [ CERT, ] SIG_I, and the signature is to be asked for',
      sends: '',
      to: 'AwaitSignatureForAuthReply',
    },
  ];
  override readonly repeats = false;
  readonly #named: Candidates;

  constructor({ named, ...known }: Expecting) {
    super(known);
    this.#named = named;
  }

  override receive({ payloads, nextIv }: OpenedMessage): Phase1Step {
    const idii = only(payloads, 'id');
    const known = this.#knownOf(idii);
    const { context, choice, cookies, keys, transcript, nat } = known;
    const { proposal } = choice;
    const proof = AUTHENTICATION_METHODS[proposal.authentication].verify({
      context,
      role: 'responder',
      payloads,
      identity: knownIdentity(idii, context.remoteIdentity),
      hash: hashI(proofHash(proposal), keys.skeyid, transcript, idii.body),
    });
    const notify = 'INVALID-ID-INFORMATION';
    const check = () => checkPeerIdentity(idii, context, { notify, nat: excusing(nat, context, proposal) });
    const tolerated = proof instanceof Pending ? check() : authentic(check);
    const contact = readInitialContact(payloads, cookies, context.terms);
    const answering = { ...known, requests: readRequests(payloads, known.requests) };
    const step = goOn(
      proof,
      (proved) => answerAuth(answering, { proof: proved, nextIv, initialContact: contact.isSaid }),
      (pending) => new AwaitVerdictOnAuth(pending, whileKeyed(known)),
    );
    return { ...step, tolerated: [...tolerated, ...contact.tolerated] };
  }

  /** Where no key has told who it is, it is who has this identity, and what was agreed on among its proposals. */
  #knownOf(idii: IdentificationPayload): Keyed {
    const { choice, nat } = this.known;
    if (AUTHENTICATION_METHODS[choice.proposal.authentication].sharesKey) return this.known;
    const context = [...this.#named(idii), this.known.context].find(
      (one) =>
        toleratedIdentity(idii, one, excusing(nat, one, choice.proposal)) !== undefined &&
        one.proposals.some((proposal) => isSameProposal(proposal, choice.proposal)),
    );
    if (context !== undefined) return { ...this.known, context };
    // Nothing is told: who can begin an exchange could find out whom we know.
    return refuse('invalid-identity', { explain: () => identityDetail(idii, this.known.context.remoteIdentity) });
  }
}

/** Awaits whose key has made SIG_I from the caller; sends `<-- HDR*, IDir, [ CERT, ] SIG_R`, if that is not asked for. */
export class AwaitVerdictOnAuth extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [
    { on: "the peer's key", sends: AUTH_REPLY, to: 'Established' },
    { on: "the peer's key, and the signature is to be asked for", sends: '', to: 'AwaitSignatureForAuthReply' },
  ];
}

/** Awaits SIG_R from the caller; sends `<-- HDR*, IDir, [ CERT, ] SIG_R`. */
export class AwaitSignatureForAuthReply extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the signature', sends: AUTH_REPLY, to: 'Established' }];
}

/** `<-- HDR*, IDir, HASH_R`, or `<-- HDR*, IDir, [ CERT, ] SIG_R` */
function answerAuth(known: Keyed, { proof, nextIv, initialContact }: Come): Phase1Step {
  const { context, choice, cookies, keys, transcript, requests, nat } = known;
  const { proposal } = choice;
  const idir: IdentificationPayload = { kind: 'id', ...context.localIdentity };
  const proving = AUTHENTICATION_METHODS[proposal.authentication].prove({
    context,
    role: 'responder',
    hash: hashR(proofHash(proposal), keys.skeyid, transcript, encodePayloadBody(idir)),
    requests,
  });
  return goOn(
    proving,
    (payloads) => {
      const sealed = sealMessage(keys.cipher, nextIv, phase1Header('main', cookies), [idir, ...payloads]);
      const lastBlock = sealed.nextIv;
      const outcome = establishedAs('responder', 'main', known, { keys, lastBlock, proof, nat, initialContact });
      return { next: [], reply: sealed.octets, outcome };
    },
    (pending) => new AwaitSignatureForAuthReply(pending, { ...whileKeyed(known), isProved: true }),
  );
}

/** `<-- HDR, KE, Nr`; of several peers that it may be, it is the one whose key opens message 5, or who is named there. */
function answerKe(known: Exchanged): Phase1Step {
  const { candidates, named, cookies, extensions, requests, saiB, gxi, gxr, gxy, niB, nrB, nat } = known;
  const transcript = { gxi, gxr, cookieI: cookies.initiator, cookieR: cookies.responder, saiB };
  const [likeliest] = candidates;
  const { sharesKey, requests: ask } = AUTHENTICATION_METHODS[likeliest.choice.proposal.authentication];
  const next = (sharesKey ? candidates : [likeliest]).flatMap(({ context, choice }) => {
    const { proposal } = choice;
    const secret = sharedSecret(context, proposal, 'responder');
    if (secret instanceof Pending) return [];
    const material = { cookies, gxy, niB, nrB, secret };
    const keys = deriveKeys(context, proposal, material, skeyidOf(proposal, material));
    const iv = phase1Iv(proposal.hash, gxi, gxr, keys.cipher.blockOctets);
    return [new ExpectAuth({ context, choice, named, cookies, keys, transcript, iv, extensions, nat, requests })];
  });
  wipe(gxy);
  const reply = encodeMessage(phase1Header('main', cookies), [
    { kind: 'ke', data: gxr },
    { kind: 'nonce', data: nrB },
    ...ask(likeliest.context, 'responder'),
    ...discoveryPayloads({ ...likeliest, cookies, extensions }),
  ]);
  return { next, reply, outcome: undefined };
}
