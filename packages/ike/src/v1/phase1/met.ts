import { DecodeError, equalOctets } from '@espalier/wire';
import { heed, openMessage } from '../../exchange/exchange.ts';
import { isZero, type ReceivedMessage } from '../../exchange/message.ts';
import { checkPayloads } from '../../exchange/rules.ts';
import type { Secret } from '../../exchange/state.ts';
import { isShared } from '../../nat/ports.ts';
import { Refusal, refuse } from '../../refusals.ts';
import type { HeededPhase1Step, Phase1State, Phase1Step } from './phase1.ts';
import type { Taken } from './retaken.ts';

/** A state, and what a message led to in it. */
export interface Met extends Taken {
  readonly step: HeededPhase1Step;
}

/** What comes of a message in each of several states; where it proves the peer, in that state alone. */
export function meet(
  states: readonly Phase1State[],
  message: ReceivedMessage,
): { readonly met: readonly Met[]; readonly error: unknown } {
  const met: Met[] = [];
  let error: unknown;
  for (const state of states) {
    if ('asks' in state || !isOfCookie(state, message.header.responderCookie)) continue;
    try {
      if (state.nat?.method.floats === true && !isShared(message.path.local)) refuse('wrong-endpoint');
      const { opened, ...step } = heed(state, message);
      if (isProof(step)) return { met: [{ state, message, opened, step }], error: undefined };
      met.push({ state, message, opened, step });
    } catch (caught) {
      if (!(caught instanceof Refusal || caught instanceof DecodeError)) throw caught;
      if (error === undefined || (caught instanceof Refusal && caught.isAuthentic)) error = caught;
    }
  }
  return { met, error };
}

/** Whether a step shows who the peer is. */
export function isProof({ outcome, next }: Phase1Step): boolean {
  return outcome !== undefined || next.some((state) => 'asks' in state && state.isProved === true);
}

/** Whether a message in clear is of the payloads that a state awaits. */
export function isFor(state: Phase1State, message: ReceivedMessage): boolean {
  if ('asks' in state || state.protection.kind !== 'clear') return false;
  if (!isOfCookie(state, message.header.responderCookie)) return false;
  try {
    checkPayloads(state.rules, openMessage(state.protection, message).payloads);
    return true;
  } catch (error) {
    if (error instanceof Refusal || error instanceof DecodeError) return false;
    throw error;
  }
}

export function isOfCookie({ cookies: { responder } }: Phase1State, cookie: Uint8Array): boolean {
  return isZero(responder) || equalOctets(responder, cookie);
}

export function secretsOf(states: readonly Phase1State[]): readonly Secret[] {
  return states.flatMap(({ secrets }) => secrets);
}
