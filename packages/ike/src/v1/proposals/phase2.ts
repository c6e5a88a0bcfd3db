import {
  DOI_IPSEC,
  type Duration,
  milliseconds,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  SITUATION,
  type Spi,
  seconds,
  type Transform,
} from '@espalier/wire';
import type { OwnSide, ProposalsDetail, RefusalDetail } from '../../explain/detail.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { refuse } from '../../refusals.ts';
import type { ChildPolicy } from '../../types.ts';
import { type AttributeValues, least, sameAttributes } from './attributes.ts';
import { type Bundle, bundlesOf, transformFormOf, type Variant, type Wanted } from './bundles.ts';
import { byNumber, conjunctions, type ReadProposal } from './conjunctions.ts';
import { comparePhase2, describeOffer } from './describe.ts';
import { type OwnSpis, ownSpi, protocolOf, SOME_SPIS, spiFrom, spiOctets } from './spis.ts';
import { encodeForm, forms, matchesPattern, modeNumber, patternOf, sequenceNumbers } from './transforms.ts';

/** One protocol as both sides settled on it, before the keys. */
export type Chosen = Variant & {
  /** The peer's SPI. */
  readonly spi: Spi;
};

/** What both sides settled on, before the keys. */
export interface Phase2Choice {
  /** In the order in which a packet that leaves goes through them. */
  readonly chosen: readonly Chosen[];
  readonly esn: boolean;
  /** What the transforms say, or their default of 8 hours (RFC 2407 §4.5). */
  readonly lifetime: Duration;
  readonly kilobytes: number | undefined;
}

/** What a responder chose, with the transforms that say so exactly as they came. */
export interface Phase2Answer extends Phase2Choice {
  readonly proposals: readonly Proposal[];
}

const DEFAULT_LIFETIME = seconds(28_800);
/**
 * A proposal for each protocol of each bundle, those of one bundle under one number, for they are wanted together; with a
 * transform for each suite, and for each kind of sequence number (RFC 2409 §5.5, RFC 2408 §4.2).
 */
export function offerPhase2(policy: ChildPolicy, own: OwnSpis, nat?: NatFindings): SaPayload {
  return ipsecSa(
    bundlesOf(policy, nat).flatMap((bundle, i) =>
      bundle.map((wanted) => ({
        number: i + 1,
        protocol: PROTOCOL_ID[wanted.protocol],
        spi: spiOctets(ownSpi(wanted.protocol, own), wanted.protocol),
        transforms: forms(policy, wanted).map((form, at) => ({
          number: at + 1,
          id: transformFormOf(form.variant)?.transform ?? 0,
          attributes: encodeForm(policy, form, modeNumber(policy, nat)),
        })),
      })),
    ),
  );
}

/**
 * As responder: the first bundle of the policy that the peer offers, with the first suite for each protocol. Undefined
 * where there is none.
 */
export function choosePhase2(offer: SaPayload, policy: ChildPolicy, nat?: NatFindings): Phase2Answer | undefined {
  const offered = conjunctions(offer);
  for (const bundle of bundlesOf(policy, nat)) {
    const [first, ...others] = offered.flatMap((conjunction) => matches(bundle, conjunction, policy, nat));
    if (first === undefined) continue;
    return answerOf(others.reduce((best, other) => (isPreferred(other, best) ? other : best), first));
  }
  return undefined;
}

/** An offer that none of the policies allows, beside what they allow. */
export function explainOffer(offer: SaPayload, policies: readonly ChildPolicy[], nat?: NatFindings): ProposalsDetail {
  return comparePhase2(
    offer,
    policies.map((policy) => offerPhase2(policy, SOME_SPIS, nat)),
  );
}

/** What this side offers for a policy, for people. */
export function describePhase2Offer(policy: ChildPolicy): OwnSide {
  return describeOffer(2, offerPhase2(policy, SOME_SPIS));
}

/** The SA payload of the answer, with the SPIs chosen here. */
export function answerPhase2({ chosen, proposals }: Phase2Answer, own: OwnSpis): SaPayload {
  return ipsecSa(
    proposals.map((proposal, i) => {
      const protocol = chosen[i]?.protocol ?? 'esp';
      return { ...proposal, spi: spiOctets(ownSpi(protocol, own), protocol) };
    }),
  );
}

/** As initiator: the reply must hold one of the bundles that were offered, with one transform for each protocol. */
export function readPhase2Choice(
  reply: SaPayload,
  offer: SaPayload,
  policy: ChildPolicy,
  nat?: NatFindings,
): Phase2Choice {
  const [conjunction, ...others] = conjunctions(reply);
  if (conjunction !== undefined && others.length === 0 && reply.proposals.length === conjunction.length) {
    const offered = byNumber(offer);
    for (const [i, bundle] of bundlesOf(policy, nat).entries()) {
      const match = chosenFrom(bundle, offered[i] ?? [], conjunction, policy);
      if (match !== undefined) return choiceOf(match);
    }
  }
  return refuse('proposal-changed', { explain: (): RefusalDetail => comparePhase2(reply, [offer]) });
}

