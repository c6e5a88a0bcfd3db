import type { Instant } from '@espalier/wire';
import { requireFunction } from '../../arguments.ts';
import { type Impairment, requireImpairment, requireImpairments, type Transit } from '../impairment.ts';

/** Loses everything: a cable that is cut. */
export const cut: Impairment = { name: 'cut', apply: () => [] };

/**
 * An impairment from one time on and until another, on the network's clock.
 * @throws TypeError for what is no impairment; RangeError for a time that ends before it begins.
 */
export function during(from: Instant, until: Instant, impairment: Impairment): Impairment {
  requireImpairment('impairment', impairment);
  if (!(from <= until)) throw new RangeError('until must not be before from');
  return {
    name: impairment.name,
    apply: (transit, context) =>
      context.now >= from && context.now < until ? impairment.apply(transit, context) : [transit],
  };
}

/** An impairment of those packets alone that are chosen. @throws TypeError for bad arguments. */
export function only(chosen: (packet: Uint8Array) => boolean, impairment: Impairment): Impairment {
  requireFunction('chosen', chosen);
  requireImpairment('impairment', impairment);
  return {
    name: impairment.name,
    apply: (transit, context) => (chosen(transit.packet) ? impairment.apply(transit, context) : [transit]),
  };
}

/** Several as one, one after the other. @throws TypeError for bad arguments. */
export function chained(name: string, impairments: readonly Impairment[]): Impairment {
  requireImpairments('impairments', impairments);
  return {
    name,
    apply: (transit, context) =>
      impairments.reduce<readonly Transit[]>(
        (left, impairment) => left.flatMap((one) => impairment.apply(one, context)),
        [transit],
      ),
  };
}
