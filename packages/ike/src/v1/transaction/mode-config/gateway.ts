import type { Attribute, Identification } from '@espalier/wire';
import { NO_SECRETS, type Secret, type Transition } from '../../../exchange/state.ts';
import type { Answer } from '../../../questions/question.ts';
import type { LeaseQuestion } from '../../../questions/transaction-questions.ts';
import type { AssignedConfiguration, ModeConfig, Role } from '../../../types.ts';
import { ask } from '../asking.ts';
import type { TransactionOutcome } from '../outcome.ts';
import type {
  Asked,
  Reaction,
  Settled,
  TransactionAnswerState,
  TransactionKnowledge,
  TransactionStep,
} from '../transaction.ts';
import { configurationAttributes, readRequest } from './attributes.ts';

/** To whom something is leased. */
export interface Lessee {
  readonly peer: string;
  readonly role: Role;
  readonly identity: Identification;
  readonly user: string | undefined;
  /** What it has already. */
  readonly held: AssignedConfiguration | undefined;
  /** Whether it speaks of Cisco's Unity. */
  readonly unity: boolean;
}

/**
 * To a REQUEST: what the peer has already, else what the caller leases; nothing where there is nothing. What it has for a time the
 * caller leases anew.
 */
export function leaseOnRequest(attributes: readonly Attribute[], lessee: Lessee): Reaction<TransactionOutcome> {
  const request = readRequest(attributes);
  const speaks = { unity: lessee.unity || request.unity };
  const { held } = lessee;
  if (held !== undefined && !isForATime(held)) {
    return { attributes: configurationAttributes(held, speaks), outcome: { kind: 'leased', lease: held } };
  }
  return {
    asks: leaseQuestion(lessee, request),
    answer: (answer) => {
      const lease = leaseIn(answer);
      return {
        attributes: lease === undefined ? [] : configurationAttributes(lease, speaks),
        outcome: { kind: 'leased', lease },
      };
    },
    wipe: () => {},
  };
}

/** What is set without being asked for: awaits it from the caller first, unless the peer has it already. */
export class AwaitLease implements TransactionAnswerState<TransactionOutcome> {
  static readonly transitions: readonly Transition[] = [
    { on: 'a lease', sends: 'HDR*, HASH, ATTR(SET)', to: 'ExpectTransactionReply' },
    { on: 'that there is none', sends: '', to: 'Finished' },
  ];
  readonly asks: LeaseQuestion;
  readonly #known: TransactionKnowledge;
  readonly #unity: boolean;

  constructor(known: TransactionKnowledge, { families = ['ipv4'] }: ModeConfig, lessee: Lessee) {
    this.asks = leaseQuestion(lessee, {
      ipv4: families.includes('ipv4'),
      ipv6: families.includes('ipv6'),
      wishes: [],
    });
    this.#known = known;
    this.#unity = lessee.unity;
  }

  answer(answer: Answer): TransactionStep<TransactionOutcome> {
    const lease = leaseIn(answer);
    if (lease === undefined) return { next: [], reply: undefined, outcome: { kind: 'leased', lease } };
    return ask(this.#known, leaseToSet(lease, this.#unity), () => leased(lease));
  }

  get secrets(): readonly Secret[] {
    return NO_SECRETS;
  }
}

/** SET */
export function leaseToSet(lease: AssignedConfiguration, unity: boolean): Asked {
  return { type: 'set', attributes: configurationAttributes(lease, { unity }) };
}

/** That the client has acknowledged a SET. */
export function leased(lease: AssignedConfiguration): Settled<TransactionOutcome> {
  return { attributes: [], outcome: { kind: 'leased', lease } };
}

/** Whether it is to be renewed (INTERNAL_ADDRESS_EXPIRY, draft-dukes-ike-mode-cfg-02 §3.3). */
export function isForATime({ expirySeconds }: AssignedConfiguration): boolean {
  return expirySeconds !== undefined;
}

function leaseQuestion(
  { peer, role, identity, user, held }: Lessee,
  { ipv4, ipv6, wishes }: Pick<LeaseQuestion, 'ipv4' | 'ipv6' | 'wishes'>,
): LeaseQuestion {
  const wished = [...new Set([...(held?.addresses ?? []), ...wishes])];
  return { kind: 'lease', peer, role, identity, user, ipv4, ipv6, wishes: wished };
}

function leaseIn(answer: Answer): AssignedConfiguration | undefined {
  return answer.kind === 'lease' ? answer.lease : undefined;
}
