import { type DhGroupNumber, dhGroup, type HashName } from '@espalier/crypto';
import {
  type Attribute,
  attributeNumber,
  DOI_IPSEC,
  type Duration,
  KEY_IKE,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_ENCRYPTION,
  OAKLEY_GROUP_TYPE,
  OAKLEY_HASH,
  OAKLEY_PRF,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  SITUATION,
  seconds,
  type Transform,
} from '@espalier/wire';
import type { OwnSide, RefusalDetail } from '../../explain/detail.ts';
import { refuse } from '../../refusals.ts';
import { areAllowed, type Tolerance } from '../../tolerances.ts';
import type { IkeProposal } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Lifetimes } from '../informational/responder-lifetime.ts';
import type { Phase1Context } from '../phase1/phase1.ts';
import { type AttributeValues, lifeAttributes, readAttributes } from './attributes.ts';
import { comparePhase1, describeOffer } from './describe.ts';
import {
  type AgreedLifetime,
  agreeKilobytes,
  agreeLifetime,
  answeredLifetime,
  DEFAULT_LIFETIME,
  enoughKilobytes,
  sayable,
} from './lifetimes.ts';

/** What both sides settled on. */
export interface Phase1Choice {
  readonly proposal: IkeProposal;
  readonly lifetime: Duration;
  /** Of what the IKE SA protects (RFC 2409 Appendix A). */
  readonly kilobytes: number | undefined;
  /** What of the lifetimes the peer does not know: ours are the shorter. */
  readonly news: Lifetimes;
  /** What the peer's transform took. */
  readonly tolerated: readonly Tolerance[];
}

const { encryption, hash, prf, authentication, groupDescription, groupType, keyLength } = OAKLEY_ATTRIBUTE;

/** The octets of a key of AES whose length nobody says (RFC 3602 §5.3). */
const UNSAID_KEY_OCTETS = 16;

const ENCRYPTIONS: Readonly<Record<IkeProposal['encryption'], number>> = {
  'des-cbc': OAKLEY_ENCRYPTION.desCbc,
  '3des-cbc': OAKLEY_ENCRYPTION.tripleDesCbc,
  'aes-cbc': OAKLEY_ENCRYPTION.aesCbc,
  // RFC 4312 §4
  'camellia-cbc': OAKLEY_ENCRYPTION.camelliaCbc,
};

const HASHES: Readonly<Record<HashName, number>> = {
  md5: OAKLEY_HASH.md5,
  sha1: OAKLEY_HASH.sha1,
  'sha2-256': OAKLEY_HASH.sha2_256,
  'sha2-384': OAKLEY_HASH.sha2_384,
  'sha2-512': OAKLEY_HASH.sha2_512,
};

/** One proposal of ISAKMP with a transform for each of ours (RFC 2409 §5). */
export function offerPhase1(proposals: readonly IkeProposal[], lifetimes: OwnLifetimes): SaPayload {
  const transforms = proposals.map((proposal, i) => ({
    number: i + 1,
    id: KEY_IKE,
    attributes: encodeProposal(proposal, lifetimes),
  }));
  return isakmpSa({ number: 1, protocol: PROTOCOL_ID.isakmp, spi: new Uint8Array(0), transforms });
}

/** What this side offers, for people. */
export function describePhase1Offer(proposals: readonly IkeProposal[]): OwnSide {
  return describeOffer(1, offerPhase1(proposals, USUAL));
}

/** Whom a responder may be speaking with, and what it may agree on with each. */
export type Acceptable = Pick<Phase1Context, 'proposals' | 'lifetime' | 'lifetimeKilobytes' | 'terms'>;

/** What a responder chose. */
export interface Phase1Answer<Context> {
  /** The SA payload that says so, with the transform exactly as it came. */
  readonly sa: SaPayload;
  /** Those of the contexts that accept the transform, the first of them by its own preference. */
  readonly candidates: readonly [Accepted<Context>, ...Accepted<Context>[]];
}

interface Accepted<Context> {
  readonly context: Context;
  readonly choice: Phase1Choice;
}

/** As responder: the first proposal of the first context, in the order of our preference, that the peer offers. */
export function choosePhase1<Context extends Acceptable>(
  offer: SaPayload,
  contexts: readonly Context[],
  isOfGroup: (group: DhGroupNumber) => boolean = () => true,
): Phase1Answer<Context> {
  const readings = readProposals(offer);
  for (const context of contexts) {
    for (const proposal of context.proposals.filter(({ group }) => isOfGroup(group))) {
      const found = firstChoice(readings, proposal, context);
      if (found === undefined) continue;
      const { reading, choice } = found;
      const others = contexts.flatMap((other) => {
        if (other === context) return [];
        const same = other.proposals.map((candidate) => choiceOf(reading, candidate, other)).find((one) => one);
        return same === undefined ? [] : [{ context: other, choice: { ...same, proposal } }];
      });
      return {
        sa: isakmpSa({ ...reading.proposal, transforms: [reading.transform] }),
        candidates: [{ context, choice }, ...others],
      };
    }
  }
  return refuseOffer(offer, contexts);
}

