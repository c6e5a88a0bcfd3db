import { type DhGroupNumber, type DhKeyPair, dhGroup, wipe } from '@espalier/crypto';
import {
  encodeMessage,
  encodePayloadBody,
  type Identification,
  type IdentificationPayload,
  type Payload,
  type SaPayload,
} from '@espalier/wire';
import { isEncrypted } from '../../exchange/message.ts';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import {
  CLEAR,
  NO_SECRETS,
  type OpenedMessage,
  type Protection,
  type Secret,
  type Transition,
} from '../../exchange/state.ts';
import { nameIdentity } from '../../explain/identity.ts';
import { refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import { areAllowed, type PeerTolerance } from '../../tolerances.ts';
import type { CertificateRequest } from '../../types.ts';
import { isKeyAsked } from '../authentication/asked-key.ts';
import { AwaitsCaller, goOn } from '../authentication/awaits-caller.ts';
import { readRequests } from '../authentication/certificates.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { type Cookies, NO_COOKIE } from '../cookies.ts';
import { checkPeerIdentity, keepIdentification, knownIdentity } from '../identities.ts';
import { farewell } from '../informational/informational.ts';
import { type InitialContact, readInitialContact } from '../informational/initial-contact.ts';
import { hashI, hashR, type Phase1Transcript, phase1Iv } from '../keying.ts';
import type { Candidates } from '../phase1/candidates.ts';
import { establishedAs } from '../phase1/established.ts';
import { answerExtensions, readExtensions } from '../phase1/extensions.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../phase1/key-exchange.ts';
import {
  deriveKeys,
  discoveryPayloads,
  mendDiscovery,
  proofHash,
  readDiscovery,
  type Settled,
  skeyidOf,
} from '../phase1/keys.ts';
import { type Established, type Phase1MessageState, type Phase1Step, phase1Header } from '../phase1/phase1.ts';
import { sharedSecret } from '../phase1/shared-key.ts';
import { choosePhase1, mixesGroups } from '../proposals/phase1.ts';
import type { IkeKeys } from '../protection.ts';
import { authRules, OFFER_RULES } from './rules.ts';

/** g^xy is no part of SKEYID where a key is shared. */
const NOT_YET = new Uint8Array(0);

const REPLY = 'HDR, SA, KE, Nr, IDir, HASH_R | [ CERT, ] SIG_R [, CERTREQ ] [, VID ] [, NAT-D, NAT-D ]';

/**
 * Awaits `HDR, SA, KE, Ni, IDii -->`; sends `<-- HDR, SA, KE, Nr, IDir, HASH_R` (RFC 2409 §5.4) or, with public-key work
 * for whoever sends it, `<-- HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R` (§5.1).
 */
export class ExpectOffer implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR, SA, KE, Ni, IDii [, CERTREQ ] [, VID ]', sends: REPLY, to: 'ExpectConfirm' },
    { on: 'HDR, SA, KE, Ni, IDii, and the key is to be asked for', sends: '', to: 'AwaitKeyForReply' },
    { on: 'HDR, SA, KE, Ni, IDii, and the signature is to be asked for', sends: '', to: 'AwaitSignatureForReply' },
  ];
  readonly cookies: Cookies = { initiator: NO_COOKIE, responder: NO_COOKIE };
  readonly rules: PayloadRules = OFFER_RULES;
  readonly protection: Protection = CLEAR;
  readonly repeats = false;
  readonly isReached = false;
  readonly #candidates: Candidates;
  readonly #drawCookie: () => Uint8Array;

  /** `candidates`: whom a message may be from that says who it is from. */
  constructor(candidates: Candidates, drawCookie: () => Uint8Array) {
    this.#candidates = candidates;
    this.#drawCookie = drawCookie;
  }

  receive({ header, payloads }: OpenedMessage): Phase1Step {
    const offer = only(payloads, 'sa');
    const idii = only(payloads, 'id');
    const contexts = this.#candidates(idii);
    const [first] = contexts;
    if (first === undefined) {
      return refuse('unknown-peer', { explain: () => ({ kind: 'identity', came: nameIdentity(idii), expected: [] }) });
    }
    const named = checkPeerIdentity(idii, first);
    const gxi = only(payloads, 'ke').data.slice();
    const mixed: readonly PeerTolerance[] = mixesGroups(offer) ? ['groups-mixed'] : [];
    const isOfKe = (group: DhGroupNumber): boolean =>
      areAllowed(mixed, first.terms) && dhGroup(group).octets === gxi.length;
    const { sa, candidates } = choosePhase1(offer, contexts, mixed.length > 0 ? isOfKe : undefined);
    const [{ context, choice }] = candidates;
    const niB = only(payloads, 'nonce').data.slice();
    checkNonce(niB);
    checkPublicValue(choice.proposal.group, gxi);

    const kept = keepIdentification(idii);
    const secret = sharedSecret(context, choice.proposal, 'responder', kept);
    const offered = {
      context,
      choice,
      cookies: { initiator: header.initiatorCookie.slice(), responder: this.#drawCookie() },
      extensions: readExtensions(context, payloads),
      sa,
      saiB: offer.body.slice(),
      gxi,
      niB,
      requests: readRequests(payloads),
      idii: kept,
      idiiB: idii.body.slice(),
    };
    const tolerated = [...named, ...choice.tolerated, ...mixed];
    const { cookies } = offered;
    const step = goOn(
      secret,
      (known) => answerOffer(offered, known),
      (pending) => new AwaitKeyForReply(pending, { cookies, nat: undefined, isReached: false, secrets: NO_SECRETS }),
    );
    return { ...step, tolerated };
  }

  get secrets(): readonly Secret[] {
    return NO_SECRETS;
  }
}

