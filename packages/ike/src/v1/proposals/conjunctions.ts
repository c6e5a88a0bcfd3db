import type { Proposal, SaPayload } from '@espalier/wire';
import { protocolOf } from './spis.ts';
import { type Reading, readTransform } from './transforms.ts';

/** A proposal of a peer's, with what its transforms say. */
export interface ReadProposal {
  readonly proposal: Proposal;
  readonly readings: readonly Reading[];
}

/** Proposals of one number are wanted together, each of another protocol (RFC 2408 §4.2): others are passed over. */
export function conjunctions(sa: SaPayload): readonly (readonly ReadProposal[])[] {
  const bundles = byNumber(sa).filter(isBundle);
  return bundles.map((bundle) =>
    bundle.map((proposal) => ({
      proposal,
      readings: proposal.transforms.map((transform) => ({ transform, values: readTransform(transform) })),
    })),
  );
}

/** Those of each number, in the order of the first. */
export function byNumber({ proposals }: SaPayload): readonly (readonly Proposal[])[] {
  const groups = new Map<number, Proposal[]>();
  for (const proposal of proposals) groups.set(proposal.number, [...(groups.get(proposal.number) ?? []), proposal]);
  return [...groups.values()];
}

function isBundle(proposals: readonly Proposal[]): boolean {
  const protocols = new Set(proposals.map(({ protocol }) => protocol));
  return protocols.size === proposals.length && proposals.every(({ protocol }) => protocolOf(protocol) !== undefined);
}
