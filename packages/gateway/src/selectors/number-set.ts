import type { Numbers } from '../config.ts';

/** What a packet does not show: in a later fragment, behind encryption, or not there in its protocol (RFC 4301 §4.4.1.1). */
export const OPAQUE = -1;

/** Both ends within. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** A list of ranges of protocols, ports, types or codes, and whether it has what packets do not show. */
export class NumberSet {
  readonly ranges: readonly NumberRange[];
  readonly hasOpaque: boolean;

  /**
   * @param most The greatest number that there is.
   * @throws RangeError for what is no such number or range, and for an empty list.
   */
  constructor(numbers: Numbers, most: number, names: Readonly<Record<string, number>> = {}) {
    const list = typeof numbers === 'number' || typeof numbers === 'string' ? [numbers] : numbers;
    if (list.length === 0) throw new RangeError('a list of numbers must not be empty');
    this.hasOpaque = list.includes('opaque');
    this.ranges = list.filter((one) => one !== 'opaque').map((one) => readNumberRange(one, most, names));
  }

  /** Whether a packet with this value, or `OPAQUE`, is one of these. */
  holds(value: number): boolean {
    if (value === OPAQUE) return this.hasOpaque;
    for (const { first, last } of this.ranges) if (value >= first && value <= last) return true;
    return false;
  }

  /** Whether the two have a value in common, or both what is not shown. */
  meets(other: NumberSet): boolean {
    if (this.hasOpaque && other.hasOpaque) return true;
    return this.ranges.some((a) => other.ranges.some((b) => a.first <= b.last && b.first <= a.last));
  }

  /** Whether one of them is such; `opaque` is none. */
  some(isSuch: (value: number) => boolean): boolean {
    return this.ranges.some(({ first, last }) => {
      for (let value = first; value <= last; value++) if (isSuch(value)) return true;
      return false;
    });
  }

  /** The one value that there is; undefined where there are more, or none but `opaque`. */
  get only(): number | undefined {
    const [range, ...others] = this.ranges;
    if (this.hasOpaque || range === undefined || others.length > 0) return undefined;
    return range.first === range.last ? range.first : undefined;
  }
}

function readNumberRange(one: number | string, most: number, names: Readonly<Record<string, number>>): NumberRange {
  const named = typeof one === 'string' && Object.hasOwn(names, one) ? names[one] : undefined;
  const [, from, to] = named === undefined ? (/^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(one)) ?? []) : [];
  const first = named ?? Number(from);
  const last = to === undefined ? first : Number(to);
  if (first >= 0 && first <= last && last <= most) return { first, last };
  throw new RangeError(`must be a number up to ${most}, a range of such, or opaque: ${JSON.stringify(one)}`);
}