/** Message 1 has come. */
interface Offered extends Settled {
  readonly sa: SaPayload;
  readonly saiB: Uint8Array;
  readonly gxi: Uint8Array;
  readonly niB: Uint8Array;
  readonly requests: readonly CertificateRequest[];
  readonly idii: Identification;
  readonly idiiB: Uint8Array;
}

/** Awaits the shared key from the caller; sends `<-- HDR, SA, KE, Nr, IDir, HASH_R`. */
export class AwaitKeyForReply extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the shared key', sends: REPLY, to: 'ExpectConfirm' }];
}

/** Message 2 is sent. */
export interface Answered extends Offered {
  readonly dh: DhKeyPair;
  readonly nrB: Uint8Array;
  readonly skeyid: Uint8Array;
  readonly transcript: Phase1Transcript;
  /** Known where SKEYID is made of it. */
  readonly gxy: Uint8Array | undefined;
}

/** Awaits SIG_R from the caller; sends `<-- HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R`. */
export class AwaitSignatureForReply extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: 'the signature', sends: REPLY, to: 'ExpectConfirm' }];
}

/**
 * Awaits `HDR*, HASH_I -->` or `HDR*, [ CERT, ] SIG_I -->`, or the same in clear (RFC 2409 §5 has it so). Where the caller is to
 * be asked whose key it is, only encrypted: anybody who has seen message 1 could ask in clear, and be in the peer's place.
 */
