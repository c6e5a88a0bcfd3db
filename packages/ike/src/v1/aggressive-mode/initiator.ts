import { type DhKeyPair, wipe } from '@espalier/crypto';
import {
  type DecodedPayload,
  decodeHeader,
  encodeMessage,
  encodePayloadBody,
  type IdentificationPayload,
  type Payload,
  type SaPayload,
} from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import { CLEAR, type OpenedMessage, type Protection, type Secret, type Transition } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { isNatDiscovery } from '../../nat/payloads.ts';
import { refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { Tolerance } from '../../tolerances.ts';
import type { IkeProposal } from '../../types.ts';
import { excusing } from '../authentication/asked-key.ts';
import { AwaitsCaller, goOn, whileKeyed } from '../authentication/awaits-caller.ts';
import { readRequests } from '../authentication/certificates.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Proof } from '../authentication/proof.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { checkPeerIdentity, knownIdentity } from '../identities.ts';
import { hashI, hashR, type Phase1Transcript, phase1Iv } from '../keying.ts';
import { establishedAs } from '../phase1/established.ts';
import { offerExtensions, readExtensions } from '../phase1/extensions.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../phase1/key-exchange.ts';
import {
  deriveKeys,
  discoveryPayloads,
  logging,
  mendDiscovery,
  proofHash,
  readDiscovery,
  type Settled,
  skeyidOf,
} from '../phase1/keys.ts';
import {
  type FirstPhase1Step,
  type Phase1Context,
  type Phase1MessageState,
  type Phase1Step,
  phase1Header,
  type Reading,
  type Retaken,
} from '../phase1/phase1.ts';
import { sharedSecret } from '../phase1/shared-key.ts';
import { isSameProposal, offerPhase1, readPhase1Choice } from '../proposals/phase1.ts';
import { type IkeKeys, openBody, type SealedMessage, sealMessage } from '../protection.ts';
import { REPLY_RULES } from './rules.ts';

/** HDR, SA, KE, Ni, IDii --> (RFC 2409 §5.4). */
export function startAggressiveMode(context: Phase1Context, cookie: Uint8Array): FirstPhase1Step {
  const { engine, rng, proposals, localIdentity, nonceOctets } = context;
  const offer = offerPhase1(proposals, context);
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
      ...requestsIn(context),
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

const REPLY = 'HDR, SA, KE, Nr, IDir, HASH_R | [ CERT, ] SIG_R';
const CONFIRM = 'HDR*, HASH_I | [ CERT, ] SIG_I [, NAT-D, NAT-D ]';

/**
 * Awaits `<-- HDR, SA, KE, Nr, IDir, HASH_R` or `<-- HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R`; sends `HDR*, HASH_I -->` once
 * it has the shared key, or `HDR*, [ CERT, ] SIG_I -->`.
 */
export class ExpectAggressiveReply implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: `${REPLY} [, CERTREQ ] [, VID ] [, NAT-D, NAT-D ]`, sends: CONFIRM, to: 'Established' },
    { on: 'HDR, SA, KE, Nr, IDir, HASH_R, and the key is to be asked for', sends: '', to: 'AwaitKeyForConfirm' },
    {
      on: 'HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R, and whose key it is is to be asked for',
      sends: '',
      to: 'AwaitVerdictForConfirm',
    },
    {
      on: 'HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R, and the signature is to be asked for',
      sends: '',
      to: 'AwaitSignatureForConfirm',
    },
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
    const { replied, tolerated } = this.#read({ header, payloads });
    const { context, choice, cookies, nat, dh } = replied;
    const step = goOn(
      sharedSecret(context, choice.proposal, 'initiator', only(payloads, 'id')),
      (secret) => confirm(replied, secret),
      (pending) =>
        new AwaitKeyForConfirm(pending, { cookies, nat, isReached: true, keyOf: context.peer, secrets: [dh] }),
    );
    return { ...step, tolerated };
  }

  /**
   * HASH_R covers neither the choice nor NAT-D (RFC 2409 §5, RFC 3947 §3.2): of another choice the cipher is another, and
   * message 3 goes again.
   */
  readonly reread = ({ opened, again, sa, answered }: Reading): Retaken => {
    const { replied } = this.#read(again);
    const { context, choice, cookies, dh, gxr } = replied;
    const { proposal } = choice;
    if (answered === undefined || !isProvedAlike(proposal, sa.proposal)) refuse('unexpected-message');
    const iv = (blockOctets: number) => phase1Iv(proposal.hash, dh.publicValue, gxr, blockOctets);
    const { cipher } = sa.keys;
    const before = openBody(cipher, iv(cipher.blockOctets), decodeHeader(answered), answered);
    const proving = before.payloads.filter((payload) => !isNatDiscovery(payload));
    const nat = mendDiscovery([
      { settled: this.#read(opened).replied, payloads: opened.payloads },
      { settled: replied, payloads: again.payloads },
    ]);
    const isSameCipher = isSameProposal(proposal, sa.proposal);
    const keys = isSameCipher ? sa.keys : sa.keys.under(proposal, logging(context, proposal, cookies, sa.keys));
    const sealed = sealConfirm({ ...replied, keys, nat }, iv(keys.cipher.blockOctets), proving);
    const { proof, tellsInitialContact } = sa;
    const ending = { keys, lastBlock: sealed.nextIv, proof, nat, initialContact: false, tellsInitialContact };
    return { sa: establishedAs('initiator', 'aggressive', replied, ending), reply: sealed.octets };
  };

  /** @throws Refusal */
  #read({ header, payloads }: Pick<OpenedMessage, 'header' | 'payloads'>): {
    readonly replied: Replied;
    readonly tolerated: readonly Tolerance[];
  } {
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
    const named = checkPeerIdentity(idir, context, { nat: excusing(nat, context, choice.proposal) });
    return {
      replied: { ...this.#known, ...settled, gxr, nrB, payloads, nat },
      tolerated: [...choice.tolerated, ...named],
    };
  }

  get secrets(): readonly Secret[] {
    return [this.#known.dh];
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
export class AwaitKeyForConfirm extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the shared key', sends: CONFIRM, to: 'Established' }];
}

/** Awaits whose key has made SIG_R from the caller; sends `HDR*, [ CERT, ] SIG_I -->`, if that is not asked for. */
export class AwaitVerdictForConfirm extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [
    { on: "the peer's key", sends: CONFIRM, to: 'Established' },
    { on: "the peer's key, and the signature is to be asked for", sends: '', to: 'AwaitSignatureForConfirm' },
  ];
}

/** Awaits SIG_I from the caller; sends `HDR*, [ CERT, ] SIG_I -->`. */
export class AwaitSignatureForConfirm extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the signature', sends: CONFIRM, to: 'Established' }];
}

