/** What sets transforms apart (RFC 2409 Appendix A, RFC 2407 §4.5): lifetimes never do. */
export type TransformAttribute =
  | 'protocol'
  | 'transform'
  | 'encryption'
  | 'key-length'
  | 'hash'
  | 'prf'
  | 'authentication'
  | 'group'
  | 'encapsulation'
  | 'extended-sequence-numbers'
  /** Protocols that the peer wants together. */
  | 'bundle'
  | 'spi'
  /** The transform contradicts itself. */
  | 'form'
  | `attribute-${number}`;

/** A transform as it is read: names of the registries, numbers where they have none. */
export type TransformText = Readonly<Partial<Record<TransformAttribute, string>>>;

/** One attribute on which two transforms disagree; undefined where one of them has none. */
export interface Difference {
  readonly attribute: TransformAttribute;
  readonly offered: string | undefined;
  readonly allowed: string | undefined;
}

/** Two transforms that are nearly the same. */
export interface NearestTransform {
  readonly offered: TransformText;
  readonly allowed: TransformText;
  readonly differences: readonly Difference[];
}

/** Of all pairs the one with the fewest differences; of several the first that is allowed, then the first offered. */
export function nearestTransform(
  offered: readonly TransformText[],
  allowed: readonly TransformText[],
): NearestTransform | undefined {
  let nearest: NearestTransform | undefined;
  for (const ours of allowed) {
    for (const theirs of offered) {
      const differences = differencesOf(theirs, ours);
      if (nearest !== undefined && nearest.differences.length <= differences.length) continue;
      nearest = { offered: theirs, allowed: ours, differences };
    }
  }
  return nearest;
}

function differencesOf(offered: TransformText, allowed: TransformText): readonly Difference[] {
  const attributes = new Set([...attributesOf(allowed), ...attributesOf(offered)]);
  return [...attributes]
    .filter((attribute) => offered[attribute] !== allowed[attribute])
    .map((attribute) => ({ attribute, offered: offered[attribute], allowed: allowed[attribute] }));
}

function attributesOf(text: TransformText): readonly TransformAttribute[] {
  return Object.keys(text) as TransformAttribute[];
}
