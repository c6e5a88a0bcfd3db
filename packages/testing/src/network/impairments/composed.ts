import type { Instant } from '@espalier/wire';
import type { Impairment, Transit } from '../impairment.ts';

/** Loses everything: a cable that is cut. */
export const cut: Impairment = { name: 'cut', apply: () => [] };

/** An impairment from one time on and until another, on the network's clock. */
export function during(from: Instant, until: Instant, impairment: Impairment): Impairment {
  return {
    name: impairment.name,
    apply: (transit, context) =>
      context.now >= from && context.now < until ? impairment.apply(transit, context) : [transit],
  };
}

/** An impairment of those packets alone that are chosen. */
export function only(chosen: (packet: Uint8Array) => boolean, impairment: Impairment): Impairment {
  return {
    name: impairment.name,
    apply: (transit, context) => (chosen(transit.packet) ? impairment.apply(transit, context) : [transit]),
  };
}

/** Several as one, one after the other. */
export function chained(name: string, impairments: readonly Impairment[]): Impairment {
  return {
    name,
    apply: (transit, context) =>
      impairments.reduce<readonly Transit[]>(
        (left, impairment) => left.flatMap((one) => impairment.apply(one, context)),
        [transit],
      ),
  };
}
