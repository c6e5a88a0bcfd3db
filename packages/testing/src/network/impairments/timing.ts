import { requireNumber } from '../../arguments.ts';
import type { Impairment } from '../impairment.ts';

/** Takes its time, always the same. @throws RangeError for what is no time. */
export function delay(milliseconds: number): Impairment {
  requireNumber('milliseconds', milliseconds, 0);
  return {
    name: `delay ${milliseconds}`,
    apply: (transit) => [{ ...transit, delay: transit.delay + milliseconds }],
  };
}

/** Takes up to so many milliseconds more, each time another time. @throws RangeError for what is no time. */
export function jitter(milliseconds: number): Impairment {
  requireNumber('milliseconds', milliseconds, 0);
  return {
    name: `jitter ${milliseconds}`,
    apply: (transit, { chance }) => [{ ...transit, delay: transit.delay + chance.between(0, milliseconds) }],
  };
}

/**
 * A line of so many bits a second, with a queue of so many octets in front of it: what does not fit is lost.
 * @throws RangeError for a line that carries nothing, and a queue that is none.
 */
export function bandwidth(bitsPerSecond: number, queueOctets = 65_536): Impairment {
  requireNumber('bitsPerSecond', bitsPerSecond, 1);
  requireNumber('queueOctets', queueOctets, 0);
  let isFreeAt = 0;
  return {
    name: `bandwidth ${bitsPerSecond}`,
    apply(transit, { now }) {
      const arrives = now + transit.delay;
      const octetsAhead = (Math.max(0, isFreeAt - arrives) * bitsPerSecond) / 8000;
      if (octetsAhead + transit.packet.length > queueOctets) return [];
      isFreeAt = Math.max(isFreeAt, arrives) + (transit.packet.length * 8000) / bitsPerSecond;
      return [{ ...transit, delay: isFreeAt - now }];
    },
  };
}
