import type { RefusalReason } from './reasons.ts';

/** Why a chain is not believed, and because of which certificate. */
export interface ChainRefusal {
  readonly reason: RefusalReason;
  /** Subject and serial number; undefined where no certificate is to blame. */
  readonly certificate: string | undefined;
  /** What is the matter with it, in words: the date, the name, the length. */
  readonly detail: string;
}

/** One line that says which certificate, and why. */
export function formatRefusal({ reason, certificate, detail }: ChainRefusal): string {
  return `${certificate === undefined ? '' : `${certificate}: `}${reason}: ${detail}`;
}
