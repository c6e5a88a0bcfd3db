import type { Proposal, SaPayload } from '@espalier/wire';
import type { Tolerance } from '../../tolerances.ts';
import { protocolOf } from './spis.ts';
import { type Reading, readTransform } from './transforms.ts';

/** A proposal of a peer's, with what its transforms say. */
export interface ReadProposal {
  readonly proposal: Proposal;
  readonly readings: readonly Reading[];
}

/** Proposals that are wanted together. */
export interface Conjunction {
  readonly proposals: readonly ReadProposal[];
  /** What it takes to read them so. */
  readonly tolerated: readonly Tolerance[];
}

const NOTHING: readonly Tolerance[] = [];
const ALIKE: readonly Tolerance[] = ['proposals-alike'];

/**
 * Proposals of one number are wanted together, each of another protocol (RFC 2408 §4.2). Peers that number all of one
 * protocol alike mean a choice; anything else is passed over.
 */
export function conjunctions(sa: SaPayload): readonly Conjunction[] {
  return byNumber(sa).flatMap((proposals) => {
    if (!proposals.every(({ protocol }) => protocolOf(protocol) !== undefined)) return [];
    const protocols = new Set(proposals.map(({ protocol }) => protocol));
    if (protocols.size === proposals.length) return [{ proposals: proposals.map(read), tolerated: NOTHING }];
    if (protocols.size > 1) return [];
    return proposals.map((proposal) => ({ proposals: [read(proposal)], tolerated: ALIKE }));
  });
}

function read(proposal: Proposal): ReadProposal {
  const readings = proposal.transforms.map((transform) => ({ transform, values: readTransform(transform) }));
  return { proposal, readings };
}

/** Those of each number, in the order of the first. */
export function byNumber({ proposals }: SaPayload): readonly (readonly Proposal[])[] {
  const groups = new Map<number, Proposal[]>();
  for (const proposal of proposals) groups.set(proposal.number, [...(groups.get(proposal.number) ?? []), proposal]);
  return [...groups.values()];
}
