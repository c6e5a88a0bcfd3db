import type { Impairment, Transit } from '../impairment.ts';

/** Loses each packet with a probability, whatever became of the one before. */
export function loss(probability: number): Impairment {
  return {
    name: `loss ${probability}`,
    apply: (transit, { chance }) => (chance.happens(probability) ? [] : [transit]),
  };
}

/** Loses packets in bursts (Gilbert and Elliott): of `good` and `bad` times, the bad ones lose everything. */
export function burstLoss({ begins, ends }: { readonly begins: number; readonly ends: number }): Impairment {
  let isBad = false;
  return {
    name: `burst loss ${begins}/${ends}`,
    apply(transit, { chance }) {
      isBad = chance.happens(isBad ? 1 - ends : begins);
      return isBad ? [] : [transit];
    },
  };
}

/** Sends each packet twice with a probability, the second one up to `within` milliseconds later. */
export function duplication(probability: number, within = 1000): Impairment {
  return {
    name: `duplication ${probability}`,
    apply(transit, { chance }) {
      if (!chance.happens(probability)) return [transit];
      return [transit, { ...transit, delay: transit.delay + chance.below(within) }];
    },
  };
}

/** Turns over one bit or more of a packet with a probability, anywhere in it. */
export function corruption(probability: number, bits = 3): Impairment {
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

/** Cuts off the end of a packet with a probability. */
export function truncation(probability: number): Impairment {
  return {
    name: `truncation ${probability}`,
    apply(transit, { chance }) {
      if (!chance.happens(probability)) return [transit];
      return [{ ...transit, packet: transit.packet.slice(0, chance.below(transit.packet.length)) }];
    },
  };
}

/** Holds each packet back with a probability, so that those behind it overtake it: up to `by` milliseconds. */
export function reordering(probability: number, by: number): Impairment {
  return {
    name: `reordering ${probability}`,
    apply: (transit, { chance }) => [chance.happens(probability) ? later(transit, chance.between(1, by)) : transit],
  };
}

/** Repeats old packets: with a probability one of the last `memory` goes again behind one that passes, unaltered. */
export function replaying(probability: number, memory = 64): Impairment {
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