/** HASH_R is verified, or the signature of it, then what proves this side is made. */
function confirm(known: Replied, secret: Uint8Array): Phase1Step {
  const { context, offer, choice, cookies, dh, niB, gxr, nrB, payloads } = known;
  const { proposal } = choice;
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
  const proof = AUTHENTICATION_METHODS[proposal.authentication].verify({
    context,
    role: 'initiator',
    payloads,
    identity: knownIdentity(idir, context.remoteIdentity),
    hash: hashR(proofHash(proposal), skeyid, transcript, idir.body),
  });

  const keys = deriveKeys(context, proposal, material, skeyid);
  wipe(gxy);
  const keyed = { ...known, keys, transcript };
  return goOn(
    proof,
    (proved) => proveConfirm(keyed, proved),
    (pending) =>
      new AwaitVerdictForConfirm(pending, {
        ...whileKeyed(keyed),
        // The responder's may be somebody else's.
        cookies: { initiator: cookies.initiator, responder: NO_COOKIE },
        secrets: [keys, dh],
      }),
  );
}

/** Message 2 is taken. */
interface Keyed extends Replied {
  readonly keys: IkeKeys;
  readonly transcript: Phase1Transcript;
}

function proveConfirm(known: Keyed, proof: Proof): Phase1Step {
  const { context, choice, dh, keys, transcript, idii, payloads } = known;
  const { proposal } = choice;
  dh.wipe();
  const proving = AUTHENTICATION_METHODS[proposal.authentication].prove({
    context,
    role: 'initiator',
    hash: hashI(proofHash(proposal), keys.skeyid, transcript, encodePayloadBody(idii)),
    requests: readRequests(payloads),
  });
  return goOn(
    proving,
    (made) => sendConfirm(known, proof, made),
    (pending) => new AwaitSignatureForConfirm(pending, { ...whileKeyed(known), isProved: true }),
  );
}

/** `HDR*, HASH_I -->`, or `HDR*, [ CERT, ] SIG_I -->` */
function sendConfirm(known: Keyed, proof: Proof, proving: readonly Payload[]): Phase1Step {
  const { context, choice, keys, transcript, nat } = known;
  const iv = phase1Iv(choice.proposal.hash, transcript.gxi, transcript.gxr, keys.cipher.blockOctets);
  const sealed = sealConfirm(known, iv, proving);
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

function sealConfirm(known: Replied & Pick<Keyed, 'keys'>, iv: Uint8Array, proving: readonly Payload[]): SealedMessage {
  const { cookies, keys, nat } = known;
  const payloads = [...proving, ...discoveryPayloads(known, nat)];
  return sealMessage(keys.cipher, iv, phase1Header('aggressive', cookies), payloads);
}

/** Whether what proves both sides is made alike under either, whoever is asked for more than that. */
function isProvedAlike(one: IkeProposal, other: IkeProposal): boolean {
  const [a, b] = [AUTHENTICATION_METHODS[one.authentication], AUTHENTICATION_METHODS[other.authentication]];
  const isSameMethod =
    a.sharesKey === b.sharesKey && a.hash === b.hash && a.proves('initiator') === b.proves('initiator');
  return isSameMethod && one.hash === other.hash && one.prf === other.prf;
}

/** CERTREQ of every method that may be agreed on. */
function requestsIn(context: Phase1Context): readonly Payload[] {
  const methods = new Set(context.proposals.map(({ authentication }) => AUTHENTICATION_METHODS[authentication]));
  const [asking] = [...methods]
    .map(({ requests }) => requests(context, 'initiator'))
    .filter(({ length }) => length > 0);
  return asking ?? [];
}

/** Every proposal has the same group: the public value goes out before one is chosen (RFC 2409 §5). */
function groupOf({ proposals }: Phase1Context): DhKeyPair['group'] {
  return proposals[0]?.group ?? refuseKeyExchange();
}
