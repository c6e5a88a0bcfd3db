import { PROTOCOL_ID, type Spi } from '@espalier/wire';
import type { PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Transition } from '../../exchange/state.ts';
import { authentic, refuse } from '../../refusals.ts';
import { areAllowed, type Tolerance } from '../../tolerances.ts';
import { notificationOf } from '../informational/informational.ts';
import { AwaitsEncrypted, hash1Of, type QuickContext, verifyPhase2 } from '../phase2/phase2.ts';
import { spiOctets } from '../proposals/spis.ts';
import { NONE_PENDING, type QuickState, type QuickStep, sealQuick } from './quick.ts';

const RULES: PayloadRules = { first: ['hash'], counts: { hash: [1, 1] } };

const FOURTH: readonly Tolerance[] = ['fourth-quick-message'];

/**
 * As initiator, after message 3: the peer may say that it has it. RFC 2408 §3.1 has CONNECTED in an Informational exchange
 * with the message ID of the Quick Mode; deployed peers say it in a fourth message of Quick Mode itself, as
 * draft-ietf-ipsec-ike-01 has it: `<-- HDR*, HASH(4), N`.
 */
export class ExpectConnected extends AwaitsEncrypted implements QuickState {
  static readonly transitions: readonly Transition[] = [{ on: 'HDR*, HASH(4), N', sends: '', to: 'Finished' }];
  readonly rules: PayloadRules = RULES;
  readonly isHashed = true;
  readonly repeats = false;
  readonly awaitsReply = false;
  readonly pending: QuickState['pending'] = NONE_PENDING;
  readonly #context: QuickContext;

  constructor(context: QuickContext, iv: Uint8Array) {
    super(context, iv);
    this.#context = context;
  }

  receive(message: OpenedMessage): QuickStep {
    // HASH(4) = prf(SKEYID_a, M-ID | N)
    verifyPhase2(message, hash1Of(this.#context));
    if (!areAllowed(FOURTH, this.#context.terms)) authentic(() => refuse('unexpected-message'));
    return { next: [], reply: undefined, outcome: undefined, tolerated: FOURTH };
  }
}

/** As responder that has set the commit bit: what answers message 3. `spi`: this side's, of the first child. */
export function sealConnected(context: QuickContext, iv: Uint8Array, spi: Spi): Uint8Array {
  const connected = notificationOf('CONNECTED', PROTOCOL_ID.esp, spiOctets(spi));
  return sealQuick(context, iv, hash1Of(context), [connected]).octets;
}
