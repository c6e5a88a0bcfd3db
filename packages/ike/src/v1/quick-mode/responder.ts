import { type Engine, equalConstantTime, type Rng } from '@espalier/crypto';
import { checkIdentification, type Identification, IPSEC_ATTRIBUTE, PROTOCOL_ID, type SaPayload } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Protection, Transition } from '../../exchange/state.ts';
import { type SelectorsDetail, SHOWN_MOST } from '../../explain/detail.ts';
import { nameClient, nameIdentity } from '../../explain/identity.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import { canBegin } from '../../sa/purpose.ts';
import { areAllowed, type Tolerance } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import { keepIdentification, matchClient } from '../identities.ts';
import { responderLifetime } from '../informational/responder-lifetime.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hash1, hash2, hash3 } from '../keying.ts';
import { type QuickContext, verifyPhase2 } from '../phase2.ts';
import { answerPhase2, choosePhase2, explainOffer, type Phase2Answer } from '../proposals/phase2.ts';
import { type OwnSpis, spiOctets } from '../proposals/spis.ts';
import {
  type ChildAgreement,
  clientIdentities,
  encrypted,
  nameOf,
  protectionOf,
  publicValue,
  QUICK_RULES,
  type QuickState,
  type QuickStep,
  sealQuick,
} from './quick.ts';
import { type Gateways, originalAddresses, readOriginalAddresses, seenIdentity } from './transport.ts';

/** Of an offer of nothing that has an SPI of 4 octets. */
const NO_PROPOSAL = { protocol: PROTOCOL_ID.esp, spi: new Uint8Array(0) };

const CONFIRM_RULES: PayloadRules = { first: ['hash'], counts: { hash: [1, 1] } };

/** With what a responder answers. */
export interface QuickResponder {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly policies: readonly ChildPolicy[];
  /** IDci and IDcr of a peer that names none: the addresses of both gateways (RFC 2409 §5.5). */
  readonly gateways: readonly [idci: Identification, idcr: Identification];
  /** `compresses`: whether a CPI is needed. @throws Refusal where there is no room for another child. */
  drawSpis(compresses: boolean): OwnSpis;
}

/** Awaits `HDR*, HASH(1), SA, Ni [, KE ] [, IDci, IDcr ] -->`; answers it. */
export class ExpectQuick implements QuickState {
  static readonly transitions: readonly Transition[] = [
    {
      on: 'HDR*, HASH(1), SA, Ni [, KE ] [, IDci, IDcr ]',
      sends: 'HDR*, HASH(2), SA, Nr [, KE ] [, IDci, IDcr ]',
      to: 'ExpectQuickConfirm',
    },
  ];
  readonly protection: Protection;
  readonly rules: PayloadRules = QUICK_RULES;
  readonly isHashed = true;
  readonly repeats = false;
  readonly awaitsReply = false;
  readonly pending = undefined;
  readonly #context: QuickContext;
  readonly #responder: QuickResponder;
  readonly #hasRoom: () => boolean;

  /** `hasRoom`: whether one more Quick Mode may be in progress. */
  constructor(context: QuickContext, iv: Uint8Array, responder: QuickResponder, hasRoom: () => boolean) {
    this.protection = encrypted(context, iv);
    this.#context = context;
    this.#responder = responder;
    this.#hasRoom = hasRoom;
  }

