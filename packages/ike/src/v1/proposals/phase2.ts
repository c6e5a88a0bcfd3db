import type { EspSuite } from '@espalier/crypto';
import {
  type Attribute,
  DOI_IPSEC,
  type Duration,
  ENCAPSULATION_MODE,
  IPSEC_ATTRIBUTE,
  LIFE_TYPE,
  PROTOCOL_ID,
  type Proposal,
  readU32,
  type SaPayload,
  SITUATION,
  type Spi,
  seconds,
  spi,
  type Transform,
} from '@espalier/wire';
import type { OwnSide, ProposalsDetail, RefusalDetail } from '../../explain/detail.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import { refuse } from '../../refusals.ts';
import type { ChildPolicy } from '../../types.ts';
import { type AttributeValues, lifeAttributes, readAttributes, sameAttributes } from './attributes.ts';
import { comparePhase2, describeOffer } from './describe.ts';
import { espTransformForm } from './suites.ts';

/** What both sides settled on, before the keys. */
export interface Phase2Choice {
  readonly suite: EspSuite;
  readonly esn: boolean;
  /** The peer's SPI. */
  readonly spi: Spi;
  /** What the transform says, or its default of 8 hours (RFC 2407 §4.5). */
  readonly lifetime: Duration;
  readonly kilobytes: number | undefined;
}

interface Variant {
  readonly suite: EspSuite;
  readonly esn: boolean;
}

const DEFAULT_LIFETIME = seconds(28_800);
const SPI_OCTETS = 4;
const ESN_64_BIT = 1;
/** Stands for an SPI that is not chosen. */
const SOME_SPI = spi(256);

const { groupDescription, encapsulationMode, authenticationAlgorithm, keyLength, extendedSequenceNumber } =
  IPSEC_ATTRIBUTE;

/** One proposal of ESP with a transform for each suite, and for each kind of sequence number (RFC 2409 §5.5). */
export function offerPhase2(policy: ChildPolicy, inbound: Spi, nat?: NatFindings): SaPayload {
  const transforms = variants(policy).map((variant, i) => ({
    number: i + 1,
    id: espTransformForm(variant.suite)?.transform ?? 0,
    attributes: encodeVariant(policy, variant, tunnelMode(nat)),
  }));
  return espSa({ number: 1, protocol: PROTOCOL_ID.esp, spi: spiOctets(inbound), transforms });
}

/** What a responder chose, with the one transform that says so exactly as it came. */
export interface Phase2Answer extends Phase2Choice {
  readonly proposal: Proposal;
}

/** As responder: the first suite of the policy that the peer offers. Undefined where there is none. */
export function choosePhase2(offer: SaPayload, policy: ChildPolicy, nat?: NatFindings): Phase2Answer | undefined {
  const readings = alternatives(offer).flatMap((proposal) =>
    proposal.transforms.map((transform) => ({ proposal, transform, values: readTransform(transform) })),
  );
  for (const variant of variants(policy)) {
    for (const { proposal, transform, values } of readings) {
      if (values === undefined || !describes(values, transform.id, policy, variant, tunnelMode(nat))) continue;
      const peer = spiFrom(proposal.spi);
      if (peer === undefined) continue;
      return { ...choiceOf(variant, peer, values), proposal: { ...proposal, transforms: [transform] } };
    }
  }
  return undefined;
}

/** An offer that none of the policies allows, beside what they allow. */
export function explainOffer(offer: SaPayload, policies: readonly ChildPolicy[], nat?: NatFindings): ProposalsDetail {
  return comparePhase2(
    offer,
    policies.map((policy) => offerPhase2(policy, SOME_SPI, nat)),
  );
}

/** What this side offers for a policy, for people. */
export function describePhase2Offer(policy: ChildPolicy): OwnSide {
  return describeOffer(2, offerPhase2(policy, SOME_SPI));
}

/** The SA payload of the answer, with the SPI chosen here. */
export function answerPhase2(answer: Phase2Answer, inbound: Spi): SaPayload {
  return espSa({ ...answer.proposal, spi: spiOctets(inbound) });
}

