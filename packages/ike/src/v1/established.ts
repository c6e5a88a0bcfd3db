import { milliseconds } from '@espalier/wire';
import type { NatFindings } from '../nat/discovery.ts';
import type { ExchangeMode, Role } from '../types.ts';
import type { Proof } from './authentication/proof.ts';
import type { Established } from './phase1.ts';
import type { Settled } from './phase1-keys.ts';
import type { IkeKeys } from './protection.ts';

/** What a phase 1 ends with, beside what was settled in it. */
interface Ending {
  readonly keys: IkeKeys;
  readonly lastBlock: Uint8Array;
  readonly proof: Proof;
  readonly nat: NatFindings | undefined;
  readonly initialContact: boolean;
  readonly tellsInitialContact?: boolean;
}

/** The IKE SA that a phase 1 settles. A responder uses the shorter of both lifetimes, and says so if it is its own. */
export function establishedAs(
  role: Role,
  mode: ExchangeMode,
  { context, choice, cookies, extensions }: Settled,
  ending: Ending,
): Established {
  const isShorter = role === 'responder' && context.lifetime < choice.lifetime;
  return {
    role,
    mode,
    cookies,
    peer: context.peer,
    proposal: choice.proposal,
    lifetime: role === 'initiator' ? context.lifetime : milliseconds(Math.min(context.lifetime, choice.lifetime)),
    lifetimeIsNews: isShorter,
    deadPeerDetection: extensions.deadPeerDetection,
    tellsInitialContact: false,
    ...ending,
  };
}