  receive(message: OpenedMessage): QuickStep {
    const { keys, messageId } = this.#context;
    verifyPhase2(message, (rest) => hash1(keys.prf, keys.a, messageId, rest));
    return authentic(() => this.#answer(message));
  }

  wipe(): void {}

  #answer({ payloads, nextIv }: OpenedMessage): QuickStep {
    if (!this.#hasRoom()) refuse('limit');
    const { keys, messageId } = this.#context;
    const { engine, rng, policies, gateways } = this.#responder;
    const identities = clientIdentities(payloads);
    const [idci, idcr] = identities ?? gateways;
    const { policy, answer, tolerated } = choose(only(payloads, 'sa'), policies, idci, idcr, this.#context);
    const niB = only(payloads, 'nonce').data.slice();
    checkNonce(niB);
    const gqmxi = publicValue(payloads, policy.pfsGroup);
    if (policy.pfsGroup !== undefined) checkPublicValue(policy.pfsGroup, gqmxi);

    const told = readOriginalAddresses(payloads, this.#context, policy, 'responder');
    const own = this.#responder.drawSpis(answer.chosen.some(({ protocol }) => protocol === 'ipcomp'));
    const dh = policy.pfsGroup === undefined ? undefined : engine.createDhKeyPair(policy.pfsGroup, rng);
    const gqmxy = dh === undefined ? gqmxi : (dh.agree(gqmxi) ?? refuseKeyExchange());
    const nrB = randomOctets(rng, NONCE_OCTETS);
    const secrets = { keys, gqmxy, niB, nrB };
    const { lifetime, kilobytes, news } = answer;
    const sealed = sealQuick(this.#context, nextIv, (rest) => hash2(keys.prf, keys.a, messageId, niB, rest), [
      answerPhase2(answer, own),
      { kind: 'nonce', data: nrB },
      ...(dh === undefined ? [] : [{ kind: 'ke', data: dh.publicValue } as const]),
      ...(identities ?? []).map((id) => ({ kind: 'id', ...keepIdentification(id) }) as const),
      ...originalAddresses(this.#context, policy, 'responder'),
      ...(news.lifetime === undefined && news.kilobytes === undefined
        ? []
        : [responderLifetime(news, IPSEC_ATTRIBUTE, keyedProtocol(answer), spiOctets(own.spi))]),
    ]);
    const agreement = {
      policy,
      isPart: tolerated.includes('identities-narrowed'),
      role: 'responder',
      mode: policy.mode ?? 'tunnel',
      protections: answer.chosen.map((chosen) => protectionOf(secrets, chosen, own)),
      esn: answer.esn,
      ...keptIdentities(idcr, idci),
      originalAddresses: told,
      inbound: own.spi,
      outbound: nameOf(answer.chosen),
      lifetime,
      lifetimeKilobytes: kilobytes,
      pfsGroup: policy.pfsGroup,
      nonces: [niB, nrB],
    } as const;
    dh?.wipe();
    gqmxy.fill(0);
    const next = new ExpectQuickConfirm({ context: this.#context, agreement, iv: sealed.nextIv });
    return { next: [next], reply: sealed.octets, outcome: agreement, tolerated };
  }
}

/** Message 2 is sent: the child receives, and does not send yet. */
export interface QuickAnswered {
  readonly context: QuickContext;
  readonly agreement: ChildAgreement;
  readonly iv: Uint8Array;
}

/** Awaits `HDR*, HASH(3) -->`. */
export class ExpectQuickConfirm implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(3)', sends: '', to: 'Finished' },
    { on: 'an ESP packet of the child', sends: '', to: 'ExpectLateConfirm' },
  ];
  readonly protection: Protection;
  readonly rules: PayloadRules = CONFIRM_RULES;
  readonly repeats = true;
  readonly awaitsReply = false;
  readonly pending: NonNullable<QuickState['pending']>;
  readonly #known: QuickAnswered;

  constructor(known: QuickAnswered) {
    const { policy, inbound } = known.agreement;
    this.protection = encrypted(known.context, known.iv);
    this.pending = { policy, inbound };
    this.#known = known;
  }

  receive(message: OpenedMessage): QuickStep {
    checkConfirm(this.#known, message);
    return { next: [], reply: undefined, outcome: this.#known.agreement };
  }

  /** A packet of the child came, which only a peer that has message 2 can have sealed. */
  confirm(): QuickStep {
    return { next: [new ExpectLateConfirm(this.#known)], reply: undefined, outcome: this.#known.agreement };
  }

  wipe(): void {}
}

/** The child is in use already: message 3 was overtaken, and changes nothing any more. */
export class ExpectLateConfirm implements QuickState {
  static readonly transitions: readonly Transition[] = [{ on: 'HDR*, HASH(3)', sends: '', to: 'Finished' }];
  readonly protection: Protection;
  readonly rules: PayloadRules = CONFIRM_RULES;
  readonly repeats = false;
  readonly awaitsReply = false;
  readonly pending = undefined;
  readonly #known: QuickAnswered;

  constructor(known: QuickAnswered) {
    this.protection = encrypted(known.context, known.iv);
    this.#known = known;
  }

  receive(message: OpenedMessage): QuickStep {
    checkConfirm(this.#known, message);
    return { next: [], reply: undefined, outcome: undefined };
  }

  wipe(): void {}
}

/** The protocol whose SPI names the child. */
function keyedProtocol({ chosen }: Phase2Answer): number {
  return PROTOCOL_ID[chosen.some(({ protocol }) => protocol === 'esp') ? 'esp' : 'ah'];
}

function checkConfirm({ context: { keys, messageId }, agreement }: QuickAnswered, { payloads }: OpenedMessage): void {
  const expected = hash3(keys.prf, keys.a, messageId, ...agreement.nonces);
  if (!equalConstantTime(only(payloads, 'hash').data, expected)) refuse('hash-mismatch');
}

/** A policy of any identities, or of more than the peer named, is, for the child at hand, one of those that it named. */
function forIdentities(policy: ChildPolicy, idcr: Identification, idci: Identification, isPart: boolean): ChildPolicy {
  return canBegin(policy) && !isPart ? policy : { ...policy, ...keptIdentities(idcr, idci) };
}

function keptIdentities(
  idcr: Identification,
  idci: Identification,
): Pick<ChildAgreement, 'localIdentity' | 'remoteIdentity'> {
  return { localIdentity: keepIdentification(idcr), remoteIdentity: keepIdentification(idci) };
}

function choose(
  offer: SaPayload,
  policies: readonly ChildPolicy[],
  idci: Identification,
  idcr: Identification,
  context: QuickContext,
): { readonly policy: ChildPolicy; readonly answer: Phase2Answer; readonly tolerated: readonly Tolerance[] } {
  const proposal = offer.proposals.find((one) => one.protocol !== PROTOCOL_ID.ipcomp) ?? NO_PROPOSAL;
  const { protocol } = proposal;
  const spi = proposal.spi.slice();
  const explain = (): SelectorsDetail => explainSelectors(idci, idcr, policies);
  if (checkIdentification(idci) !== undefined || checkIdentification(idcr) !== undefined) {
    return refuse('invalid-identity', { notify: 'INVALID-ID-INFORMATION', protocol, spi, explain });
  }
  const { nat, terms } = context;
  const meant = policies.flatMap((policy) => {
    const tolerated = meaning(policy, idci, idcr, context);
    return tolerated === undefined || !areAllowed(tolerated, terms) ? [] : [{ policy, tolerated }];
  });
  meant.sort((a, b) => a.tolerated.length - b.tolerated.length);
  if (meant.length === 0) refuse('invalid-identity', { notify: 'INVALID-ID-INFORMATION', protocol, spi, explain });
  for (const { policy, tolerated } of meant) {
    const answer = choosePhase2(offer, policy, nat, terms);
    if (answer === undefined) continue;
    const { pfsGroup } = answer;
    const isPart = tolerated.includes('identities-narrowed');
    const chosen = forIdentities(policy, idcr, idci, isPart);
    return {
      policy: pfsGroup === undefined ? chosen : { ...chosen, pfsGroup },
      answer,
      tolerated: [...tolerated, ...answer.tolerated],
    };
  }
  return refuse('no-proposal-chosen', {
    notify: 'NO-PROPOSAL-CHOSEN',
    protocol,
    spi,
    explain: () =>
      explainOffer(
        offer,
        meant.map(({ policy }) => policy),
        nat,
      ),
  });
}

/**
 * What it takes to mean a policy by these identities; undefined where another is meant. They count as they came, or as the
 * gateways that speak for themselves are seen from here.
 */
function meaning(
  policy: ChildPolicy,
  idci: Identification,
  idcr: Identification,
  gateways: Gateways,
): readonly Tolerance[] | undefined {
  const ends = [
    { end: 'local', id: idcr, expected: policy.localIdentity },
    { end: 'remote', id: idci, expected: policy.remoteIdentity },
  ] as const;
  const tolerated: Tolerance[] = [];
  for (const { end, id, expected } of ends) {
    const seen = seenIdentity(id, end, gateways, policy);
    if (seen === undefined) return undefined;
    const matches = [id, seen.identity].flatMap((one) => {
      const match = matchClient(one, expected);
      return match === undefined ? [] : [match];
    });
    const [best] = matches.sort((a, b) => a.length - b.length);
    if (best === undefined) return undefined;
    tolerated.push(...best, ...seen.tolerated);
  }
  return [...new Set(tolerated)];
}

function explainSelectors(
  idci: Identification,
  idcr: Identification,
  policies: readonly ChildPolicy[],
): SelectorsDetail {
  return {
    kind: 'selectors',
    idci: nameIdentity(idci),
    idcr: nameIdentity(idcr),
    configured: policies.slice(0, SHOWN_MOST).map(({ name, mode = 'tunnel', localIdentity, remoteIdentity }) => ({
      policy: name,
      mode,
      idci: nameClient(remoteIdentity),
      idcr: nameClient(localIdentity),
    })),
    configuredCount: policies.length,
  };
}