/** A transform of the peer's, in its proposal. */
interface Reading {
  readonly proposal: Proposal;
  readonly transform: Transform;
  readonly values: AttributeValues;
  /** What it took to read it. */
  readonly tolerated: readonly Tolerance[];
}

/** Of what says just what is wanted, and then of what may be taken for it, the first. */
function firstChoice(
  readings: readonly Reading[],
  proposal: IkeProposal,
  context: Acceptable,
): { readonly reading: Reading; readonly choice: Phase1Choice } | undefined {
  const choices = readings.flatMap((reading) => {
    const choice = choiceOf(reading, proposal, context);
    return choice === undefined ? [] : [{ reading, choice }];
  });
  return choices.find(({ choice }) => choice.tolerated.length === 0) ?? choices[0];
}

/** A transform as what a proposal of ours says; undefined where it says otherwise. */
function choiceOf(
  { values, tolerated }: Reading,
  proposal: IkeProposal,
  { lifetime: ours, lifetimeKilobytes, terms }: Acceptable,
): Phase1Choice | undefined {
  const described = describes(values, proposal);
  if (described === undefined) return undefined;
  const offered = values.seconds === undefined ? DEFAULT_LIFETIME : seconds(values.seconds);
  const agreed = agreeLifetime(ours, offered, terms);
  const kilobytes = kilobytesOf(lifetimeKilobytes, values.kilobytes, terms);
  if (agreed === undefined || kilobytes === undefined) return undefined;
  const all = [
    ...tolerated,
    ...described,
    ...zeroes(values),
    ...new Set([...agreed.tolerated, ...kilobytes.tolerated]),
  ];
  if (!areAllowed(all, terms)) return undefined;
  const news = {
    lifetime: agreed.value < offered ? agreed.value : undefined,
    kilobytes: isFewer(kilobytes.value, values.kilobytes) ? kilobytes.value : undefined,
  };
  return { proposal, lifetime: agreed.value, kilobytes: kilobytes.value, news, tolerated: all };
}

/** What is used of the lifetimes in kilobytes, of which either side may have none; undefined where the peer's is not taken. */
function kilobytesOf(
  ours: number | undefined,
  theirs: number | undefined,
  terms: Acceptable['terms'],
): AgreedLifetime<number> | { readonly value: undefined; readonly tolerated: readonly Tolerance[] } | undefined {
  const agreed = agreeKilobytes(ours, theirs, terms);
  if (agreed === undefined) return undefined;
  return agreed.value === undefined ? { value: undefined, tolerated: [] } : enoughKilobytes(agreed.value, terms);
}

/** None is more than any. */
function isFewer(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && (other === undefined || one < other);
}

function zeroes({ hasZeroLifetime }: AttributeValues): readonly Tolerance[] {
  return hasZeroLifetime ? ['lifetime-zero'] : [];
}

function refuseOffer(offer: SaPayload, contexts: readonly Acceptable[]): never {
  return refuse('no-proposal-chosen', {
    notify: 'NO-PROPOSAL-CHOSEN',
    explain: () =>
      comparePhase1(
        offer,
        offerPhase1(
          contexts.flatMap(({ proposals }) => proposals),
          USUAL,
        ),
      ),
  });
}

/**
 * As initiator: the reply must hold one transform, and one that was offered (RFC 2409 §5). Peers write lifetimes of their own
 * into it, or none.
 */
export function readPhase1Choice(
  reply: SaPayload,
  offer: SaPayload,
  { proposals, lifetime: ours, lifetimeKilobytes, terms }: Acceptable,
): Phase1Choice {
  const explain = (): RefusalDetail => comparePhase1(reply, offer);
  const [reading, ...more] = readProposals(reply);
  const transforms = reply.proposals.flatMap((proposal) => proposal.transforms);
  if (reading === undefined || more.length > 0 || transforms.length > 1) return refuse('proposal-changed', { explain });
  const { values } = reading;
  const proposal = proposals.find((one) => describes(values, one)?.length === 0);
  const answered = values.seconds === undefined ? undefined : seconds(values.seconds);
  const agreed = answeredLifetime(sayable(ours), answered, terms);
  const kilobytes = kilobytesOf(lifetimeKilobytes, values.kilobytes ?? lifetimeKilobytes, terms);
  if (proposal === undefined || agreed === undefined || kilobytes === undefined) {
    return refuse('proposal-changed', { explain });
  }
  const isSame = answered === sayable(ours) && values.kilobytes === lifetimeKilobytes;
  const isChanged = !values.hasZeroLifetime && !isSame;
  const changed: readonly Tolerance[] = isChanged ? ['lifetime-changed'] : [];
  const raised = new Set([...agreed.tolerated, ...kilobytes.tolerated]);
  const tolerated = [...zeroes(values), ...changed, ...raised];
  if (!areAllowed(tolerated, terms)) return refuse('proposal-changed', { explain });
  const lifetime = agreed.value === sayable(ours) ? ours : agreed.value;
  return { proposal, lifetime, kilobytes: kilobytes.value, news: NO_NEWS, tolerated };
}

