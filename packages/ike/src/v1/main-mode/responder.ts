import {
  encodeMessage,
  encodePayloadBody,
  type IdentificationPayload,
  milliseconds,
  type SaPayload,
} from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { randomOctets } from '../../runtime/random.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { answerExtensions, type Extensions, readExtensions } from '../extensions.ts';
import { checkPeerIdentity, keepIdentification } from '../identities.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hashI, hashR, phase1Iv } from '../keying.ts';
import {
  Established,
  hasInitialContact,
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
import { choosePhase1, type Phase1Choice } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';

/** Awaits `HDR, SA -->`; sends `<-- HDR, SA` (RFC 2409 §5.4). No public-key work until the address is shown. */
export class ExpectSa implements Phase1State {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, SA [, VID ]', sends: 'HDR, SA [, VID ]', to: 'ExpectKe' },
  ];
  readonly cookies: Cookies = { initiator: NO_COOKIE, responder: NO_COOKIE };
  readonly rules: PayloadRules = SA_RULES;
  readonly opening = undefined;
  readonly #context: Phase1Context;
  readonly #drawCookie: () => Uint8Array;

  /** `drawCookie` is asked for CKY-R once there is a proposal to agree on. */
  constructor(context: Phase1Context, drawCookie: () => Uint8Array) {
    this.#context = context;
    this.#drawCookie = drawCookie;
  }

  receive({ header, payloads }: Phase1Message): Phase1Step {
    const offer = only(payloads, 'sa');
    const choice = choosePhase1(offer, this.#context.proposals);
    const extensions = readExtensions(this.#context, payloads);
    const cookies = { initiator: header.initiatorCookie.slice(), responder: this.#drawCookie() };
    return {
      next: new ExpectKe({ context: this.#context, choice, cookies, extensions, saiB: offer.body.slice() }),
      reply: encodeMessage(mainModeFields(cookies), [choice.sa, ...answerExtensions(extensions)]),
    };
  }

  wipe(): void {}
}

/** Message 2 is sent. */
export interface Chosen {
  readonly context: Phase1Context;
  readonly choice: Phase1Choice & { readonly sa: SaPayload };
  readonly cookies: Cookies;
  readonly extensions: Extensions;
  readonly saiB: Uint8Array;
}

/** Awaits `HDR, KE, Ni -->`; sends `<-- HDR, KE, Nr`. */
export class ExpectKe implements Phase1State {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, KE, Ni [, NAT-D, NAT-D ]', sends: 'HDR, KE, Nr [, NAT-D, NAT-D ]', to: 'ExpectAuth' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = KE_RULES;
  readonly opening = undefined;
  readonly #known: Chosen;

  constructor(known: Chosen) {
    this.cookies = known.cookies;
    this.#known = known;
  }

  receive({ payloads }: Phase1Message): Phase1Step {
    const { context, choice, cookies, extensions, saiB } = this.#known;
    const { proposal } = choice;
    const gxi = only(payloads, 'ke').data.slice();
    const niB = only(payloads, 'nonce').data.slice();
    checkNonce(niB);
    checkPublicValue(proposal.group, gxi);

    const dh = context.engine.createDhKeyPair(proposal.group, context.rng);
    const gxy = dh.agree(gxi) ?? refuseKeyExchange();
    dh.wipe();
    const nrB = randomOctets(context.rng, context.nonceOctets);
    const keys = deriveKeys(context, choice, cookies, gxy, niB, nrB);
    const gxr = dh.publicValue;
    const transcript = { gxi, gxr, cookieI: cookies.initiator, cookieR: cookies.responder, saiB };
    const iv = phase1Iv(proposal.hash, gxi, gxr, keys.cipher.blockOctets);
    const nat = readDiscovery(this.#known, payloads);
    return {
      next: new ExpectAuth({ context, choice, cookies, keys, transcript, iv, extensions, nat }),
      reply: encodeMessage(mainModeFields(cookies), [
        { kind: 'ke', data: gxr },
        { kind: 'nonce', data: nrB },
        ...discoveryPayloads(this.#known),
      ]),
    };
  }

  wipe(): void {}
}

/** Awaits `HDR*, IDii, HASH_I -->`; sends `<-- HDR*, IDir, HASH_R`. */
export class ExpectAuth implements Phase1State {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, IDii, HASH_I', sends: 'HDR*, IDir, HASH_R', to: 'Established' },
  ];
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
    const idii = only(payloads, 'id');
    context.authentication.verify(payloads, hashI(keys.hash, keys.skeyid, transcript, idii.body));
    checkPeerIdentity(idii, context.remoteIdentity);
    const initialContact = hasInitialContact(payloads, cookies);

    const idir: IdentificationPayload = { kind: 'id', ...context.localIdentity };
    const proof = hashR(keys.hash, keys.skeyid, transcript, encodePayloadBody(idir));
    const sealed = sealMessage(keys.cipher, nextIv, mainModeFields(cookies), [
      idir,
      ...context.authentication.prove(proof),
    ]);
    return {
      next: new Established({
        cookies,
        role: 'responder',
        proposal: choice.proposal,
        keys,
        lastBlock: sealed.nextIv,
        remoteIdentity: keepIdentification(idii),
        lifetime: milliseconds(Math.min(context.lifetime, choice.lifetime)),
        lifetimeIsNews: context.lifetime < choice.lifetime,
        initialContact,
        nat,
        deadPeerDetection: extensions.deadPeerDetection,
      }),
      reply: sealed.octets,
    };
  }

  wipe(): void {
    this.#known.keys.wipe();
  }
}
