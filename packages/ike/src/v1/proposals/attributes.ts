import { type Attribute, attributeNumber, equalOctets, LIFE_TYPE, numberAttribute } from '@espalier/wire';

/** The numbers of the attributes that say how long an SA lives. */
export interface LifeAttributes {
  readonly lifeType: number;
  readonly lifeDuration: number;
}

export interface AttributeValues {
  /** Every attribute but those of lifetimes, by type. */
  readonly basic: ReadonlyMap<number, number>;
  /** At most 2^32 - 1, whatever is said. */
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
  /** Whether some lifetime is zero: it counts as none. */
  readonly hasZeroLifetime: boolean;
}

const LIFETIME_MOST = 0xffff_ffff;

/**
 * The attributes of a transform as numbers. Undefined where one appears twice, is no number, or where a Life Duration
 * does not follow its Life Type (RFC 2407 §4.5).
 */
export function readAttributes(attributes: readonly Attribute[], life: LifeAttributes): AttributeValues | undefined {
  const basic = new Map<number, number>();
  const lifetimes = new Map<number, number>();
  let lifeType: number | undefined;
  let hasZeroLifetime = false;
  for (const attribute of attributes) {
    const value = attribute.type === life.lifeDuration ? durationOf(attribute) : attributeNumber(attribute);
    if (value === undefined) return undefined;
    if (attribute.type === life.lifeType) {
      if (lifeType !== undefined) return undefined;
      lifeType = value;
    } else if (attribute.type === life.lifeDuration) {
      if (lifeType === undefined || lifetimes.has(lifeType)) return undefined;
      lifetimes.set(lifeType, value);
      hasZeroLifetime ||= value === 0;
      lifeType = undefined;
    } else {
      if (basic.has(attribute.type)) return undefined;
      basic.set(attribute.type, value);
    }
  }
  if (lifeType !== undefined) return undefined;
  const lifetimeOf = (type: number): number | undefined => lifetimes.get(type) || undefined;
  return {
    basic,
    seconds: lifetimeOf(LIFE_TYPE.seconds),
    kilobytes: lifetimeOf(LIFE_TYPE.kilobytes),
    hasZeroLifetime,
  };
}

/** A Life Duration is of any length (RFC 2407 §4.5); undefined for one of no octets. */
function durationOf({ value }: Attribute): number | undefined {
  if (typeof value === 'number') return value;
  if (value.length === 0) return undefined;
  return value.reduce((sum, octet) => Math.min(sum * 256 + octet, LIFETIME_MOST), 0);
}

/** The smaller of two numbers that may be absent. */
export function least<N extends number>(a: N | undefined, b: N | undefined): N | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** A Life Type and its Life Duration. */
export function lifeAttributes(life: LifeAttributes, type: number, duration: number): readonly Attribute[] {
  return [{ type: life.lifeType, value: type }, numberAttribute(life.lifeDuration, duration)];
}

/** Whether two transforms say the same, in whatever order and form: what a responder returns must (RFC 2409 §5). */
export function sameAttributes(a: readonly Attribute[], b: readonly Attribute[]): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  return a.every((attribute) => {
    const at = rest.findIndex((candidate) => sameAttribute(attribute, candidate));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

/** Whether attributes of ours say the same as a transform of the peer's, but for the lifetimes. */
export function sameBasics(
  attributes: readonly Attribute[],
  { basic }: AttributeValues,
  life: LifeAttributes,
): boolean {
  const ours = readAttributes(attributes, life)?.basic ?? basic;
  return ours.size === basic.size && [...ours].every(([type, value]) => basic.get(type) === value);
}

function sameAttribute(a: Attribute, b: Attribute): boolean {
  if (a.type !== b.type) return false;
  const number = attributeNumber(a);
  if (number !== undefined) return number === attributeNumber(b);
  return typeof a.value !== 'number' && typeof b.value !== 'number' && equalOctets(a.value, b.value);
}
