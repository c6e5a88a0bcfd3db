import type { PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Protection, Secret } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Cookies } from '../cookies.ts';
import type { Keyed } from '../phase1/keys.ts';
import type { Phase1MessageState, Phase1Step } from '../phase1/phase1.ts';
import { authRules } from './rules.ts';

/** What both sides await once there are keys: encrypted, the identity of the other and what proves it (RFC 2409 §5). */
export abstract class AwaitsProof implements Phase1MessageState {
  readonly cookies: Cookies;
  readonly rules: PayloadRules;
  readonly nat: NatFindings | undefined;
  abstract readonly repeats: boolean;
  readonly isReached = true;
  readonly keyOf?: string;
  protected readonly known: Keyed;

  constructor(known: Keyed) {
    this.rules = authRules(known.choice.proposal);
    this.nat = known.nat;
    this.cookies = known.cookies;
    if (AUTHENTICATION_METHODS[known.choice.proposal.authentication].sharesKey) this.keyOf = known.context.peer;
    this.known = known;
  }

  get protection(): Protection {
    return { kind: 'encrypted', cipher: this.known.keys.cipher, iv: this.known.iv };
  }

  abstract receive(message: OpenedMessage): Phase1Step;

  get secrets(): readonly Secret[] {
    return [this.known.keys];
  }
}
