import { type DhKeyPair, wipe } from '@espalier/crypto';
import {
  type DecodedPayload,
  encodeMessage,
  encodePayloadBody,
  type IdentificationPayload,
  type Payload,
  type SaPayload,
} from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import { CLEAR, type OpenedMessage, type Protection, type Transition } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { randomOctets } from '../../runtime/random.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Proof } from '../authentication/proof.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { establishedAs } from '../established.ts';
import { offerExtensions, readExtensions } from '../extensions.ts';
import { checkPeerIdentity, knownIdentity } from '../identities.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hashI, hashR, type Phase1Transcript, phase1Iv } from '../keying.ts';
import {
  type FirstPhase1Step,
  type Phase1AnswerState,
  type Phase1Context,
  type Phase1MessageState,
  type Phase1Step,
  phase1Header,
} from '../phase1.ts';
import { deriveKeys, discoveryPayloads, readDiscovery, type Settled, skeyidOf } from '../phase1-keys.ts';
import { offerPhase1, readPhase1Choice } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';
import { answeredKey, asksSharedKey, sharedSecret } from '../shared-key.ts';
import { REPLY_RULES } from './rules.ts';

/** HDR, SA, KE, Ni, IDii --> (RFC 2409 §5.4). */
export function startAggressiveMode(context: Phase1Context, cookie: Uint8Array): FirstPhase1Step {
  const { engine, rng, proposals, lifetime, localIdentity, nonceOctets } = context;
  const offer = offerPhase1(proposals, lifetime);
  const cookies = { initiator: cookie, responder: NO_COOKIE };
  const dh = engine.createDhKeyPair(groupOf(context), rng);
  const niB = randomOctets(rng, nonceOctets);
  const idii: IdentificationPayload = { kind: 'id', ...localIdentity };
  return {
    next: [new ExpectAggressiveReply({ context, cookies, offer, dh, niB, idii })],
    reply: encodeMessage(phase1Header('aggressive', cookies), [
      offer,
      { kind: 'ke', data: dh.publicValue },
      { kind: 'nonce', data: niB },
      idii,
      ...offerExtensions(context),
    ]),
    outcome: undefined,
  };
}

/** Message 1 is sent. */
export interface Offered {
  readonly context: Phase1Context;
  readonly cookies: Cookies;
  readonly offer: SaPayload;
  readonly dh: DhKeyPair;
  readonly niB: Uint8Array;
  readonly idii: IdentificationPayload;
}

/** Awaits `<-- HDR, SA, KE, Nr, IDir, HASH_R`; sends `HDR*, HASH_I -->`, once it has the shared key. */
export class ExpectAggressiveReply implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    {
      on: 'HDR, SA, KE, Nr, IDir, HASH_R [, VID ] [, NAT-D, NAT-D ]',
      sends: 'HDR*, HASH_I [, NAT-D, NAT-D ]',
      to: 'Established',
    },
    { on: 'HDR, SA, KE, Nr, IDir, HASH_R, and the key is to be asked for', sends: '', to: 'AwaitKeyForConfirm' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = REPLY_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = true;
  readonly isReached = false;
  readonly keyOf: string;
  readonly #known: Offered;

  constructor(known: Offered) {
    this.cookies = known.cookies;
    this.keyOf = known.context.peer;
    this.#known = known;
  }

  receive({ header, payloads }: OpenedMessage): Phase1Step {
    const { context, offer, dh } = this.#known;
    const choice = readPhase1Choice(only(payloads, 'sa'), offer, context);
    const cookies = { initiator: this.cookies.initiator, responder: header.responderCookie.slice() };
    const gxr = only(payloads, 'ke').data.slice();
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    checkPublicValue(dh.group, gxr);
    const idir = only(payloads, 'id');
    const settled = { context, choice, cookies, extensions: readExtensions(context, payloads) };
    const nat = readDiscovery(settled, payloads);
    const tolerated = [...choice.tolerated, ...checkPeerIdentity(idir, context, { nat })];
    const replied = { ...this.#known, ...settled, gxr, nrB, payloads, nat };
    const secret = sharedSecret(context, choice.proposal);
    if (secret !== 'ask') return { ...confirm(replied, secret), tolerated };
    return { next: [new AwaitKeyForConfirm(replied)], reply: undefined, outcome: undefined, tolerated };
  }

  wipe(): void {
    this.#known.dh.wipe();
  }
}

/** Message 2 has come. */
export interface Replied extends Offered, Settled {
  readonly gxr: Uint8Array;
  readonly nrB: Uint8Array;
  readonly payloads: readonly DecodedPayload[];
  readonly nat: NatFindings | undefined;
}

/** Awaits the shared key from the caller; sends `HDR*, HASH_I -->`. */
export class AwaitKeyForConfirm implements Phase1AnswerState {
  static readonly transitions: readonly Transition[] = [
    { on: 'the shared key', sends: 'HDR*, HASH_I [, NAT-D, NAT-D ]', to: 'Established' },
  ];
  readonly cookies: Cookies;
  readonly asks: QuestionAsked;
  readonly nat: NatFindings | undefined;
  readonly isReached = true;
  readonly keyOf: string;
  readonly #known: Replied;

  constructor(known: Replied) {
    this.cookies = known.cookies;
    this.keyOf = known.context.peer;
    this.asks = asksSharedKey(known.context, 'initiator', only(known.payloads, 'id'));
    this.nat = known.nat;
    this.#known = known;
  }

  answer(answer: Answer): Phase1Step {
    return confirm(this.#known, answeredKey(answer));
  }

  wipe(): void {
    this.#known.dh.wipe();
  }
}

/** HASH_R is verified, then `HDR*, HASH_I -->`. */
function confirm(known: Replied, secret: Uint8Array): Phase1Step {
  const { context, offer, choice, cookies, dh, niB, gxr, nrB, idii, payloads, nat } = known;
  const { proposal } = choice;
  const method = AUTHENTICATION_METHODS[proposal.authentication];
  const gxy = dh.agree(gxr) ?? refuseKeyExchange();
  const material = { cookies, gxy, niB, nrB, secret };
  const skeyid = skeyidOf(proposal, material);
  const transcript: Phase1Transcript = {
    gxi: dh.publicValue,
    gxr,
    cookieI: cookies.initiator,
    cookieR: cookies.responder,
    saiB: encodePayloadBody(offer),
  };
  const idir = only(payloads, 'id');
  const proof: Proof = method.verify(
    payloads,
    hashR(proposal.hash, skeyid, transcript, idir.body),
    knownIdentity(idir, context.remoteIdentity),
  );

  const keys = deriveKeys(context, proposal, material, skeyid);
  wipe(gxy);
  dh.wipe();
  const ours = hashI(keys.hash, keys.skeyid, transcript, encodePayloadBody(idii));
  const reply: readonly Payload[] = [...method.prove(ours), ...discoveryPayloads(known, nat)];
  const iv = phase1Iv(proposal.hash, transcript.gxi, gxr, keys.cipher.blockOctets);
  const sealed = sealMessage(keys.cipher, iv, phase1Header('aggressive', cookies), reply);
  return {
    next: [],
    reply: sealed.octets,
    outcome: establishedAs('initiator', 'aggressive', known, {
      keys,
      lastBlock: sealed.nextIv,
      proof,
      nat,
      initialContact: false,
      tellsInitialContact: context.initialContact(),
    }),
  };
}

/** Every proposal has the same group: the public value goes out before one is chosen (RFC 2409 §5). */
function groupOf({ proposals }: Phase1Context): DhKeyPair['group'] {
  return proposals[0]?.group ?? refuseKeyExchange();
}
