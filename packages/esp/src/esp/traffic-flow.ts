import { requireMembers, requireObject } from '@espalier/wire';
import { within } from '../sa/arguments.ts';

/** How packets of a tunnel are made alike, so that their lengths tell less (RFC 4303 §2.7). */
export type TrafficFlow =
  /** Inner packets are padded to the next multiple: 2 to 65535 octets. */
  | { readonly multipleOf: number }
  /** Inner packets that are shorter are padded to this length, what `innerMtu` says or less: 1 to 65535 octets. */
  | { readonly length: number };

/** TFC padding: octets behind an inner packet, whose own length says where it ends. */
export class FlowPadding {
  readonly #multipleOf: number;
  readonly #length: number;
  #most = Number.POSITIVE_INFINITY;

  /** @throws TypeError or RangeError that names the option. */
  constructor(flow: TrafficFlow) {
    requireObject('trafficFlow', flow);
    requireMembers('trafficFlow', flow, { multipleOf: true, length: true });
    if ('multipleOf' in flow && 'length' in flow)
      throw new TypeError('trafficFlow: has multipleOf or length, not both');
    const { multipleOf = 1, length = 0 }: { readonly multipleOf?: number; readonly length?: number } = flow;
    if ('multipleOf' in flow) within('trafficFlow.multipleOf', multipleOf, 2, 0xffff);
    else within('trafficFlow.length', length, 1, 0xffff);
    this.#multipleOf = multipleOf;
    this.#length = length;
  }

  /** Octets of a packet with its padding; no more than `most`, unless the packet is longer itself. */
  padded(octets: number, most: number): number {
    const wanted = Math.max(this.#length, Math.ceil(octets / this.#multipleOf) * this.#multipleOf);
    return Math.max(octets, Math.min(wanted, most, this.#most));
  }

  /** From now on no packet is padded to more octets than these. */
  limit(octets: number): void {
    this.#most = octets;
  }
}
