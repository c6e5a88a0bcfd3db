import { type DhKeyPair, wipe } from '@espalier/crypto';
import { encodeMessage, encodePayloadBody, type IdentificationPayload } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import { CLEAR, type OpenedMessage, type Protection, type Transition } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { authentic } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { establishedAs } from '../established.ts';
import { answerExtensions, type Extensions, readExtensions } from '../extensions.ts';
import { checkPeerIdentity, knownIdentity } from '../identities.ts';
import { hasInitialContact } from '../informational/initial-contact.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hashI, hashR, phase1Iv } from '../keying.ts';
import {
  type Phase1AnswerState,
  type Phase1Context,
  type Phase1MessageState,
  type Phase1Step,
  phase1Header,
} from '../phase1.ts';
import { type Candidate, deriveKeys, discoveryPayloads, readDiscovery, skeyidOf } from '../phase1-keys.ts';
import { choosePhase1 } from '../proposals/phase1.ts';
import { sealMessage } from '../protection.ts';
import { answeredKey, asksSharedKey, sharedSecret } from '../shared-key.ts';
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
  readonly #drawCookie: () => Uint8Array;

  /** `contexts`: of every peer that it may be. `drawCookie` is asked for CKY-R once there is a proposal to agree on. */
  constructor(contexts: Some<Phase1Context>, drawCookie: () => Uint8Array) {
    this.#contexts = contexts;
    this.#drawCookie = drawCookie;
  }

  receive({ header, payloads }: OpenedMessage): Phase1Step {
    const offer = only(payloads, 'sa');
    const { sa, candidates } = choosePhase1(offer, this.#contexts);
    const extensions = readExtensions(this.#contexts[0], payloads);
    const cookies = { initiator: header.initiatorCookie.slice(), responder: this.#drawCookie() };
    return {
      next: [new ExpectKe({ candidates, cookies, extensions, saiB: offer.body.slice() })],
      reply: encodeMessage(phase1Header('main', cookies), [sa, ...answerExtensions(extensions)]),
      outcome: undefined,
      tolerated: candidates[0].choice.tolerated,
    };
  }

  wipe(): void {}
}

/** Message 2 is sent. */
export interface Chosen {
  readonly candidates: Some<Candidate>;
  readonly cookies: Cookies;
  readonly extensions: Extensions;
  readonly saiB: Uint8Array;
}

/** Awaits `HDR, KE, Ni -->`; sends `<-- HDR, KE, Nr`, once it has the shared key. */
export class ExpectKe implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, KE, Ni [, NAT-D, NAT-D ]', sends: 'HDR, KE, Nr [, NAT-D, NAT-D ]', to: 'ExpectAuth' },
    { on: 'HDR, KE, Ni, and the key is to be asked for', sends: '', to: 'AwaitKeyForKe' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules = KE_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = false;
  readonly isReached = false;
  readonly #known: Chosen;
  /** Drawn once, however many public values come that lead to nothing. */
  #dh: DhKeyPair | undefined;

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

    const secret = sharedSecret(context, choice.proposal);
    this.#dh ??= context.engine.createDhKeyPair(choice.proposal.group, context.rng);
    const gxy = this.#dh.agree(gxi) ?? refuseKeyExchange();
    this.#dh.wipe();
    const gxr = this.#dh.publicValue;
    const nrB = randomOctets(context.rng, context.nonceOctets);
    const nat = readDiscovery({ ...this.#known, context, choice }, payloads);
    const exchanged = { ...this.#known, gxi, gxr, gxy, niB, nrB, nat };
    if (secret !== 'ask') return answerKe(exchanged);
    return { next: [new AwaitKeyForKe(exchanged)], reply: undefined, outcome: undefined };
  }

  wipe(): void {
    this.#dh?.wipe();
  }
}

/** Message 3 has come. */
export interface Exchanged extends Chosen {
  readonly gxi: Uint8Array;
  readonly gxr: Uint8Array;
  readonly gxy: Uint8Array;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
  readonly nat: NatFindings | undefined;
}

/** Awaits the shared key from the caller; sends `<-- HDR, KE, Nr`. */
export class AwaitKeyForKe implements Phase1AnswerState {
  static readonly transitions: readonly Transition[] = [
    { on: 'the shared key', sends: 'HDR, KE, Nr [, NAT-D, NAT-D ]', to: 'ExpectAuth' },
  ];
  readonly cookies: Cookies;
  readonly asks: QuestionAsked;
  readonly nat: NatFindings | undefined;
  readonly isReached = true;
  readonly #known: Exchanged;

  constructor(known: Exchanged) {
    this.cookies = known.cookies;
    this.asks = asksSharedKey(known.candidates[0].context, 'responder');
    this.nat = known.nat;
    this.#known = known;
  }

  answer(answer: Answer): Phase1Step {
    const [{ context, choice }] = this.#known.candidates;
    return answerKe({
      ...this.#known,
      candidates: [{ context: { ...context, preSharedKey: answeredKey(answer) }, choice }],
    });
  }

  wipe(): void {
    wipe(this.#known.gxy);
  }
}

/** Awaits `HDR*, IDii, HASH_I -->`; sends `<-- HDR*, IDir, HASH_R`. */
export class ExpectAuth extends AwaitsProof {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, IDii, HASH_I', sends: 'HDR*, IDir, HASH_R', to: 'Established' },
  ];
  override readonly repeats = false;

  override receive({ payloads, nextIv }: OpenedMessage): Phase1Step {
    const { context, choice, cookies, keys, transcript, nat } = this.known;
    const { proposal } = choice;
    const method = AUTHENTICATION_METHODS[proposal.authentication];
    const idii = only(payloads, 'id');
    const proof = method.verify(
      payloads,
      hashI(keys.hash, keys.skeyid, transcript, idii.body),
      knownIdentity(idii, context.remoteIdentity),
    );
    const notify = 'INVALID-ID-INFORMATION';
    const tolerated = authentic(() => checkPeerIdentity(idii, context, { notify, nat }));
    const initialContact = hasInitialContact(payloads, cookies);

    const idir: IdentificationPayload = { kind: 'id', ...context.localIdentity };
    const ours = hashR(keys.hash, keys.skeyid, transcript, encodePayloadBody(idir));
    const sealed = sealMessage(keys.cipher, nextIv, phase1Header('main', cookies), [idir, ...method.prove(ours)]);
    return {
      next: [],
      reply: sealed.octets,
      outcome: establishedAs('responder', 'main', this.known, {
        keys,
        lastBlock: sealed.nextIv,
        proof,
        nat,
        initialContact,
      }),
      tolerated,
    };
  }
}

/** `<-- HDR, KE, Nr`; of several peers that it may be, the one whose key opens message 5 is the one. */
function answerKe(known: Exchanged): Phase1Step {
  const { candidates, cookies, extensions, saiB, gxi, gxr, gxy, niB, nrB, nat } = known;
  const transcript = { gxi, gxr, cookieI: cookies.initiator, cookieR: cookies.responder, saiB };
  const next = candidates.flatMap(({ context, choice }) => {
    const { proposal } = choice;
    const secret = sharedSecret(context, proposal);
    if (secret === 'ask') return [];
    const material = { cookies, gxy, niB, nrB, secret };
    const keys = deriveKeys(context, proposal, material, skeyidOf(proposal, material));
    const iv = phase1Iv(proposal.hash, gxi, gxr, keys.cipher.blockOctets);
    return [new ExpectAuth({ context, choice, cookies, keys, transcript, iv, extensions, nat })];
  });
  wipe(gxy);
  const [{ context, choice }] = candidates;
  const reply = encodeMessage(phase1Header('main', cookies), [
    { kind: 'ke', data: gxr },
    { kind: 'nonce', data: nrB },
    ...discoveryPayloads({ context, choice, cookies, extensions }),
  ]);
  return { next, reply, outcome: undefined };
}
