import type { NatFindings } from '../../nat/discovery.ts';
import type { ExchangeMode, Role } from '../../types.ts';
import type { Proof } from '../authentication/proof.ts';
import type { IkeKeys } from '../protection.ts';
import type { Settled } from './keys.ts';
import type { Established } from './phase1.ts';

/** What a phase 1 ends with, beside what was settled in it. */
interface Ending {
  readonly keys: IkeKeys;
  readonly lastBlock: Uint8Array;
  readonly proof: Proof;
  readonly nat: NatFindings | undefined;
  readonly initialContact: boolean;
  readonly tellsInitialContact?: boolean;
}

/** The IKE SA that a phase 1 settles. */
export function establishedAs(
  role: Role,
  mode: ExchangeMode,
  { context, choice, cookies, extensions }: Settled,
  ending: Ending,
): Established {
  return {
    role,
    mode,
    cookies,
    peer: context.peer,
    proposal: choice.proposal,
    lifetime: choice.lifetime,
    kilobytes: choice.kilobytes,
    news: choice.news,
    terms: context.terms,
    implementation: extensions.implementation,
    deadPeerDetection: extensions.deadPeerDetection,
    unity: extensions.unity,
    xauth: context.xauth,
    modeConfig: context.modeConfig,
    tellsInitialContact: false,
    ...ending,
  };
}
