import { type IkeEvent, phase1Iv } from '@espalier/ike';
import { decodeHeader, decodeMessage, encodeMessage, FLAG, type HeaderFields } from '@espalier/wire';
import { openMessage } from '../../src/exchange/exchange.ts';
import { only } from '../../src/exchange/rules.ts';
import { startAggressiveMode } from '../../src/v1/aggressive-mode/initiator.ts';
import type { Established, Phase1Context, Phase1MessageState } from '../../src/v1/phase1/phase1.ts';
import { openBody } from '../../src/v1/protection.ts';
import type { Forger } from '../support/forger.ts';
import type { PeerChanges } from '../support/pair.ts';

export const AGGRESSIVE: PeerChanges = { mode: 'aggressive' };

/** Message 1 of a forger, and what its answer leads to. */
export interface Begun {
  readonly octets: Uint8Array;
  readonly state: Phase1MessageState;
}

/** Message 3 of a forger, encrypted and in clear, and the IKE SA that either leads to at the forger's end. */
export interface Confirmed {
  readonly encrypted: Uint8Array;
  readonly clear: Uint8Array;
  readonly sa: Established;
  readonly saInClear: Established;
}

export function begin({ rng, context }: Forger, changes: Partial<Phase1Context> = {}): Begun {
  const cookie = new Uint8Array(8);
  rng.fill(cookie);
  const { next, reply } = startAggressiveMode({ ...context, ...changes }, cookie);
  const [state] = next;
  if (reply === undefined || 'asks' in state) throw new Error('no message 1');
  return { octets: reply, state };
}

export function confirm({ octets, state }: Begun, second: Uint8Array): Confirmed {
  const opened = openMessage(state.protection, { header: decodeHeader(second), octets: second });
  const { reply, outcome } = state.receive(opened);
  if (reply === undefined || outcome === undefined) throw new Error('no message 3');
  const [gxi, gxr] = [octets, second].map((message) => only(decodeMessage(message).payloads, 'ke').data);
  if (gxi === undefined || gxr === undefined) throw new Error('no public values');
  const { cipher } = outcome.keys;
  const iv = phase1Iv(outcome.proposal.hash, gxi, gxr, cipher.blockOctets);
  const header = decodeHeader(reply);
  const fields: HeaderFields = { ...header, flags: header.flags & ~FLAG.encryption };
  return {
    encrypted: reply,
    clear: encodeMessage(fields, openBody(cipher, iv, header, reply).payloads),
    sa: outcome,
    saInClear: { ...outcome, lastBlock: iv },
  };
}

/** The whole exchange up to message 3, which is not sent. */
export function upToConfirm(forger: Forger, changes: Partial<Phase1Context> = {}): Confirmed {
  const begun = begin(forger, changes);
  const [second] = forger.send(begun.octets).replies;
  if (second === undefined) throw new Error('no message 2');
  return confirm(begun, second);
}

export function kindsOf(events: readonly IkeEvent[]): readonly IkeEvent['kind'][] {
  return events.map(({ kind }) => kind);
}
