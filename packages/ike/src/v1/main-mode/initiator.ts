import { type DhGroupNumber, type DhKeyPair, wipe } from '@espalier/crypto';
import {
  encodeMessage,
  encodePayloadBody,
  type IdentificationPayload,
  type Payload,
  type SaPayload,
} from '@espalier/wire';
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
import { authentic } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { CertificateRequest } from '../../types.ts';
import { excusing } from '../authentication/asked-key.ts';
import { AwaitsCaller, goOn, whileKeyed } from '../authentication/awaits-caller.ts';
import { readRequests } from '../authentication/certificates.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { Pending } from '../authentication/pending.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { checkPeerIdentity, knownIdentity } from '../identities.ts';
import { farewell } from '../informational/informational.ts';
import { initialContactNotification, readInitialContact } from '../informational/initial-contact.ts';
import { hashI, hashR, phase1Iv } from '../keying.ts';
import { establishedAs } from '../phase1/established.ts';
import { type Extensions, offerExtensions, readExtensions } from '../phase1/extensions.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../phase1/key-exchange.ts';
import { deriveKeys, discoveryPayloads, type Keyed, proofHash, readDiscovery, skeyidOf } from '../phase1/keys.ts';
import {
  type FirstPhase1Step,
  type Phase1Context,
  type Phase1MessageState,
  type Phase1Step,
  phase1Header,
} from '../phase1/phase1.ts';
import { sharedSecret } from '../phase1/shared-key.ts';
import { offerPhase1, type Phase1Choice, readPhase1Choice } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';
import { AwaitsProof } from './awaits-proof.ts';
import { KE_RULES, SA_RULES } from './rules.ts';

/** HDR, SA --> (RFC 2409 §5.4). */
export function startMainMode(context: Phase1Context, cookie: Uint8Array): FirstPhase1Step {
  const offer = offerPhase1(context.proposals, context);
  const cookies = { initiator: cookie, responder: NO_COOKIE };
  return {
    next: [new ExpectSaReply({ context, cookies, offer })],
    reply: encodeMessage(phase1Header('main', cookies), [offer, ...offerExtensions(context)]),
    outcome: undefined,
  };
}

/** Message 1 is sent. */
export interface Offered {
  readonly context: Phase1Context;
  readonly cookies: Cookies;
  readonly offer: SaPayload;
}

/** Awaits `<-- HDR, SA`; sends `HDR, KE, Ni -->`. */
export class ExpectSaReply implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, SA [, VID ]', sends: 'HDR, KE, Ni [, NAT-D, NAT-D ]', to: 'ExpectKeReply' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = SA_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = true;
  readonly isReached = false;
  readonly #known: Offered;
  /** Drawn once, however many answers come: what differs where nothing depends on it leads to the same message 3. */
  #drawn: { readonly dh: DhKeyPair; readonly niB: Uint8Array } | undefined;

  constructor(known: Offered) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ header, payloads }: OpenedMessage): Phase1Step {
    const { context, offer } = this.#known;
    const choice = readPhase1Choice(only(payloads, 'sa'), offer, context);
    const cookies = { initiator: this.cookies.initiator, responder: header.responderCookie.slice() };
    const { dh, niB } = this.#draw(choice.proposal.group);
    const settled = { context, offer, choice, cookies, extensions: readExtensions(context, payloads) };
    const requests = readRequests(payloads);
    return {
      next: [new ExpectKeReply({ ...settled, dh, niB, requests })],
      reply: encodeMessage(phase1Header('main', cookies), [
        { kind: 'ke', data: dh.publicValue },
        { kind: 'nonce', data: niB },
        ...discoveryPayloads(settled),
      ]),
      outcome: undefined,
      tolerated: choice.tolerated,
    };
  }

  get secrets(): readonly Secret[] {
    return this.#drawn === undefined ? NO_SECRETS : [this.#drawn.dh];
  }

  #draw(group: DhGroupNumber): { readonly dh: DhKeyPair; readonly niB: Uint8Array } {
    const { engine, rng, nonceOctets } = this.#known.context;
    if (this.#drawn?.dh.group === group) return this.#drawn;
    const drawn = { dh: engine.createDhKeyPair(group, rng), niB: randomOctets(rng, nonceOctets) };
    this.#drawn ??= drawn;
    return drawn;
  }
}

/** Message 3 is sent. */
export interface Proposed extends Offered {
  readonly choice: Phase1Choice;
  readonly extensions: Extensions;
  readonly dh: DhKeyPair;
  readonly niB: Uint8Array;
  readonly requests: readonly CertificateRequest[];
}

const AUTH = 'HDR*, IDii, HASH_I | [ CERT, ] SIG_I [, CERTREQ ] [, INITIAL-CONTACT ]';

/**
 * Awaits `<-- HDR, KE, Nr`; sends `HDR*, IDii, HASH_I -->` once it has the shared key, or `HDR*, IDii, [ CERT, ] SIG_I -->`
 * once that is signed.
 */
