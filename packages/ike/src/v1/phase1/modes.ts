import type { ExchangeMode } from '../../types.ts';
import { startAggressiveMode } from '../aggressive-mode/initiator.ts';
import { ExpectOffer } from '../aggressive-mode/responder.ts';
import { startMainMode } from '../main-mode/initiator.ts';
import { ExpectSa } from '../main-mode/responder.ts';
import type { Candidates } from './candidates.ts';
import type { FirstPhase1Step, Phase1Context, Phase1State } from './phase1.ts';

/** How phase 1 begins. */
interface Mode {
  /** As initiator. */
  start(context: Phase1Context, cookie: Uint8Array): FirstPhase1Step;
  /** As responder: the state that awaits the first message. */
  await(candidates: Candidates, drawCookie: () => Uint8Array): Phase1State;
}

const MODES: Readonly<Record<ExchangeMode, Mode>> = {
  aggressive: {
    start: startAggressiveMode,
    await: (candidates, drawCookie) => new ExpectOffer(candidates, drawCookie),
  },
  main: {
    start: startMainMode,
    await: (candidates, drawCookie) => new ExpectSa(candidates, drawCookie),
  },
};

export function startPhase1(mode: ExchangeMode, context: Phase1Context, cookie: Uint8Array): FirstPhase1Step {
  return MODES[mode].start(context, cookie);
}

/** @throws Refusal where nobody may begin so. */
export function awaitPhase1(mode: ExchangeMode, candidates: Candidates, drawCookie: () => Uint8Array): Phase1State {
  return MODES[mode].await(candidates, drawCookie);
}
