import {
  type Attribute,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  LIFE_TYPE,
  type Transform,
} from '@espalier/wire';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Tolerance } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import { type AttributeValues, lifeAttributes, readAttributes } from './attributes.ts';
import { transformFormOf, type Variant, type Wanted } from './bundles.ts';

/** One suite with one kind of sequence number, as one transform says it; without any it goes with either kind. */
export interface Form {
  readonly variant: Variant;
  readonly esn: boolean | undefined;
}

/** A transform of the peer's, and what it says. */
export interface Reading {
  readonly transform: Transform;
  /** Undefined where it contradicts itself. */
  readonly values: AttributeValues | undefined;
}

interface NumberAttribute {
  readonly type: number;
  readonly value: number;
}

const ESN_64_BIT = 1;

const { groupDescription, encapsulationMode, authenticationAlgorithm, keyLength, extendedSequenceNumber } =
  IPSEC_ATTRIBUTE;

/** Which kinds of sequence numbers a policy allows, in order of preference: whether they are extended. */
export function sequenceNumbers({ esn }: ChildPolicy): readonly boolean[] {
  return esn === true ? [true, false] : [false];
}

/** Every transform by which one protocol is offered. */
export function forms(policy: ChildPolicy, { variants }: Wanted): readonly Form[] {
  return variants.flatMap((variant) => {
    const kinds = variant.protocol === 'ipcomp' ? [undefined] : sequenceNumbers(policy);
    return kinds.map((esn) => ({ variant, esn }));
  });
}

/** ESP in UDP or as it is, and never a choice of both (RFC 3947 §5.1). */
export function modeNumber({ mode = 'tunnel' }: ChildPolicy, nat: NatFindings | undefined): number {
  return nat?.method[mode === 'tunnel' ? 'udpTunnel' : 'udpTransport'] ?? ENCAPSULATION_MODE[mode];
}

/** What a transform says of a suite; lifetimes never tell two apart. */
export function encodeForm(policy: ChildPolicy, form: Form, mode: number): readonly Attribute[] {
  const { lifetime, lifetimeKilobytes } = policy;
  return [
    ...tellingAttributes(policy, form, mode),
    ...lifeAttributes(IPSEC_ATTRIBUTE, LIFE_TYPE.seconds, Math.max(1, Math.floor(lifetime / 1000))),
    ...(lifetimeKilobytes === undefined ? [] : lifeAttributes(IPSEC_ATTRIBUTE, LIFE_TYPE.kilobytes, lifetimeKilobytes)),
  ];
}

function tellingAttributes(
  { pfsGroup }: ChildPolicy,
  { variant, esn }: Form,
  mode: number,
): readonly NumberAttribute[] {
  const form = transformFormOf(variant);
  return [
    ...optional(keyLength, form?.keyLength),
    ...optional(authenticationAlgorithm, form?.authentication),
    ...optional(groupDescription, pfsGroup),
    { type: encapsulationMode, value: mode },
    ...optional(extendedSequenceNumber, esn === true ? ESN_64_BIT : undefined),
  ];
}

function optional(type: number, value: number | undefined): readonly NumberAttribute[] {
  return value === undefined ? [] : [{ type, value }];
}

export function readTransform(transform: Transform): AttributeValues | undefined {
  return readAttributes(transform.attributes, IPSEC_ATTRIBUTE);
}

/** What a transform must be to say a suite, of one kind of sequence number. */
export interface Pattern {
  readonly id: number;
  /** Nothing more and nothing less: an attribute that means nothing here means something to the peer. */
  readonly attributes: readonly NumberAttribute[];
  /** Whether those attributes may be missing, too. */
  readonly areOptional: boolean;
}

export function patternOf(policy: ChildPolicy, { variant, esn }: Form, mode: number): Pattern | undefined {
  const form = transformFormOf(variant);
  if (form === undefined) return undefined;
  const isKeyed = variant.protocol !== 'ipcomp';
  return {
    id: form.transform,
    attributes: tellingAttributes(policy, { variant, esn: isKeyed ? esn : undefined }, mode),
    // IPComp has no keys, and nothing to add to what is wanted with it (RFC 3173 §4.1): peers repeat it, or do not.
    areOptional: !isKeyed,
  };
}

/** What it takes to read a transform as a suite; undefined where it says another. */
export function matchPattern(
  { transform, values }: Reading,
  { id, attributes, areOptional }: Pattern,
): readonly Tolerance[] | undefined {
  if (values === undefined || transform.id !== id) return undefined;
  const { basic, hasZeroLifetime } = values;
  const isUnsaid = id === ESP_TRANSFORM.aesCbc && !basic.has(keyLength);
  const said = attributes.filter(({ type, value }) => {
    if (isUnsaid && type === keyLength && value === UNSAID_KEY_LENGTH) return false;
    return !areOptional || basic.has(type);
  });
  if (basic.size !== said.length || !said.every(({ type, value }) => basic.get(type) === value)) return undefined;
  const zero: readonly Tolerance[] = hasZeroLifetime ? ['lifetime-zero'] : [];
  return isUnsaid ? [...zero, 'key-length-missing'] : zero;
}

/** The bits of a key of AES whose length nobody says (RFC 3602 §5.3). */
const UNSAID_KEY_LENGTH = 128;
