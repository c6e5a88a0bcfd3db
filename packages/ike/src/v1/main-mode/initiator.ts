import type { DhKeyPair } from '@espalier/crypto';
import { encodeMessage, encodePayloadBody, type IdentificationPayload, type SaPayload } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { randomOctets } from '../../runtime/random.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { type Extensions, offerExtensions, readExtensions } from '../extensions.ts';
import { checkPeerIdentity, keepIdentification } from '../identities.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hashI, hashR, phase1Iv } from '../keying.ts';
import {
  Established,
  hasInitialContact,
  initialContactNotification,
  mainModeFields,
  type Phase1Context,
  type Phase1Message,
  type Phase1State,
  type Phase1Step,
  type Transition,
} from '../phase1.ts';
import {
  authRules,
  deriveKeys,
  discoveryPayloads,
  KE_RULES,
  type Keyed,
  readDiscovery,
  SA_RULES,
} from '../phase1-keys.ts';
import { offerPhase1, type Phase1Choice, readPhase1Choice } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';

/** HDR, SA --> (RFC 2409 §5.4). */
export function startMainMode(context: Phase1Context, cookie: Uint8Array): { next: ExpectSaReply; reply: Uint8Array } {
  const offer = offerPhase1(context.proposals, context.lifetime);
  const cookies = { initiator: cookie, responder: NO_COOKIE };
  return {
    next: new ExpectSaReply({ context, cookies, offer }),
    reply: encodeMessage(mainModeFields(cookies), [offer, ...offerExtensions(context)]),
  };
}

/** Message 1 is sent. */
export interface Offered {
  readonly context: Phase1Context;
  readonly cookies: Cookies;
  readonly offer: SaPayload;
}

/** Awaits `<-- HDR, SA`; sends `HDR, KE, Ni -->`. */
export class ExpectSaReply implements Phase1State {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, SA [, VID ]', sends: 'HDR, KE, Ni [, NAT-D, NAT-D ]', to: 'ExpectKeReply' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = SA_RULES;
  readonly opening = undefined;
  readonly #known: Offered;

  constructor(known: Offered) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ header, payloads }: Phase1Message): Phase1Step {
    const { context, offer } = this.#known;
    const choice = readPhase1Choice(only(payloads, 'sa'), offer, context.proposals);
    const cookies = { initiator: this.cookies.initiator, responder: header.responderCookie.slice() };
    const dh = context.engine.createDhKeyPair(choice.proposal.group, context.rng);
    const niB = randomOctets(context.rng, context.nonceOctets);
    const settled = { context, offer, choice, cookies, extensions: readExtensions(context, payloads) };
    return {
      next: new ExpectKeReply({ ...settled, dh, niB }),
      reply: encodeMessage(mainModeFields(cookies), [
        { kind: 'ke', data: dh.publicValue },
        { kind: 'nonce', data: niB },
        ...discoveryPayloads(settled),
      ]),
    };
  }

  wipe(): void {}
}

/** Message 3 is sent. */
export interface Proposed extends Offered {
  readonly choice: Phase1Choice;
  readonly extensions: Extensions;
  readonly dh: DhKeyPair;
  readonly niB: Uint8Array;
}

/** Awaits `<-- HDR, KE, Nr`; sends `HDR*, IDii, HASH_I -->`. */
export class ExpectKeReply implements Phase1State {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, KE, Nr [, NAT-D, NAT-D ]', sends: 'HDR*, IDii, HASH_I [, INITIAL-CONTACT]', to: 'ExpectAuthReply' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = KE_RULES;
  readonly opening = undefined;
  readonly #known: Proposed;

  constructor(known: Proposed) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ payloads }: Phase1Message): Phase1Step {
    const { context, offer, choice, cookies, extensions, dh, niB } = this.#known;
    const { proposal } = choice;
    const gxr = only(payloads, 'ke').data.slice();
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    checkPublicValue(proposal.group, gxr);
    const gxy = dh.agree(gxr) ?? refuseKeyExchange();

    const keys = deriveKeys(context, choice, cookies, gxy, niB, nrB);
    const transcript = {
      gxi: dh.publicValue,
      gxr,
      cookieI: cookies.initiator,
      cookieR: cookies.responder,
      saiB: encodePayloadBody(offer),
    };
    const id: IdentificationPayload = { kind: 'id', ...context.localIdentity };
    const proof = hashI(keys.hash, keys.skeyid, transcript, encodePayloadBody(id));
    const sealed = sealMessage(
      keys.cipher,
      phase1Iv(proposal.hash, dh.publicValue, gxr, keys.cipher.blockOctets),
      mainModeFields(cookies),
      [
        id,
        ...context.authentication.prove(proof),
        ...(context.initialContact() ? [initialContactNotification(cookies)] : []),
      ],
    );
    dh.wipe();
    const nat = readDiscovery(this.#known, payloads);
    return {
      next: new ExpectAuthReply({ context, choice, cookies, keys, transcript, iv: sealed.nextIv, extensions, nat }),
      reply: sealed.octets,
    };
  }

  wipe(): void {
    this.#known.dh.wipe();
  }
}

/** Awaits `<-- HDR*, IDir, HASH_R`. */
export class ExpectAuthReply implements Phase1State {
  static readonly transitions: readonly Transition[] = [{ on: 'HDR*, IDir, HASH_R', sends: '', to: 'Established' }];
  readonly cookies: Cookies;
  readonly rules: PayloadRules;
  readonly opening: Phase1State['opening'];
  readonly nat: NatFindings | undefined;
  readonly #known: Keyed;

  constructor(known: Keyed) {
    this.rules = authRules(known.context.authentication);
    this.opening = { cipher: known.keys.cipher, iv: known.iv };
    this.nat = known.nat;
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ payloads, nextIv }: Phase1Message): Phase1Step {
    const { context, choice, cookies, keys, transcript, extensions, nat } = this.#known;
    const id = only(payloads, 'id');
    context.authentication.verify(payloads, hashR(keys.hash, keys.skeyid, transcript, id.body));
    checkPeerIdentity(id, context.remoteIdentity);
    const initialContact = hasInitialContact(payloads, cookies);
    return {
      next: new Established({
        cookies,
        role: 'initiator',
        proposal: choice.proposal,
        keys,
        lastBlock: nextIv,
        remoteIdentity: keepIdentification(id),
        lifetime: context.lifetime,
        lifetimeIsNews: false,
        initialContact,
        nat,
        deadPeerDetection: extensions.deadPeerDetection,
      }),
      reply: undefined,
    };
  }

  wipe(): void {
    this.#known.keys.wipe();
  }
}
