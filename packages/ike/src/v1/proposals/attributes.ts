import { type Attribute, attributeNumber, equalOctets, LIFE_TYPE, numberAttribute } from '@espalier/wire';

/** The numbers of the attributes that say how long an SA lives. */
export interface LifeAttributes {
  readonly lifeType: number;
  readonly lifeDuration: number;
}

export interface AttributeValues {
  /** Every attribute but those of lifetimes, by type. */
  readonly basic: ReadonlyMap<number, number>;
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
}

/**
 * The attributes of a transform as numbers. Undefined where one appears twice, is no number, or where a Life Duration
 * does not follow its Life Type (RFC 2407 §4.5).
 */
export function readAttributes(attributes: readonly Attribute[], life: LifeAttributes): AttributeValues | undefined {
  const basic = new Map<number, number>();
  const lifetimes = new Map<number, number>();
  let lifeType: number | undefined;
  for (const attribute of attributes) {
    const value = attributeNumber(attribute);
    if (value === undefined) return undefined;
    if (attribute.type === life.lifeType) {
      if (lifeType !== undefined) return undefined;
      lifeType = value;
    } else if (attribute.type === life.lifeDuration) {
      if (lifeType === undefined || lifetimes.has(lifeType) || value === 0) return undefined;
      lifetimes.set(lifeType, value);
      lifeType = undefined;
    } else {
      if (basic.has(attribute.type)) return undefined;
      basic.set(attribute.type, value);
    }
  }
  if (lifeType !== undefined) return undefined;
  return { basic, seconds: lifetimes.get(LIFE_TYPE.seconds), kilobytes: lifetimes.get(LIFE_TYPE.kilobytes) };
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

function sameAttribute(a: Attribute, b: Attribute): boolean {
  if (a.type !== b.type) return false;
  const number = attributeNumber(a);
  if (number !== undefined) return number === attributeNumber(b);
  return typeof a.value !== 'number' && typeof b.value !== 'number' && equalOctets(a.value, b.value);
}