/** Whether an offer names several groups: in Aggressive Mode only that of its KE can be meant. */
export function mixesGroups({ proposals }: SaPayload): boolean {
  const attributes = proposals.flatMap(({ transforms }) => transforms.flatMap((transform) => transform.attributes));
  const groups = attributes.filter(({ type }) => type === groupDescription).map(attributeNumber);
  return new Set(groups).size > 1;
}

/** Whether both describe the same transform. */
export function isSameProposal(a: IkeProposal, b: IkeProposal): boolean {
  return (
    a.encryption === b.encryption &&
    a.keyOctets === b.keyOctets &&
    a.hash === b.hash &&
    a.prf === b.prf &&
    a.group === b.group &&
    a.authentication === b.authentication
  );
}

function isakmpSa(proposal: Proposal): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals: [proposal] };
}

/** Phase 1 has one proposal, with any SPI (RFC 2409 §5, RFC 2408 §3.5). Peers that make several mean a choice. */
function readProposals({ proposals }: SaPayload): readonly Reading[] {
  const isOne = proposals.length === 1;
  if (!proposals.every(({ protocol }) => protocol === PROTOCOL_ID.isakmp)) return [];
  return proposals.flatMap((proposal) =>
    proposal.transforms.flatMap((transform) => {
      const values = readTransform(transform);
      return values === undefined ? [] : [{ proposal, transform, values, tolerated: isOne ? [] : ALIKE }];
    }),
  );
}

/** What the attribute Group Type says of a group that has a number (RFC 2409 Appendix A); undefined for other kinds. */
function groupTypeOf(group: DhGroupNumber): number | undefined {
  const [kind] = dhGroup(group).name.split('-');
  if (kind === 'modp') return OAKLEY_GROUP_TYPE.modp;
  return kind === 'ecp' || kind === 'brainpool' ? OAKLEY_GROUP_TYPE.ecp : undefined;
}

const ALIKE: readonly Tolerance[] = ['proposals-alike'];
const NO_NEWS: Lifetimes = { lifetime: undefined, kilobytes: undefined };

/** What this side gives an IKE SA, in kilobytes if it does. */
type OwnLifetimes = Pick<Phase1Context, 'lifetime' | 'lifetimeKilobytes'>;
const USUAL: OwnLifetimes = { lifetime: DEFAULT_LIFETIME };

function encodeProposal(proposal: IkeProposal, { lifetime, lifetimeKilobytes }: OwnLifetimes): readonly Attribute[] {
  const { keyOctets } = proposal;
  return [
    { type: encryption, value: ENCRYPTIONS[proposal.encryption] },
    ...(keyOctets === undefined ? [] : [{ type: keyLength, value: keyOctets * 8 }]),
    { type: hash, value: HASHES[proposal.hash] },
    ...(proposal.prf === undefined ? [] : [{ type: prf, value: OAKLEY_PRF.aesXcbc }]),
    { type: groupDescription, value: proposal.group },
    { type: authentication, value: AUTHENTICATION_METHODS[proposal.authentication].number },
    ...lifeAttributes(OAKLEY_ATTRIBUTE, LIFE_TYPE.seconds, sayable(lifetime) / 1000),
    ...(lifetimeKilobytes === undefined
      ? []
      : lifeAttributes(OAKLEY_ATTRIBUTE, LIFE_TYPE.kilobytes, lifetimeKilobytes)),
  ];
}

function readTransform(transform: Transform): AttributeValues | undefined {
  return transform.id === KEY_IKE ? readAttributes(transform.attributes, OAKLEY_ATTRIBUTE) : undefined;
}

/**
 * What it takes to read the attributes as a proposal of ours: undefined where they say otherwise. Nothing more and nothing
 * less: a key length for a cipher of fixed length is refused (RFC 2409 Appendix A).
 */
function describes({ basic }: AttributeValues, proposal: IkeProposal): readonly Tolerance[] | undefined {
  const { group, keyOctets } = proposal;
  const isSame =
    basic.get(encryption) === ENCRYPTIONS[proposal.encryption] &&
    basic.get(hash) === HASHES[proposal.hash] &&
    basic.get(groupDescription) === group &&
    basic.get(authentication) === AUTHENTICATION_METHODS[proposal.authentication].number;
  if (!isSame) return undefined;
  const isAes = proposal.encryption === 'aes-cbc';
  const isUnsaid = isAes && keyOctets === UNSAID_KEY_OCTETS && !basic.has(keyLength);
  if (!isUnsaid && basic.get(keyLength) !== (keyOctets === undefined ? undefined : keyOctets * 8)) return undefined;
  const isTyped = basic.has(groupType) && basic.get(groupType) === groupTypeOf(group);
  if (basic.get(prf) !== (proposal.prf && OAKLEY_PRF.aesXcbc)) return undefined;
  const expected = 4 + [keyLength, prf].filter((type) => basic.has(type)).length + (isTyped ? 1 : 0);
  if (basic.size !== expected) return undefined;
  return [...(isUnsaid ? (['key-length-missing'] as const) : []), ...(isTyped ? (['group-type'] as const) : [])];
}
