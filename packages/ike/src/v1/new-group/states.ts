import type { PrivateGroup } from '@espalier/crypto';
import { EXCHANGE, PROTOCOL_ID, type SaPayload, type Transform } from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import type { AwaitsMessage, FirstStep, OpenedMessage, Step, Transition } from '../../exchange/state.ts';
import { NEW_GROUPS_PER_IKE_SA } from '../../limits.ts';
import { type PeerError, peerError } from '../../peer-error.ts';
import { authentic, refuse } from '../../refusals.ts';
import { AwaitsEncrypted, hash1Of, type Phase2Context, sealPhase2, verifyPhase2 } from '../phase2/phase2.ts';
import { sameAttributes } from '../proposals/attributes.ts';
import { isSameGroup, type NumberedGroup, offerGroup, readGroup, saOf } from './offer.ts';

/** What New Group Mode settles: a group, or, as initiator, that the peer will not have it. */
export type GroupOutcome =
  | (NumberedGroup & { readonly kind: 'agreed' })
  | { readonly kind: 'refused'; readonly error: PeerError };

export type GroupState = AwaitsMessage<GroupState, GroupOutcome>;
export type GroupStep = Step<GroupState, GroupOutcome>;

/** What an IKE SA knows of groups. */
export interface KnownGroups {
  /** Those that the peer may give a number. */
  readonly accepted: readonly PrivateGroup[];
  /** Those that have one, and those that this side has asked for. */
  readonly numbered: readonly NumberedGroup[];
}

const RULES: PayloadRules = { first: ['hash', 'sa'], counts: { hash: [1, 1], sa: [1, 1] } };

/** A refusal may come in the place of the SA payload (RFC 2409 §5.6). */
const REPLY_RULES: PayloadRules = { first: ['hash'], counts: { hash: [1, 1], sa: [0, 1] } };

/** HDR*, HASH(1), SA --> */
export function askForGroup(
  context: Phase2Context,
  iv: Uint8Array,
  wanted: NumberedGroup,
): FirstStep<GroupState, GroupOutcome> {
  const sealed = sealGroup(context, iv, offerGroup(wanted));
  return { next: [new ExpectNewGroupReply(context, sealed.nextIv, wanted)], reply: sealed.octets, outcome: undefined };
}

/**
 * Awaits `HDR*, HASH(1), SA -->` (RFC 2409 §5.6), and takes the first transform whose group is one that was settled on with the
 * peer beforehand. No other is looked into: a peer that may choose a prime may choose one that gives the secret away (RFC 8247
 * §2.4), and to find out costs seconds for each that it sends.
 */
export class ExpectNewGroup extends AwaitsEncrypted implements GroupState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(1), SA', sends: 'HDR*, HASH(2), SA', to: 'Finished' },
  ];
  readonly rules: PayloadRules = RULES;
  readonly isHashed = true;
  readonly repeats = false;
  readonly #context: Phase2Context;
  readonly #known: KnownGroups;

  constructor(context: Phase2Context, iv: Uint8Array, known: KnownGroups) {
    super(context, iv);
    this.#context = context;
    this.#known = known;
  }

  receive(message: OpenedMessage): GroupStep {
    verifyGroup(this.#context, message);
    return authentic(() => this.#answer(message));
  }

  #answer({ payloads, nextIv }: OpenedMessage): GroupStep {
    const { accepted } = this.#known;
    if (accepted.length === 0) return refuse('unsupported-exchange', NOT_ACCEPTABLE);
    for (const transform of offered(only(payloads, 'sa'))) {
      const described = readGroup(transform);
      const group = described && accepted.find((one) => isSameGroup(one, described.group));
      if (described === undefined || group === undefined || this.#isTaken(described)) continue;
      const outcome = { kind: 'agreed', number: described.number, group } as const;
      const sealed = sealGroup(this.#context, nextIv, saOf(transform));
      return { next: [], reply: sealed.octets, outcome };
    }
    return refuse('no-proposal-chosen', NOT_ACCEPTABLE);
  }

  /** By another group; or there are too many. */
  #isTaken({ number, group }: NumberedGroup): boolean {
    const { numbered } = this.#known;
    const holder = numbered.find((one) => one.number === number);
    return holder === undefined ? numbered.length >= NEW_GROUPS_PER_IKE_SA : !isSameGroup(holder.group, group);
  }
}

/** Awaits `<-- HDR*, HASH(2), SA`, or a refusal. */
export class ExpectNewGroupReply extends AwaitsEncrypted implements GroupState {
  static readonly transitions: readonly Transition[] = [{ on: 'HDR*, HASH(2), SA or N', sends: '', to: 'Finished' }];
  readonly rules: PayloadRules = REPLY_RULES;
  readonly isHashed = true;
  readonly repeats = true;
  readonly #context: Phase2Context;
  readonly #wanted: NumberedGroup;

  constructor(context: Phase2Context, iv: Uint8Array, wanted: NumberedGroup) {
    super(context, iv);
    this.#context = context;
    this.#wanted = wanted;
  }

  receive(message: OpenedMessage): GroupStep {
    verifyGroup(this.#context, message);
    return authentic(() => ({ next: [], reply: undefined, outcome: this.#outcome(message) }));
  }

  #outcome({ payloads }: OpenedMessage): GroupOutcome {
    const [sa] = all(payloads, 'sa');
    if (sa === undefined) {
      const [error] = all(payloads, 'notification').flatMap(({ notifyType }) => peerError(notifyType) ?? []);
      return { kind: 'refused', error: error ?? refuse('missing-payload') };
    }
    const [chosen, ...others] = offered(sa);
    const [ours] = offered(offerGroup(this.#wanted));
    if (chosen === undefined || ours === undefined || others.length > 0) return refuse('proposal-changed');
    if (chosen.id !== ours.id || !sameAttributes(chosen.attributes, ours.attributes)) refuse('proposal-changed');
    return { kind: 'agreed', ...this.#wanted };
  }
}

const NOT_ACCEPTABLE = { notify: 'ATTRIBUTES-NOT-SUPPORTED', protocol: PROTOCOL_ID.isakmp } as const;

/** The transforms of the one proposal, which is of phase 1; none where there are several. */
function offered({ proposals }: SaPayload): readonly Transform[] {
  const [proposal, ...others] = proposals;
  return others.length > 0 || proposal?.protocol !== PROTOCOL_ID.isakmp ? [] : proposal.transforms;
}

/** HASH(1) and HASH(2) are prf(SKEYID_a, M-ID | SA), each of its own message (RFC 2409 §5.6). */
function sealGroup(context: Phase2Context, iv: Uint8Array, sa: SaPayload): ReturnType<typeof sealPhase2> {
  return sealPhase2(context, EXCHANGE.newGroup, iv, hash1Of(context), [sa]);
}

function verifyGroup(context: Phase2Context, message: OpenedMessage): void {
  verifyPhase2(message, hash1Of(context));
}
