import {
  AH_TRANSFORM,
  type Attribute,
  AUTH_ALGORITHM,
  attributeNumber,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPCOMP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  KEY_IKE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  OAKLEY_PRF,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  type Transform,
  toHex,
} from '@espalier/wire';
import { type OwnSide, type ProposalsDetail, SHOWN_MOST } from '../../explain/detail.ts';
import { nearestTransform, type TransformAttribute, type TransformText } from '../../explain/transforms.ts';
import { type LifeAttributes, readAttributes } from './attributes.ts';
import { protocolOf, spiFrom } from './spis.ts';

type Registry = Readonly<Record<string, number>>;

/** What an attribute is called, and what its values are; they are plain numbers where there is no registry. */
interface Meaning {
  readonly attribute: TransformAttribute;
  readonly values?: Registry;
}

interface Dictionary {
  readonly life: LifeAttributes;
  readonly meanings: ReadonlyMap<number, Meaning>;
}

const PHASE1: Dictionary = {
  life: OAKLEY_ATTRIBUTE,
  meanings: new Map<number, Meaning>([
    [OAKLEY_ATTRIBUTE.encryption, { attribute: 'encryption', values: OAKLEY_ENCRYPTION }],
    [OAKLEY_ATTRIBUTE.keyLength, { attribute: 'key-length' }],
    [OAKLEY_ATTRIBUTE.hash, { attribute: 'hash', values: OAKLEY_HASH }],
    [OAKLEY_ATTRIBUTE.prf, { attribute: 'prf', values: OAKLEY_PRF }],
    [OAKLEY_ATTRIBUTE.groupDescription, { attribute: 'group' }],
    [OAKLEY_ATTRIBUTE.authentication, { attribute: 'authentication', values: OAKLEY_AUTHENTICATION }],
  ]),
};

const PHASE2: Dictionary = {
  life: IPSEC_ATTRIBUTE,
  meanings: new Map<number, Meaning>([
    [IPSEC_ATTRIBUTE.keyLength, { attribute: 'key-length' }],
    [IPSEC_ATTRIBUTE.authenticationAlgorithm, { attribute: 'authentication', values: AUTH_ALGORITHM }],
    [IPSEC_ATTRIBUTE.groupDescription, { attribute: 'group' }],
    [IPSEC_ATTRIBUTE.encapsulationMode, { attribute: 'encapsulation', values: ENCAPSULATION_MODE }],
    [IPSEC_ATTRIBUTE.extendedSequenceNumber, { attribute: 'extended-sequence-numbers' }],
  ]),
};

/** Transforms of one message that are looked at. */
const COMPARED_MOST = 256;

/** What came beside what is allowed, both as SA payloads of phase 1. */
export function comparePhase1(came: SaPayload, allowed: SaPayload): ProposalsDetail {
  return compare(1, describeSa(came, describePhase1), describeSa(allowed, describePhase1));
}

/** Likewise of phase 2. */
export function comparePhase2(came: SaPayload, allowed: readonly SaPayload[]): ProposalsDetail {
  return compare(
    2,
    describeSa(came, describePhase2),
    allowed.flatMap((sa) => describeSa(sa, describePhase2)),
  );
}

/** What this side offers. */
export function describeOffer(phase: 1 | 2, offer: SaPayload): OwnSide {
  const offered = describeSa(offer, phase === 1 ? describePhase1 : describePhase2);
  return { kind: 'offer', phase, offered: offered.slice(0, SHOWN_MOST), offeredCount: offered.length };
}

function compare(phase: 1 | 2, offered: readonly TransformText[], allowed: readonly TransformText[]): ProposalsDetail {
  return {
    kind: 'proposals',
    phase,
    offered: offered.slice(0, SHOWN_MOST),
    offeredCount: offered.length,
    allowed: allowed.slice(0, SHOWN_MOST),
    allowedCount: allowed.length,
    nearest: nearestTransform(offered.slice(0, COMPARED_MOST), allowed),
  };
}

type Describe = (sa: SaPayload, proposal: Proposal, transform: Transform) => TransformText;

function describeSa(sa: SaPayload, describe: Describe): readonly TransformText[] {
  return sa.proposals.flatMap((proposal) => proposal.transforms.map((transform) => describe(sa, proposal, transform)));
}

/** Phase 1 has one proposal, of ISAKMP (RFC 2409 §5). */
function describePhase1(
  { proposals }: SaPayload,
  { protocol }: Proposal,
  { id, attributes }: Transform,
): TransformText {
  return {
    ...(protocol === PROTOCOL_ID.isakmp ? {} : { protocol: nameIn(PROTOCOL_ID, protocol) }),
    ...(id === KEY_IKE ? {} : { transform: String(id) }),
    ...describeAttributes(attributes, PHASE1),
    ...(proposals.length === 1 ? {} : { form: `one of ${proposals.length} proposals` }),
  };
}

function describePhase2(
  { proposals }: SaPayload,
  { number, protocol, spi }: Proposal,
  { id, attributes }: Transform,
): TransformText {
  const bundle = proposals.filter((other) => other.number === number);
  return {
    protocol: nameIn(PROTOCOL_ID, protocol),
    ...transformOf(protocol, id),
    ...(bundle.length === 1 ? {} : { bundle: bundle.map((one) => nameIn(PROTOCOL_ID, one.protocol)).join(' and ') }),
    ...(isUsable(protocol, spi) ? {} : { spi: `0x${toHex(spi)}` }),
    ...describeAttributes(attributes, PHASE2),
  };
}

function transformOf(protocol: number, id: number): TransformText {
  switch (protocol) {
    case PROTOCOL_ID.esp:
      return { encryption: nameIn(ESP_TRANSFORM, id) };
    case PROTOCOL_ID.ah:
      return { transform: nameIn(AH_TRANSFORM, id) };
    case PROTOCOL_ID.ipcomp:
      return { transform: nameIn(IPCOMP_TRANSFORM, id) };
    default:
      return { transform: String(id) };
  }
}

function isUsable(number: number, spi: Uint8Array): boolean {
  return spiFrom(protocolOf(number) ?? 'esp', spi) !== undefined;
}

function describeAttributes(attributes: readonly Attribute[], { life, meanings }: Dictionary): TransformText {
  const text: Partial<Record<TransformAttribute, string>> = {};
  for (const attribute of attributes) {
    if (attribute.type === life.lifeType || attribute.type === life.lifeDuration) continue;
    const { attribute: name, values } = meanings.get(attribute.type) ?? { attribute: `attribute-${attribute.type}` };
    const value = valueText(attribute, values);
    text[name] = text[name] === undefined ? value : `${text[name]} and ${value}`;
  }
  if (readAttributes(attributes, life) === undefined) text.form = 'contradicts itself';
  return text;
}

function valueText(attribute: Attribute, values: Registry | undefined): string {
  const number = attributeNumber(attribute);
  if (number !== undefined) return values === undefined ? String(number) : nameIn(values, number);
  return typeof attribute.value === 'number' ? String(attribute.value) : `0x${toHex(attribute.value.subarray(0, 16))}`;
}

/** `tripleDesCbc` is written `3des-cbc`, `sha2_256` `sha2-256`. */
function nameIn(registry: Registry, value: number): string {
  const name = Object.entries(registry).find(([, known]) => known === value)?.[0];
  if (name === undefined) return String(value);
  return name
    .replace('tripleDes', '3des')
    .replace(/_/g, '-')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
