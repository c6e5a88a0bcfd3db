import { type Engine, equalConstantTime, type Rng } from '@espalier/crypto';
import { FLAG, type Identification, IPSEC_ATTRIBUTE, type NotificationPayload, PROTOCOL_ID } from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Transition } from '../../exchange/state.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { ChildPolicy } from '../../types.ts';
import { keepIdentification } from '../identities.ts';
import { replayStatus } from '../informational/replay-status.ts';
import { isNews, responderLifetime } from '../informational/responder-lifetime.ts';
import { hash2, hash3 } from '../keying.ts';
import { checkNonce, refuseKeyExchange } from '../phase1/key-exchange.ts';
import { AwaitsEncrypted, hash1Of, type QuickContext, verifyPhase2 } from '../phase2/phase2.ts';
import { answerPhase2, type Phase2Answer } from '../proposals/phase2.ts';
import { type OwnSpis, spiOctets } from '../proposals/spis.ts';
import { chooseChildren, keptIdentities, type Offers, type TakenChild } from './choice.ts';
import { sealConnected } from './connected.ts';
import { checkPfsValue, createPfsKeyPair } from './own-exchange.ts';
import {
  type ChildAgreement,
  clientIdentities,
  NONE_PENDING,
  nameOf,
  protectionOf,
  publicValue,
  QUICK_RULES,
  type QuickState,
  type QuickStep,
  sealQuick,
} from './quick.ts';
import { originalAddresses, readOriginalAddresses } from './transport.ts';

const CONFIRM_RULES: PayloadRules = { first: ['hash'], counts: { hash: [1, 1] } };

/** With what a responder answers. */
export interface QuickResponder {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly policies: readonly ChildPolicy[];
  /** IDci and IDcr of a peer that names none: the addresses of both gateways (RFC 2409 §5.5). */
  readonly gateways: readonly [idci: Identification, idcr: Identification];
  /** For so many children; `compresses`: whether each needs a CPI. @throws Refusal where there is no room for them. */
  drawSpis(compresses: readonly boolean[]): readonly OwnSpis[];
}

/** Awaits `HDR*, HASH(1), SA [, SA ... ], Ni [, KE ] [, IDci, IDcr ] -->`; answers it. */
export class ExpectQuick extends AwaitsEncrypted implements QuickState {
  static readonly transitions: readonly Transition[] = [
    {
      on: 'HDR*, HASH(1), SA [, SA ... ], Ni [, KE ] [, IDci, IDcr ]',
      sends: 'HDR*, HASH(2), SA [, SA ... ], Nr [, KE ] [, IDci, IDcr ]',
      to: 'ExpectQuickConfirm',
    },
  ];
  readonly rules: PayloadRules = QUICK_RULES;
  readonly isHashed = true;
  readonly repeats = false;
  readonly awaitsReply = false;
  readonly pending: QuickState['pending'] = NONE_PENDING;
  readonly #context: QuickContext;
  readonly #responder: QuickResponder;
  readonly #hasRoom: () => boolean;

  /** `hasRoom`: whether one more Quick Mode may be in progress. */
  constructor(context: QuickContext, iv: Uint8Array, responder: QuickResponder, hasRoom: () => boolean) {
    super(context, iv);
    this.#context = context;
    this.#responder = responder;
    this.#hasRoom = hasRoom;
  }

