import { type Duration, seconds } from '@espalier/wire';
import type { Block, Value } from '../places/block.ts';
import type { Definitions } from '../places/definitions.ts';
import { choice, integer } from '../places/values.ts';
import { unexpected } from '../text/error.ts';

/** A proposal with its lifetime: Junos gives one to each proposal, IKE to what has been agreed on. */
export interface TimedProposal<T> {
  readonly proposal: T;
  readonly lifetime: Duration;
}

/** By name of a `proposal-set`. */
export type ProposalSets<T> = Readonly<Record<'basic' | 'compatible' | 'standard', readonly T[]>>;

const inRange = integer(180, 86_400);

/** `lifetime-seconds` of both phases. */
export const lifetimeSeconds: Value<Duration> = (word) => seconds(inRange(word));

/**
 * `proposals [ a b ];` of a policy, in order of preference, or `proposal-set`, or the default. Where they have different
 * lifetimes the shortest holds for all, with a notice: a lifetime is of the policy here.
 */
export function readProposals<T>(
  block: Block,
  definitions: Definitions<TimedProposal<T>>,
  byDefault: TimedProposal<T>,
  sets: ProposalSets<T>,
): { readonly proposals: readonly T[]; readonly lifetime: Duration } {
  const named = block.list('proposals', (word) => ({ word, ...definitions.find(word) }));
  const set = block.one('proposal-set', (word) => {
    if (named.length > 0) throw unexpected(word.position, 'either proposals or proposal-set', `"${word.text}"`);
    return choice(sets)(word);
  });
  const [first] = named;
  if (first === undefined) return { proposals: set ?? [byDefault.proposal], lifetime: byDefault.lifetime };
  const shortest = named.reduce((least, proposal) => (proposal.lifetime < least.lifetime ? proposal : least));
  if (named.some(({ lifetime }) => lifetime !== shortest.lifetime)) {
    const length = `${shortest.lifetime / 1000} s, the lifetime of ${shortest.word.text}`;
    block.notice(first.word.position, `the proposals have different lifetimes: ${length}, holds for all of them`);
  }
  return { proposals: named.map(({ proposal }) => proposal), lifetime: shortest.lifetime };
}