/** As initiator: the reply must hold one transform, and one that was offered. */
export function readPhase2Choice(reply: SaPayload, offer: SaPayload, policy: ChildPolicy): Phase2Choice {
  const [proposal] = reply.proposals;
  const [transform] = proposal?.transforms ?? [];
  const explain = (): RefusalDetail => comparePhase2(reply, [offer]);
  if (proposal === undefined || transform === undefined) return refuse('proposal-changed', { explain });
  if (reply.proposals.length > 1 || proposal.transforms.length > 1 || proposal.protocol !== PROTOCOL_ID.esp) {
    return refuse('proposal-changed', { explain });
  }
  const offered = offer.proposals[0]?.transforms ?? [];
  const at = offered.findIndex(
    ({ id, attributes }) => id === transform.id && sameAttributes(attributes, transform.attributes),
  );
  const variant = variants(policy)[at] ?? refuse('proposal-changed', { explain });
  const values = readTransform(transform) ?? refuse('proposal-changed', { explain });
  return choiceOf(variant, spiFrom(proposal.spi) ?? refuse('proposal-changed', { explain }), values);
}

export function spiOctets(value: Spi): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Undefined unless 4 octets that name no reserved SPI (RFC 4303 §2.1). */
export function spiFrom(octets: Uint8Array): Spi | undefined {
  if (octets.length !== SPI_OCTETS) return undefined;
  const value = readU32(octets, 0);
  return value >= 256 ? spi(value) : undefined;
}

function variants(policy: ChildPolicy): readonly Variant[] {
  const esns = policy.esn === true ? [true, false] : [false];
  return policy.suites.flatMap((suite) => esns.map((esn) => ({ suite, esn })));
}

/** Proposals of one number are wanted together, as with AH and ESP in a bundle: those are passed over. */
function alternatives(offer: SaPayload): readonly Proposal[] {
  return offer.proposals.filter(
    (proposal) =>
      proposal.protocol === PROTOCOL_ID.esp &&
      offer.proposals.filter(({ number }) => number === proposal.number).length === 1,
  );
}

function espSa(proposal: Proposal): SaPayload {
  return { kind: 'sa', doi: DOI_IPSEC, situation: SITUATION.identityOnly, proposals: [proposal] };
}

/** ESP in UDP or as it is, and never a choice of both (RFC 3947 §5.1). */
function tunnelMode(nat: NatFindings | undefined): number {
  return nat?.method.udpTunnel ?? ENCAPSULATION_MODE.tunnel;
}

function encodeVariant(policy: ChildPolicy, { suite, esn }: Variant, mode: number): readonly Attribute[] {
  const form = espTransformForm(suite);
  const { pfsGroup, lifetimeKilobytes } = policy;
  return [
    ...optional(keyLength, form?.keyLength),
    ...optional(authenticationAlgorithm, form?.authentication),
    ...optional(groupDescription, pfsGroup),
    { type: encapsulationMode, value: mode },
    ...optional(extendedSequenceNumber, esn ? ESN_64_BIT : undefined),
    ...lifeAttributes(IPSEC_ATTRIBUTE, LIFE_TYPE.seconds, Math.max(1, Math.floor(policy.lifetime / 1000))),
    ...(lifetimeKilobytes === undefined ? [] : lifeAttributes(IPSEC_ATTRIBUTE, LIFE_TYPE.kilobytes, lifetimeKilobytes)),
  ];
}

function optional(type: number, value: number | undefined): readonly Attribute[] {
  return value === undefined ? [] : [{ type, value }];
}

function readTransform(transform: Transform): AttributeValues | undefined {
  return readAttributes(transform.attributes, IPSEC_ATTRIBUTE);
}

/** Nothing more and nothing less: an attribute that means nothing here means something to the peer. */
function describes(
  { basic }: AttributeValues,
  id: number,
  policy: ChildPolicy,
  { suite, esn }: Variant,
  mode: number,
): boolean {
  const form = espTransformForm(suite);
  const wanted = [
    [keyLength, form?.keyLength],
    [authenticationAlgorithm, form?.authentication],
    [groupDescription, policy.pfsGroup],
    [encapsulationMode, mode],
    [extendedSequenceNumber, esn ? ESN_64_BIT : undefined],
  ] as const;
  const present = wanted.filter(([, value]) => value !== undefined);
  return (
    id === form?.transform &&
    basic.size === present.length &&
    wanted.every(([type, value]) => basic.get(type) === value)
  );
}

function choiceOf({ suite, esn }: Variant, peer: Spi, values: AttributeValues): Phase2Choice {
  return {
    suite,
    esn,
    spi: peer,
    lifetime: values.seconds === undefined ? DEFAULT_LIFETIME : seconds(values.seconds),
    kilobytes: values.kilobytes,
  };
}