  receive(message: OpenedMessage): QuickStep {
    verifyPhase2(message, hash1Of(this.#context));
    return authentic(() => this.#answer(message));
  }

  #answer({ payloads, nextIv }: OpenedMessage): QuickStep {
    if (!this.#hasRoom()) refuse('limit');
    const { keys, messageId, terms } = this.#context;
    const { engine, rng, policies, gateways } = this.#responder;
    const identities = clientIdentities(payloads);
    const [idci, idcr] = identities ?? gateways;
    const offers: Offers = [only(payloads, 'sa'), ...all(payloads, 'sa').slice(1)];
    const taken = chooseChildren(offers, policies, idci, idcr, this.#context);
    const pfsGroup = taken[0]?.policy.pfsGroup;
    const niB = only(payloads, 'nonce').data.slice();
    checkNonce(niB);
    const gqmxi = publicValue(payloads, pfsGroup);
    if (pfsGroup !== undefined) checkPfsValue(this.#context, pfsGroup, gqmxi);

    const told = taken.map(({ policy }) => readOriginalAddresses(payloads, this.#context, policy, 'responder'));
    const owns = this.#responder.drawSpis(
      taken.map(({ answer }) => answer.chosen.some(({ protocol }) => protocol === 'ipcomp')),
    );
    const dh = pfsGroup === undefined ? undefined : createPfsKeyPair(this.#context, pfsGroup, engine, rng);
    const gqmxy = dh === undefined ? gqmxi : (dh.agree(gqmxi) ?? refuseKeyExchange());
    const nrB = randomOctets(rng, NONCE_OCTETS);
    const secrets = { keys, gqmxy, niB, nrB };
    const children = owns.flatMap((own, i) => taken.slice(i, i + 1).map((child) => ({ ...child, own })));
    const sealed = sealQuick(
      this.#context,
      nextIv,
      (rest) => hash2(keys.prf, keys.a, messageId, niB, rest),
      [
        ...children.map(({ answer, own }) => answerPhase2(answer, own)),
        { kind: 'nonce', data: nrB },
        ...(dh === undefined ? [] : [{ kind: 'ke', data: dh.publicValue } as const]),
        ...(identities ?? []).map((id) => ({ kind: 'id', ...keepIdentification(id) }) as const),
        ...originalAddresses(this.#context, speakerOf(children), 'responder'),
        ...children.flatMap(notificationsOf),
      ],
      terms.setsCommitBit ? FLAG.commit : 0,
    );
    const agreements = children.map(
      ({ policy, isPart, answer, own }, i): ChildAgreement => ({
        policy,
        isPart,
        role: 'responder',
        mode: policy.mode ?? 'tunnel',
        protections: answer.chosen.map((chosen) => protectionOf(secrets, chosen, own)),
        esn: answer.esn,
        ...keptIdentities(idcr, idci),
        originalAddresses: told[i],
        inbound: own.spi,
        outbound: nameOf(answer.chosen),
        lifetime: answer.lifetime,
        lifetimeKilobytes: answer.kilobytes,
        pfsGroup,
        nonces: [niB, nrB],
      }),
    );
    dh?.wipe();
    gqmxy.fill(0);
    const next = new ExpectQuickConfirm({ context: this.#context, agreements, nonces: [niB, nrB], iv: sealed.nextIv });
    const tolerated = [...new Set(taken.flatMap((child) => child.tolerated))];
    return { next: [next], reply: sealed.octets, outcome: agreements, tolerated };
  }
}

/** A child that is answered. */
interface AnsweredChild extends TakenChild {
  readonly own: OwnSpis;
}

/** The policy that decides whether NAT-OA are told. */
function speakerOf(children: readonly AnsweredChild[]): Pick<ChildPolicy, 'mode'> {
  return { mode: children.some(({ policy }) => policy.mode === 'transport') ? 'transport' : 'tunnel' };
}

/** What is said of a child beside its SA payload: RESPONDER-LIFETIME, REPLAY-STATUS (RFC 2407 §4.6.3). */
function notificationsOf({ policy, answer, own }: AnsweredChild): readonly NotificationPayload[] {
  const { news } = answer;
  const protocol = keyedProtocol(answer);
  const spi = spiOctets(own.spi);
  return [
    ...(isNews(news) ? [responderLifetime(news, IPSEC_ATTRIBUTE, protocol, spi)] : []),
    ...(policy.replayStatus === undefined ? [] : [replayStatus(policy.replayStatus, protocol, spi)]),
  ];
}

/** Message 2 is sent: the children receive, and do not send yet. */
export interface QuickAnswered {
  readonly context: QuickContext;
  readonly agreements: readonly ChildAgreement[];
  readonly nonces: ChildAgreement['nonces'];
  readonly iv: Uint8Array;
}

/** Awaits `HDR*, HASH(3) -->`; answers it with `<-- HDR*, HASH(4), N` where the commit bit was set. */
export class ExpectQuickConfirm extends AwaitsEncrypted implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(3)', sends: '', to: 'Finished' },
    { on: 'HDR*, HASH(3), the commit bit set', sends: 'HDR*, HASH(4), N', to: 'Finished' },
    { on: 'an ESP packet of a child', sends: '', to: 'ExpectLateConfirm' },
  ];
  readonly rules: PayloadRules = CONFIRM_RULES;
  readonly repeats = true;
  readonly awaitsReply = false;
  readonly pending: QuickState['pending'];
  readonly #known: QuickAnswered;

  constructor(known: QuickAnswered) {
    super(known.context, known.iv);
    this.pending = known.agreements.map(({ policy, inbound }) => ({ policy, inbound }));
    this.#known = known;
  }

  receive(message: OpenedMessage): QuickStep {
    checkConfirm(this.#known, message);
    return { next: [], reply: connectedFor(this.#known, message), outcome: this.#known.agreements };
  }

  /** A packet of a child came, which only a peer that has message 2 can have sealed. */
  confirm(): QuickStep {
    return { next: [new ExpectLateConfirm(this.#known)], reply: undefined, outcome: this.#known.agreements };
  }
}

/** The children are in use already: message 3 was overtaken, and changes nothing any more. */
export class ExpectLateConfirm extends AwaitsEncrypted implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(3)', sends: '', to: 'Finished' },
    { on: 'HDR*, HASH(3), the commit bit set', sends: 'HDR*, HASH(4), N', to: 'Finished' },
  ];
  readonly rules: PayloadRules = CONFIRM_RULES;
  readonly repeats = false;
  readonly awaitsReply = false;
  readonly pending: QuickState['pending'] = NONE_PENDING;
  readonly #known: QuickAnswered;

  constructor(known: QuickAnswered) {
    super(known.context, known.iv);
    this.#known = known;
  }

  receive(message: OpenedMessage): QuickStep {
    checkConfirm(this.#known, message);
    return { next: [], reply: connectedFor(this.#known, message), outcome: undefined };
  }
}

/** Who waits for it sends by the children from then on (RFC 2408 §3.1). */
function connectedFor({ context, agreements }: QuickAnswered, { nextIv }: OpenedMessage): Uint8Array | undefined {
  const inbound = agreements[0]?.inbound;
  return context.terms.setsCommitBit && inbound !== undefined ? sealConnected(context, nextIv, inbound) : undefined;
}

/** The protocol whose SPI names the child. */
function keyedProtocol({ chosen }: Phase2Answer): number {
  return PROTOCOL_ID[chosen.some(({ protocol }) => protocol === 'esp') ? 'esp' : 'ah'];
}

function checkConfirm({ context: { keys, messageId }, nonces }: QuickAnswered, { payloads }: OpenedMessage): void {
  const expected = hash3(keys.prf, keys.a, messageId, ...nonces);
  if (!equalConstantTime(only(payloads, 'hash').data, expected)) refuse('hash-mismatch');
}