export class ExpectKeReply implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, KE, Nr [, CERTREQ ] [, NAT-D, NAT-D ]', sends: AUTH, to: 'ExpectAuthReply' },
    { on: 'HDR, KE, Nr, and the key is to be asked for', sends: '', to: 'AwaitKeyForAuth' },
    { on: 'HDR, KE, Nr, and the signature is to be asked for', sends: '', to: 'AwaitSignatureForAuth' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = KE_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = true;
  readonly isReached = true;
  readonly #known: Proposed;

  constructor(known: Proposed) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ payloads }: OpenedMessage): Phase1Step {
    const { context, choice, cookies, dh } = this.#known;
    const { proposal } = choice;
    const gxr = only(payloads, 'ke').data.slice();
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    checkPublicValue(proposal.group, gxr);
    const requests = readRequests(payloads, this.#known.requests);
    const nat = readDiscovery(this.#known, payloads);
    const exchanged = { ...this.#known, requests, gxr, nrB, nat };
    return goOn(
      sharedSecret(context, proposal, 'initiator'),
      (secret) => authenticate(exchanged, secret),
      (pending) => new AwaitKeyForAuth(pending, { cookies, nat, isReached: true, secrets: [dh] }),
    );
  }

  get secrets(): readonly Secret[] {
    return [this.#known.dh];
  }
}

/** Message 4 has come. */
interface Exchanged extends Proposed {
  readonly gxr: Uint8Array;
  readonly nrB: Uint8Array;
  readonly nat: NatFindings | undefined;
}

/** Awaits the shared key from the caller; sends `HDR*, IDii, HASH_I -->`. */
export class AwaitKeyForAuth extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the shared key', sends: AUTH, to: 'ExpectAuthReply' }];
}

/** Awaits SIG_I from the caller; sends `HDR*, IDii, [ CERT, ] SIG_I -->`. */
export class AwaitSignatureForAuth extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the signature', sends: AUTH, to: 'ExpectAuthReply' }];
}

/** Awaits `<-- HDR*, IDir, HASH_R`, or `<-- HDR*, IDir, [ CERT, ] SIG_R`. */
export class ExpectAuthReply extends AwaitsProof {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, IDir, HASH_R | [ CERT, ] SIG_R', sends: '', to: 'Established' },
    { on: 'HDR*, IDir, [ CERT, ] SIG_R, and whose key it is is to be asked for', sends: '', to: 'AwaitVerdictOnReply' },
  ];
  override readonly repeats = true;

  override receive({ payloads, nextIv }: OpenedMessage): Phase1Step {
    const { context, choice, cookies, keys, transcript, nat } = this.known;
    const { proposal } = choice;
    const idir = only(payloads, 'id');
    const proof = AUTHENTICATION_METHODS[proposal.authentication].verify({
      context,
      role: 'initiator',
      payloads,
      identity: knownIdentity(idir, context.remoteIdentity),
      hash: hashR(proofHash(proposal), keys.skeyid, transcript, idir.body),
    });
    const check = () => checkPeerIdentity(idir, context, { nat: excusing(nat, context, proposal) });
    const tolerated = proof instanceof Pending ? check() : authentic(check);
    const contact = readInitialContact(payloads, cookies, context.terms);
    const step = goOn(
      proof,
      (proved) => ({
        next: [],
        reply: undefined,
        outcome: establishedAs('initiator', 'main', this.known, {
          keys,
          lastBlock: nextIv,
          proof: proved,
          nat,
          initialContact: contact.isSaid,
        }),
      }),
      (pending) =>
        new AwaitVerdictOnReply(pending, {
          ...whileKeyed(this.known),
          farewell: () => this.farewell(nextIv),
        }),
    );
    return { ...step, tolerated: [...tolerated, ...contact.tolerated] };
  }

  farewell(lastBlock: Uint8Array): Uint8Array {
    const { context, cookies, keys } = this.known;
    return farewell({ cookies, keys, lastBlock }, context.rng);
  }
}

/** Awaits whose key has made SIG_R from the caller. */
export class AwaitVerdictOnReply extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: "the peer's key", sends: '', to: 'Established' }];
}

/** The keys are made, and what proves who this side is. */
function authenticate(known: Exchanged, secret: Uint8Array): Phase1Step {
  const { context, offer, choice, cookies, extensions, requests, dh, niB, gxr, nrB, nat } = known;
  const { proposal } = choice;
  const gxy = dh.agree(gxr) ?? refuseKeyExchange();
  const material = { cookies, gxy, niB, nrB, secret };
  const keys = deriveKeys(context, proposal, material, skeyidOf(proposal, material));
  wipe(gxy);
  const transcript = {
    gxi: dh.publicValue,
    gxr,
    cookieI: cookies.initiator,
    cookieR: cookies.responder,
    saiB: encodePayloadBody(offer),
  };
  const idii: IdentificationPayload = { kind: 'id', ...context.localIdentity };
  const iv = phase1Iv(proposal.hash, dh.publicValue, gxr, keys.cipher.blockOctets);
  const keyed = { context, choice, cookies, keys, transcript, iv, extensions, nat, requests };
  const proof = AUTHENTICATION_METHODS[proposal.authentication].prove({
    context,
    role: 'initiator',
    hash: hashI(proofHash(proposal), keys.skeyid, transcript, encodePayloadBody(idii)),
    requests,
  });
  return goOn(
    proof,
    (proving) => sendAuth(keyed, [idii, ...proving]),
    (pending) => new AwaitSignatureForAuth(pending, whileKeyed(keyed)),
  );
}

/** `HDR*, IDii, HASH_I -->`, or `HDR*, IDii, [ CERT, ] SIG_I -->` */
function sendAuth(known: Keyed, proving: readonly Payload[]): Phase1Step {
  const { context, choice, cookies, keys, iv } = known;
  const sealed = sealMessage(keys.cipher, iv, phase1Header('main', cookies), [
    ...proving,
    ...AUTHENTICATION_METHODS[choice.proposal.authentication].requests(context, 'initiator'),
    ...(context.initialContact() ? [initialContactNotification(cookies)] : []),
  ]);
  return { next: [new ExpectAuthReply({ ...known, iv: sealed.nextIv })], reply: sealed.octets, outcome: undefined };
}
