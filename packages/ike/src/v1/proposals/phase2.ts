import { DH_GROUPS, type DhGroupNumber } from '@espalier/crypto';
import {
  attributeNumber,
  DOI_IPSEC,
  type Duration,
  IPSEC_ATTRIBUTE,
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
import { DEFAULT_TERMS, type Terms } from '../../terms.ts';
import { areAllowed, type Tolerance } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import type { Lifetimes } from '../informational/responder-lifetime.ts';
import { LEGACY_GROUPS } from '../phase1/key-exchange.ts';
import { type AttributeValues, least, sameAttributes, sameBasics } from './attributes.ts';
import { type Bundle, bundlesOf, transformFormOf, type Variant, type Wanted } from './bundles.ts';
import { byNumber, type Conjunction, conjunctions, type ReadProposal } from './conjunctions.ts';
import { comparePhase2, describeOffer } from './describe.ts';
import { agreeKilobytes, agreeLifetime, answeredLifetime, DEFAULT_LIFETIME, sayable } from './lifetimes.ts';
import { type OwnSpis, ownSpi, protocolOf, SOME_SPIS, spiFrom, spiOctets } from './spis.ts';
import { encodeForm, forms, matchPattern, modeNumber, patternOf, sequenceNumbers } from './transforms.ts';

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
  readonly lifetime: Duration;
  readonly kilobytes: number | undefined;
  /** What the peer's transforms took. */
  readonly tolerated: readonly Tolerance[];
}

/** What a responder chose, with the transforms that say so exactly as they came. */
export interface Phase2Answer extends Phase2Choice {
  readonly proposals: readonly Proposal[];
  readonly pfsGroup: ChildPolicy['pfsGroup'] | undefined;
  /** Of the lifetimes those that the peer does not know, for ours is the shorter. */
  readonly news: Lifetimes;
}

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
export function choosePhase2(
  offer: SaPayload,
  policy: ChildPolicy,
  nat?: NatFindings,
  terms: Terms = DEFAULT_TERMS,
): Phase2Answer | undefined {
  const offered = conjunctions(offer);
  const asked = policy.pfsGroup === undefined && terms.leniency.has('pfs-unasked') ? groupsOf(offer) : [];
  for (const pfsGroup of [policy.pfsGroup, ...asked]) {
    const own = pfsGroup === undefined ? policy : { ...policy, pfsGroup };
    const pfs: readonly Tolerance[] = pfsGroup === policy.pfsGroup ? [] : ['pfs-unasked'];
    for (const bundle of bundlesOf(own, nat)) {
      const found = offered.flatMap((conjunction) => matches(bundle, conjunction, own, { nat, terms }));
      const answers = found.flatMap((match) => answerOf(match, own, terms, pfs));
      const [first, ...others] = answers;
      if (first === undefined) continue;
      return others.reduce((best, other) => (isPreferred(other, best) ? other : best), first).answer;
    }
  }
  return undefined;
}

/** The groups that an offer asks for, but for those that give a secret away. */
function groupsOf({ proposals }: SaPayload): readonly DhGroupNumber[] {
  const attributes = proposals.flatMap(({ transforms }) => transforms.flatMap((transform) => transform.attributes));
  const asked = new Set(
    attributes.filter(({ type }) => type === IPSEC_ATTRIBUTE.groupDescription).map(attributeNumber),
  );
  const known = Object.values(DH_GROUPS).map(({ number }) => number);
  return known.filter((number) => asked.has(number) && !(number in LEGACY_GROUPS));
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
  terms: Terms = DEFAULT_TERMS,
): Phase2Choice {
  const [conjunction, ...others] = conjunctions(reply);
  if (conjunction !== undefined && others.length === 0 && reply.proposals.length === conjunction.proposals.length) {
    const offered = byNumber(offer);
    for (const [i, bundle] of bundlesOf(policy, nat).entries()) {
      const match = chosenFrom(bundle, offered[i] ?? [], conjunction, policy);
      const choice = match && answeredBy(match, policy, terms);
      if (choice !== undefined) return choice;
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
  readonly tolerated: readonly Tolerance[];
}

interface Match {
  readonly protocols: readonly MatchedProtocol[];
  readonly esn: boolean;
  readonly tolerated: readonly Tolerance[];
  /** By which of two matches one is preferred: places in the lists of suites, of the sequence numbers, and what it takes. */
  readonly ranks: readonly number[];
}

/** One for each kind of sequence number that the policy allows, at most. */
function matches(
  bundle: Bundle,
  conjunction: Conjunction,
  policy: ChildPolicy,
  { nat, terms }: { readonly nat: NatFindings | undefined; readonly terms: Terms },
): readonly Match[] {
  if (bundle.length !== conjunction.proposals.length) return [];
  return sequenceNumbers(policy).flatMap((esn, esnRank) => {
    const found = bundle.map((wanted) => {
      const offered = conjunction.proposals.find(({ proposal }) => protocolOf(proposal.protocol) === wanted.protocol);
      return offered && firstOf(wanted, offered, policy, esn, modeNumber(policy, nat));
    });
    const protocols = found.filter((one) => one !== undefined);
    if (protocols.length < bundle.length) return [];
    const tolerated = [...conjunction.tolerated, ...protocols.flatMap((one) => one.tolerated)];
    if (!areAllowed(tolerated, terms)) return [];
    return [{ protocols, esn, tolerated, ranks: [...protocols.map(({ rank }) => rank), esnRank, tolerated.length] }];
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
    const found = readings.flatMap((reading) => {
      const tolerated = pattern && matchPattern(reading, pattern);
      return tolerated === undefined || reading.values === undefined
        ? []
        : [{ ...reading, values: reading.values, tolerated }];
    });
    const best = found.find(({ tolerated }) => tolerated.length === 0) ?? found[0];
    if (best === undefined) continue;
    const { transform, values, tolerated } = best;
    return { chosen: { ...variant, spi }, proposal, transform, values, tolerated, rank };
  }
  return undefined;
}

/** What a reply says of a bundle that was offered, each transform as it was, but for its lifetimes. */
function chosenFrom(
  bundle: Bundle,
  offered: readonly Proposal[],
  { proposals: reply }: Conjunction,
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
      ({ id, attributes }) => id === transform.id && sameBasics(attributes, values, IPSEC_ATTRIBUTE),
    );
    const form = forms(policy, wanted)[at];
    const spi = spiFrom(wanted.protocol, theirs.proposal.spi);
    if (form === undefined || spi === undefined) return [];
    const chosen = { ...form.variant, spi };
    const isSame = sameAttributes(own.transforms[at]?.attributes ?? [], transform.attributes);
    const tolerated: readonly Tolerance[] = isSame
      ? []
      : [values.hasZeroLifetime ? 'lifetime-zero' : 'lifetime-changed'];
    return [{ chosen, proposal: theirs.proposal, transform, values, tolerated, esn: form.esn }];
  });
  const kinds = new Set(found.map(({ esn }) => esn).filter((esn) => esn !== undefined));
  if (found.length < bundle.length || kinds.size > 1) return undefined;
  const tolerated = found.flatMap((one) => one.tolerated);
  return { protocols: found, esn: kinds.has(true), tolerated, ranks: [] };
}

