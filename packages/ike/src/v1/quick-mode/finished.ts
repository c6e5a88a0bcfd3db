import type { PayloadRules } from '../../exchange/rules.ts';
import { refuse } from '../../refusals.ts';
import type { Transition } from '../phase1.ts';
import type { QuickState } from './quick.ts';

/** The exchange is over; what it sent last is repeated to a peer that repeats itself, and nothing else is taken. */
export class QuickFinished implements QuickState {
  static readonly transitions: readonly Transition[] = [];
  readonly rules: PayloadRules = { first: [], counts: {} };
  readonly repeats = false;
  readonly iv: Uint8Array;

  constructor(iv: Uint8Array) {
    this.iv = iv;
  }

  receive(): never {
    return refuse('message-id-reused');
  }

  wipe(): void {}
}
