import { type Duration, seconds } from '@espalier/wire';
import { unsupported } from '../text/error.ts';
import type { Block, Value } from './block.ts';
import type { Definitions } from './definitions.ts';
import { integer } from './values.ts';

/** A proposal with its lifetime: Junos gives one to each proposal, IKE to what has been agreed on. */
export interface TimedProposal<T> {
  readonly proposal: T;
  readonly lifetime: Duration;
}

const inRange = integer(180, 86_400);

/** `lifetime-seconds` of both phases. */
export const lifetimeSeconds: Value<Duration> = (word) => seconds(inRange(word));

/** `proposals [ a b ];` of a policy, in order of preference, or the default. They must share one lifetime. */
export function readProposals<T>(
  block: Block,
  definitions: Definitions<TimedProposal<T>>,
  byDefault: TimedProposal<T>,
): { readonly proposals: readonly T[]; readonly lifetime: Duration } {
  const named = block.list('proposals', (word) => ({ word, ...definitions.find(word) }));
  const { lifetime } = named[0] ?? byDefault;
  const other = named.find((proposal) => proposal.lifetime !== lifetime);
  if (other) {
    throw unsupported(
      other.word.position,
      'different lifetimes in one policy',
      'a proposal with the lifetime of the first',
    );
  }
  return { proposals: named.length > 0 ? named.map(({ proposal }) => proposal) : [byDefault.proposal], lifetime };
}