/** One protocol of a bundle, and the transform of the peer's that says it. */
interface MatchedProtocol {
  readonly chosen: Chosen;
  readonly proposal: Proposal;
  readonly transform: Transform;
  readonly values: AttributeValues;
}

interface Match {
  readonly protocols: readonly MatchedProtocol[];
  readonly esn: boolean;
  /** By which of two matches one is preferred: places in the lists of suites, then that of the sequence numbers. */
  readonly ranks: readonly number[];
}

/** One for each kind of sequence number that the policy allows, at most. */
function matches(
  bundle: Bundle,
  conjunction: readonly ReadProposal[],
  policy: ChildPolicy,
  nat: NatFindings | undefined,
): readonly Match[] {
  if (bundle.length !== conjunction.length) return [];
  return sequenceNumbers(policy).flatMap((esn, esnRank) => {
    const found = bundle.map((wanted) => {
      const offered = conjunction.find(({ proposal }) => protocolOf(proposal.protocol) === wanted.protocol);
      return offered && firstOf(wanted, offered, policy, esn, modeNumber(policy, nat));
    });
    const protocols = found.filter((one) => one !== undefined);
    if (protocols.length < bundle.length) return [];
    return [{ protocols, esn, ranks: [...protocols.map(({ rank }) => rank), esnRank] }];
  });
}

/** The first suite that one of the peer's transforms says. */
function firstOf(
  { protocol, variants }: Wanted,
  { proposal, readings }: ReadProposal,
  policy: ChildPolicy,
  esn: boolean,
  mode: number,
): (MatchedProtocol & { readonly rank: number }) | undefined {
  const spi = spiFrom(protocol, proposal.spi);
  if (spi === undefined) return undefined;
  for (const [rank, variant] of variants.entries()) {
    const pattern = patternOf(policy, { variant, esn }, mode);
    const found = pattern && readings.find((reading) => matchesPattern(reading, pattern));
    if (found?.values === undefined) continue;
    const { transform, values } = found;
    return { chosen: { ...variant, spi }, proposal, transform, values, rank };
  }
  return undefined;
}

/** What a reply says of a bundle that was offered, each transform as it was. */
function chosenFrom(
  bundle: Bundle,
  offered: readonly Proposal[],
  reply: readonly ReadProposal[],
  policy: ChildPolicy,
): Match | undefined {
  if (bundle.length !== reply.length) return undefined;
  const found = bundle.flatMap((wanted) => {
    const own = offered.find(({ protocol }) => protocolOf(protocol) === wanted.protocol);
    const theirs = reply.find(({ proposal }) => protocolOf(proposal.protocol) === wanted.protocol);
    const [reading, ...more] = theirs?.readings ?? [];
    if (own === undefined || theirs === undefined || reading?.values === undefined || more.length > 0) return [];
    const { transform, values } = reading;
    const at = own.transforms.findIndex(
      ({ id, attributes }) => id === transform.id && sameAttributes(attributes, transform.attributes),
    );
    const form = forms(policy, wanted)[at];
    const spi = spiFrom(wanted.protocol, theirs.proposal.spi);
    if (form === undefined || spi === undefined) return [];
    const chosen = { ...form.variant, spi };
    return [{ chosen, proposal: theirs.proposal, transform, values, esn: form.esn }];
  });
  const kinds = new Set(found.map(({ esn }) => esn).filter((esn) => esn !== undefined));
  if (found.length < bundle.length || kinds.size > 1) return undefined;
  return { protocols: found, esn: kinds.has(true), ranks: [] };
}

function isPreferred(a: Match, b: Match): boolean {
  const at = a.ranks.findIndex((rank, i) => rank !== b.ranks[i]);
  return at >= 0 && (a.ranks[at] ?? 0) < (b.ranks[at] ?? 0);
}

function ipsecSa(proposals: readonly Proposal[]): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals };
}

function answerOf(match: Match): Phase2Answer {
  return {
    ...choiceOf(match),
    proposals: match.protocols.map(({ proposal, transform }) => ({ ...proposal, transforms: [transform] })),
  };
}

/** Of several protocols the shortest lifetime holds: without one of them nothing is left of the child. */
function choiceOf({ protocols, esn }: Match): Phase2Choice {
  const keyed = protocols.filter(({ chosen }) => chosen.protocol !== 'ipcomp');
  return {
    chosen: protocols.map(({ chosen }) => chosen),
    esn,
    lifetime: keyed.map(({ values }) => lifetimeOf(values)).reduce((a, b) => milliseconds(Math.min(a, b))),
    kilobytes: keyed.map(({ values }) => values.kilobytes).reduce((a, b) => least(a, b)),
  };
}

function lifetimeOf({ seconds: count }: AttributeValues): Duration {
  return count === undefined ? DEFAULT_LIFETIME : seconds(count);
}
