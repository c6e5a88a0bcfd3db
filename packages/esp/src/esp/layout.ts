import type { EspSuite } from '@espalier/crypto';
import { ESP_HEADER_OCTETS } from '@espalier/wire';

/** Pad length and next header (RFC 4303 §2). */
export const ESP_TRAILER_OCTETS = 2;

/** The layout of a suite: one for all its SAs. */
export function layoutOf(suite: EspSuite): EspLayout {
  let layout = LAYOUTS.get(suite);
  if (layout === undefined) {
    layout = new EspLayout(suite);
    LAYOUTS.set(suite, layout);
  }
  return layout;
}

const LAYOUTS = new WeakMap<EspSuite, EspLayout>();

/** Where the parts of a suite's packets lie: everything that does not depend on the packet (RFC 4303 §2). */
export class EspLayout {
  /** From the SPI to the payload. */
  readonly payloadOffset: number;
  readonly icvOctets: number;
  /** A power of two. */
  readonly blockOctets: number;
  /** Of the shortest packet: no payload, as little padding as can be. */
  readonly leastOctets: number;
  /** Of every packet beside payload and padding. */
  readonly fixedOctets: number;
  /** The most that can follow a payload, with no more padding than alignment asks for. */
  readonly mostAfterPayload: number;

  constructor(suite: EspSuite) {
    this.payloadOffset = ESP_HEADER_OCTETS + suite.ivOctets;
    this.icvOctets = suite.icvOctets;
    this.blockOctets = suite.alignmentOctets;
    this.fixedOctets = this.payloadOffset + ESP_TRAILER_OCTETS + suite.icvOctets;
    this.leastOctets = this.espOctets(0);
    this.mostAfterPayload = suite.alignmentOctets - 1 + ESP_TRAILER_OCTETS + suite.icvOctets;
  }

  /** The least padding that fills the last block (RFC 4303 §2.4). */
  padOctets(payloadOctets: number): number {
    return -(payloadOctets + ESP_TRAILER_OCTETS) & (this.blockOctets - 1);
  }

  /** From the SPI to the end of the ICV. */
  espOctets(payloadOctets: number): number {
    return this.fixedOctets + payloadOctets + this.padOctets(payloadOctets);
  }

  /** The longest payload of a packet that has no more than `espOctets` from the SPI to the end of the ICV. */
  mostPayloadOctets(espOctets: number): number {
    const most = espOctets - this.payloadOffset - this.icvOctets;
    return most - (most & (this.blockOctets - 1)) - ESP_TRAILER_OCTETS;
  }

  /** Whether a packet of this length can be of this suite: whole blocks, at least one. */
  fits(espOctets: number): boolean {
    return espOctets >= this.leastOctets && ((espOctets - this.leastOctets) & (this.blockOctets - 1)) === 0;
  }
}
