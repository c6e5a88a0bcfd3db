import { formatAddress, IPV4_OCTETS, parseAddress } from '@espalier/wire';
import type { ManualProtection } from '../config.ts';

/** Of SAs given by hand: where they end, in canonical text. */
export interface ManualEnds {
  /** The first is spoken for where one is wanted. */
  readonly locals: readonly [string, ...string[]];
  /** Undefined where it is anybody. */
  readonly remote: string | undefined;
}

/** @throws RangeError for addresses that are none. */
export function endsOf({ local, remote }: Pick<ManualProtection, 'local' | 'remote'>): ManualEnds {
  const [first = '', ...others] = typeof local === 'string' ? [local] : local;
  return {
    locals: [canonical(first), ...others.map(canonical)],
    remote: remote === 'any' ? undefined : canonical(remote),
  };
}

/** Nobody's address, of the family of the local ones, in the place of anybody's. */
export function unspecified({ locals: [first] }: ManualEnds): string {
  return parseAddress(first).length === IPV4_OCTETS ? '0.0.0.0' : '::';
}

function canonical(address: string): string {
  return formatAddress(parseAddress(address));
}