function isPreferred(a: RankedAnswer, b: RankedAnswer): boolean {
  const at = a.ranks.findIndex((rank, i) => rank !== b.ranks[i]);
  return at >= 0 && (a.ranks[at] ?? 0) < (b.ranks[at] ?? 0);
}

function ipsecSa(proposals: readonly Proposal[]): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals };
}

interface RankedAnswer {
  readonly answer: Phase2Answer;
  readonly ranks: Match['ranks'];
}

/** None where the lifetimes of an offer are not to be taken. */
function answerOf(match: Match, policy: ChildPolicy, terms: Terms, pfs: readonly Tolerance[]): readonly RankedAnswer[] {
  const { protocols, esn, ranks } = match;
  const { seconds: count, kilobytes: offered } = lifetimesOf(match);
  const theirs = count === undefined ? DEFAULT_LIFETIME : seconds(count);
  const lifetime = agreeLifetime(policy.lifetime, theirs, terms);
  const kilobytes = agreeKilobytes(policy.lifetimeKilobytes, offered, terms);
  if (lifetime === undefined || kilobytes === undefined) return [];
  const answer: Phase2Answer = {
    chosen: protocols.map(({ chosen }) => chosen),
    esn,
    lifetime: lifetime.value,
    kilobytes: kilobytes.value,
    tolerated: [...match.tolerated, ...lifetime.tolerated, ...pfs],
    proposals: protocols.map(({ proposal, transform }) => ({ ...proposal, transforms: [transform] })),
    pfsGroup: policy.pfsGroup,
    news: {
      lifetime: lifetime.value < theirs ? lifetime.value : undefined,
      kilobytes: kilobytes.value === offered ? undefined : kilobytes.value,
    },
  };
  return [{ answer, ranks }];
}

/** What the peer's answer comes to; undefined where its lifetimes are not to be taken. */
function answeredBy(match: Match, policy: ChildPolicy, terms: Terms): Phase2Choice | undefined {
  const { protocols, esn } = match;
  const { seconds: count, kilobytes: offered } = lifetimesOf(match);
  const lifetime = answeredLifetime(sayable(policy.lifetime), count === undefined ? undefined : seconds(count), terms);
  const kilobytes =
    offered === undefined
      ? { value: policy.lifetimeKilobytes }
      : agreeKilobytes(policy.lifetimeKilobytes, offered, terms);
  if (lifetime === undefined || kilobytes === undefined) return undefined;
  const tolerated = [...match.tolerated, ...lifetime.tolerated];
  if (!areAllowed(tolerated, terms)) return undefined;
  const isOurs = lifetime.value === sayable(policy.lifetime);
  return {
    chosen: protocols.map(({ chosen }) => chosen),
    esn,
    lifetime: isOurs ? policy.lifetime : lifetime.value,
    kilobytes: kilobytes.value,
    tolerated,
  };
}

/** Of several protocols the shortest lifetime holds: without one of them nothing is left of the child. */
function lifetimesOf({ protocols }: Match): Pick<AttributeValues, 'seconds' | 'kilobytes'> {
  const keyed = protocols.filter(({ chosen }) => chosen.protocol !== 'ipcomp').map(({ values }) => values);
  return {
    seconds: keyed.map((values) => values.seconds).reduce((a, b) => least(a, b)),
    kilobytes: keyed.map((values) => values.kilobytes).reduce((a, b) => least(a, b)),
  };
}
