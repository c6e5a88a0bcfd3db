import type { DhGroupNumber, HashName } from '@espalier/crypto';
import {
  type Attribute,
  DOI_IPSEC,
  type Duration,
  KEY_IKE,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  SITUATION,
  seconds,
  type Transform,
} from '@espalier/wire';
import type { OwnSide, RefusalDetail } from '../../explain/detail.ts';
import { refuse } from '../../refusals.ts';
import type { IkeProposal } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { type AttributeValues, lifeAttributes, readAttributes, sameAttributes } from './attributes.ts';
import { comparePhase1, describeOffer } from './describe.ts';

/** What both sides settled on. */
export interface Phase1Choice {
  readonly proposal: IkeProposal;
  /** What the transform says, or its default of 8 hours (RFC 2407 §4.5). */
  readonly lifetime: Duration;
}

const DEFAULT_LIFETIME: Duration = seconds(28_800);

const { encryption, hash, authentication, groupDescription, keyLength } = OAKLEY_ATTRIBUTE;

const ENCRYPTIONS: Readonly<Record<IkeProposal['encryption'], number>> = {
  'des-cbc': OAKLEY_ENCRYPTION.desCbc,
  '3des-cbc': OAKLEY_ENCRYPTION.tripleDesCbc,
  'aes-cbc': OAKLEY_ENCRYPTION.aesCbc,
};

const HASHES: Readonly<Record<HashName, number>> = {
  md5: OAKLEY_HASH.md5,
  sha1: OAKLEY_HASH.sha1,
  'sha2-256': OAKLEY_HASH.sha2_256,
  'sha2-384': OAKLEY_HASH.sha2_384,
  'sha2-512': OAKLEY_HASH.sha2_512,
};

/** One proposal of ISAKMP with a transform for each of ours (RFC 2409 §5). */
export function offerPhase1(proposals: readonly IkeProposal[], lifetime: Duration): SaPayload {
  const transforms = proposals.map((proposal, i) => ({
    number: i + 1,
    id: KEY_IKE,
    attributes: encodeProposal(proposal, lifetime),
  }));
  return isakmpSa({ number: 1, protocol: PROTOCOL_ID.isakmp, spi: new Uint8Array(0), transforms });
}

/** What this side offers, for people. */
export function describePhase1Offer(proposals: readonly IkeProposal[]): OwnSide {
  return describeOffer(1, offerPhase1(proposals, DEFAULT_LIFETIME));
}

/** Whom a responder may be speaking with, and what it may agree on with each. */
interface Acceptable {
  readonly proposals: readonly IkeProposal[];
}

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
): Phase1Answer<Context> {
  const offered = isakmpProposal(offer) ?? refuseOffer(offer, contexts);
  const readings = offered.transforms.flatMap((transform) => {
    const values = readTransform(transform);
    return values === undefined ? [] : [{ transform, values }];
  });
  for (const context of contexts) {
    for (const proposal of context.proposals) {
      const reading = readings.find(({ values }) => describes(values, proposal));
      if (reading === undefined) continue;
      const choice = { proposal, lifetime: lifetimeOf(reading.values) };
      const others = contexts.filter(
        (other) => other !== context && other.proposals.some((candidate) => describes(reading.values, candidate)),
      );
      return {
        sa: isakmpSa({ ...offered, transforms: [reading.transform] }),
        candidates: [{ context, choice }, ...others.map((other) => ({ context: other, choice }))],
      };
    }
  }
  return refuseOffer(offer, contexts);
}

function refuseOffer(offer: SaPayload, contexts: readonly Acceptable[]): never {
  return refuse('no-proposal-chosen', {
    notify: 'NO-PROPOSAL-CHOSEN',
    explain: () =>
      comparePhase1(
        offer,
        offerPhase1(
          contexts.flatMap(({ proposals }) => proposals),
          DEFAULT_LIFETIME,
        ),
      ),
  });
}

/** As initiator: the reply must hold one transform, and one that was offered (RFC 2409 §5). */
export function readPhase1Choice(reply: SaPayload, offer: SaPayload, proposals: readonly IkeProposal[]): Phase1Choice {
  const chosen = isakmpProposal(reply)?.transforms ?? [];
  const offered = isakmpProposal(offer)?.transforms ?? [];
  const [transform] = chosen;
  const explain = (): RefusalDetail => comparePhase1(reply, offer);
  if (transform === undefined || chosen.length > 1) return refuse('proposal-changed', { explain });
  const at = offered.findIndex(
    ({ id, attributes }) => id === transform.id && sameAttributes(attributes, transform.attributes),
  );
  const proposal = proposals[at] ?? refuse('proposal-changed', { explain });
  const values = readTransform(transform) ?? refuse('proposal-changed', { explain });
  return { proposal, lifetime: lifetimeOf(values) };
}

/** Whether both describe the same transform. */
export function isSameProposal(a: IkeProposal, b: IkeProposal): boolean {
  return (
    a.encryption === b.encryption &&
    a.keyOctets === b.keyOctets &&
    a.hash === b.hash &&
    a.group === b.group &&
    a.authentication === b.authentication
  );
}

function isakmpSa(proposal: Proposal): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals: [proposal] };
}

/** Phase 1 has one proposal, with any SPI (RFC 2409 §5, RFC 2408 §3.5). */
function isakmpProposal(sa: SaPayload): Proposal | undefined {
  const [proposal] = sa.proposals;
  return sa.proposals.length === 1 && proposal?.protocol === PROTOCOL_ID.isakmp ? proposal : undefined;
}

function encodeProposal(proposal: IkeProposal, lifetime: Duration): readonly Attribute[] {
  const { keyOctets } = proposal;
  return [
    { type: encryption, value: ENCRYPTIONS[proposal.encryption] },
    ...(keyOctets === undefined ? [] : [{ type: keyLength, value: keyOctets * 8 }]),
    { type: hash, value: HASHES[proposal.hash] },
    { type: groupDescription, value: proposal.group },
    { type: authentication, value: AUTHENTICATION_METHODS[proposal.authentication].number },
    ...lifeAttributes(OAKLEY_ATTRIBUTE, LIFE_TYPE.seconds, Math.max(1, Math.floor(lifetime / 1000))),
  ];
}

function readTransform(transform: Transform): AttributeValues | undefined {
  return transform.id === KEY_IKE ? readAttributes(transform.attributes, OAKLEY_ATTRIBUTE) : undefined;
}

/** Nothing more and nothing less: a key length for a cipher of fixed length is refused (RFC 2409 Appendix A). */
function describes({ basic }: AttributeValues, proposal: IkeProposal): boolean {
  const group: DhGroupNumber = proposal.group;
  return (
    basic.get(encryption) === ENCRYPTIONS[proposal.encryption] &&
    basic.get(hash) === HASHES[proposal.hash] &&
    basic.get(groupDescription) === group &&
    basic.get(authentication) === AUTHENTICATION_METHODS[proposal.authentication].number &&
    basic.get(keyLength) === (proposal.keyOctets === undefined ? undefined : proposal.keyOctets * 8) &&
    basic.size === (proposal.keyOctets === undefined ? 4 : 5)
  );
}

function lifetimeOf(values: AttributeValues): Duration {
  return values.seconds === undefined ? DEFAULT_LIFETIME : seconds(values.seconds);
}
