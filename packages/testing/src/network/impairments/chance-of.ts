import { requireProbability, within } from '../../arguments.ts';
import type { Impairment, Transit } from '../impairment.ts';

/** Loses each packet with a probability, whatever became of the one before. @throws RangeError for what is no probability. */
export function loss(probability: number): Impairment {
  requireProbability('probability', probability);
  return {
    name: `loss ${probability}`,
    apply: (transit, { chance }) => (chance.happens(probability) ? [] : [transit]),
  };
}

/**
 * Loses packets in bursts (Gilbert and Elliott): with the one probability each packet begins a burst, with the other it ends one;
 * a burst loses everything.
 * @throws RangeError for what is no probability.
 */
export function burstLoss({ begins, ends }: { readonly begins: number; readonly ends: number }): Impairment {
  requireProbability('begins', begins);
  requireProbability('ends', ends);
  let isBad = false;
  return {
    name: `burst loss ${begins}/${ends}`,
    apply(transit, { chance }) {
      isBad = chance.happens(isBad ? 1 - ends : begins);
      return isBad ? [] : [transit];
    },
  };
}

/**
 * Sends each packet twice with a probability, the second one less than `milliseconds` later.
 * @throws RangeError for what is no probability, and no time.
 */
export function duplication(probability: number, milliseconds = 1000): Impairment {
  requireProbability('probability', probability);
  within('milliseconds', milliseconds, 1);
  return {
    name: `duplication ${probability}`,
    apply(transit, { chance }) {
      if (!chance.happens(probability)) return [transit];
      return [transit, { ...transit, delay: transit.delay + chance.below(milliseconds) }];
    },
  };
}

/** Turns over one bit or more of a packet with a probability, anywhere in it. @throws RangeError for bad arguments. */
export function corruption(probability: number, bits = 3): Impairment {
  requireProbability('probability', probability);
  within('bits', bits, 1);
  return {
    name: `corruption ${probability}`,
    apply(transit, { chance }) {
      if (!chance.happens(probability)) return [transit];
      const packet = new Uint8Array(transit.packet);
      for (let left = chance.between(1, bits); left > 0; left--) {
        const at = chance.below(packet.length);
        packet[at] = (packet[at] ?? 0) ^ (1 << chance.below(8));
      }
      return [{ ...transit, packet }];
    },
  };
}

/** Cuts off the end of a packet with a probability. @throws RangeError for what is no probability. */
export function truncation(probability: number): Impairment {
  requireProbability('probability', probability);
  return {
    name: `truncation ${probability}`,
    apply(transit, { chance }) {
      if (!chance.happens(probability)) return [transit];
      return [{ ...transit, packet: transit.packet.slice(0, chance.below(transit.packet.length)) }];
    },
  };
}

/**
 * Holds each packet back with a probability, so that those behind it overtake it: up to `by` milliseconds.
 * @throws RangeError for bad arguments.
 */
export function reordering(probability: number, by: number): Impairment {
  requireProbability('probability', probability);
  within('by', by, 1);
  return {
    name: `reordering ${probability}`,
    apply: (transit, { chance }) => [chance.happens(probability) ? later(transit, chance.between(1, by)) : transit],
  };
}

/**
 * Repeats old packets: with a probability one of the last `memory` goes again behind one that passes, unaltered.
 * @throws RangeError for bad arguments.
 */
export function replaying(probability: number, memory = 64): Impairment {
  requireProbability('probability', probability);
  within('memory', memory, 1);
  const seen: Uint8Array[] = [];
  return {
    name: `replaying ${probability}`,
    apply(transit, { chance }) {
      seen.push(transit.packet);
      if (seen.length > memory) seen.shift();
      if (!chance.happens(probability)) return [transit];
      return [transit, { packet: chance.pick(seen), delay: transit.delay + 1 }];
    },
  };
}

function later(transit: Transit, by: number): Transit {
  return { ...transit, delay: transit.delay + by };
}