export class ExpectConfirm implements Phase1MessageState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH_I | [ CERT, ] SIG_I [, NAT-D, NAT-D ], or in clear', sends: '', to: 'Established' },
    { on: 'HDR*, [ CERT, ] SIG_I, and whose key it is is to be asked for', sends: '', to: 'AwaitVerdictOnConfirm' },
  ];
  readonly cookies: Cookies;
  readonly rules: PayloadRules;
  readonly repeats = false;
  readonly isReached = false;
  readonly mayFloat: boolean;
  readonly keyOf?: string;
  readonly #known: Answered;
  #keyed: { readonly keys: IkeKeys; readonly iv: Uint8Array } | undefined;

  constructor(known: Answered) {
    this.cookies = known.cookies;
    this.rules = authRules(known.choice.proposal);
    this.mayFloat = known.extensions.natMethod?.floats === true;
    const { sharesKey } = AUTHENTICATION_METHODS[known.choice.proposal.authentication];
    if (sharesKey) this.keyOf = known.context.peer;
    this.#known = known;
  }

  /** The keys are made when somebody answers: what came before may have come from anywhere. */
  get protection(): Protection {
    const { context, choice } = this.#known;
    const { keys, iv } = this.#keys;
    const kind = isKeyAsked(context, choice.proposal) ? 'encrypted' : 'either';
    return { kind, cipher: keys.cipher, iv };
  }

  receive({ header, payloads, nextIv }: OpenedMessage): Phase1Step {
    const { context, choice, cookies, transcript, idii, idiiB } = this.#known;
    const { keys } = this.#keys;
    const { proposal } = choice;
    const proof = AUTHENTICATION_METHODS[proposal.authentication].verify({
      context,
      role: 'responder',
      payloads,
      identity: knownIdentity(idii, context.remoteIdentity),
      hash: hashI(proofHash(proposal), keys.skeyid, transcript, idiiB),
    });
    const found = this.#found({ header, payloads });
    const { tolerated } = this.#contact({ header, payloads });
    const lastBlock = nextIv.slice();
    const step = goOn(
      proof,
      (proved) => ({
        next: [],
        reply: undefined,
        outcome: establishedAs('responder', 'aggressive', this.#known, {
          keys,
          lastBlock,
          proof: proved,
          ...found,
        }),
      }),
      (pending) =>
        new AwaitVerdictOnConfirm(pending, {
          cookies,
          nat: found.nat,
          isReached: true,
          farewell: () => farewell({ cookies, keys, lastBlock }, context.rng),
          secrets: this.secrets,
        }),
    );
    return { ...step, tolerated };
  }

  found(message: OpenedMessage, before: OpenedMessage): Pick<Established, 'nat' | 'initialContact'> {
    const copies = [before, message].map(({ payloads }) => ({ settled: this.#known, payloads }));
    return { ...this.#found(message), nat: mendDiscovery(copies, true) };
  }

  #found(message: Pick<OpenedMessage, 'header' | 'payloads'>): Pick<Established, 'nat' | 'initialContact'> {
    const nat = readDiscovery(this.#known, message.payloads, true);
    return { nat, initialContact: this.#contact(message).isSaid };
  }

  #contact({ header, payloads }: Pick<OpenedMessage, 'header' | 'payloads'>): InitialContact {
    const said = isEncrypted(header) ? payloads : [];
    return readInitialContact(said, this.cookies, this.#known.context.terms);
  }

  get secrets(): readonly Secret[] {
    const { skeyid, gxy } = this.#known;
    return [skeyid, ...(gxy === undefined ? [] : [gxy]), ...(this.#keyed === undefined ? [] : [this.#keyed.keys])];
  }

  get #keys(): { readonly keys: IkeKeys; readonly iv: Uint8Array } {
    if (this.#keyed !== undefined) return this.#keyed;
    const { context, choice, cookies, dh, gxi, niB, nrB, skeyid, transcript } = this.#known;
    const gxy = this.#known.gxy ?? dh.agree(gxi) ?? refuseKeyExchange();
    const material = { cookies, gxy, niB, nrB, secret: NOT_YET };
    const keys = deriveKeys(context, choice.proposal, material, skeyid);
    wipe(gxy);
    const iv = phase1Iv(choice.proposal.hash, gxi, transcript.gxr, keys.cipher.blockOctets);
    this.#keyed = { keys, iv };
    return this.#keyed;
  }
}

/** Awaits whose key has made SIG_I from the caller. */
export class AwaitVerdictOnConfirm extends AwaitsCaller {
  static readonly transitions: readonly Transition[] = [{ on: "the peer's key", sends: '', to: 'Established' }];
}

/** What proves this side is made. */
function answerOffer(known: Offered, secret: Uint8Array): Phase1Step {
  const { context, choice, cookies, saiB, gxi, niB, requests } = known;
  const { proposal } = choice;
  const method = AUTHENTICATION_METHODS[proposal.authentication];
  if (!method.sharesKey && context.maySign?.() === false) refuse('limit');
  const dh = context.sharedKeyPair(proposal.group);
  const nrB = randomOctets(context.rng, context.nonceOctets);
  const gxy = method.sharesKey ? undefined : (dh.agree(gxi) ?? refuseKeyExchange());
  const skeyid = skeyidOf(proposal, { cookies, gxy: gxy ?? NOT_YET, niB, nrB, secret });
  const transcript = { gxi, gxr: dh.publicValue, cookieI: cookies.initiator, cookieR: cookies.responder, saiB };
  const answered = { ...known, dh, nrB, skeyid, transcript, gxy };
  const idir: IdentificationPayload = { kind: 'id', ...context.localIdentity };
  const proving = method.prove({
    context,
    role: 'responder',
    hash: hashR(proofHash(proposal), skeyid, transcript, encodePayloadBody(idir)),
    requests,
  });
  const secrets = gxy === undefined ? [skeyid] : [skeyid, gxy];
  return goOn(
    proving,
    (made) => sendReply(answered, [idir, ...made]),
    (pending) => new AwaitSignatureForReply(pending, { cookies, nat: undefined, isReached: false, secrets }),
  );
}

/** `<-- HDR, SA, KE, Nr, IDir, HASH_R`, or `<-- HDR, SA, KE, Nr, IDir, [ CERT, ] SIG_R` */
function sendReply(known: Answered, proving: readonly Payload[]): Phase1Step {
  const { context, choice, cookies, extensions, sa, nrB, transcript } = known;
  const reply = encodeMessage(phase1Header('aggressive', cookies), [
    sa,
    { kind: 'ke', data: transcript.gxr },
    { kind: 'nonce', data: nrB },
    ...proving,
    ...AUTHENTICATION_METHODS[choice.proposal.authentication].requests(context, 'responder'),
    ...answerExtensions(extensions),
    ...discoveryPayloads(known),
  ]);
  return { next: [new ExpectConfirm(known)], reply, outcome: undefined };
}
