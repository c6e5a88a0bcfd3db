import type { AhSuite, EspSuite } from '@espalier/crypto';
import { innerMtu, type OuterForm } from '@espalier/esp';
import { ahOverhead } from '@espalier/esp/ah';
import { after, type Duration, type Instant, IPV6_MIN_MTU, seconds } from '@espalier/wire';

/** What every host of IPv4 takes (RFC 1122 §3.3.2): no news of less is believed, for anyone can send them. */
export const IPV4_LEAST_MTU = 576;

/** The longest packet of IPv4, and what the length of one of IPv6 says at most: no limit. */
export const MAX_PACKET_OCTETS = 65_535;

/** For how long a router is believed that a packet was too big (RFC 1191 §6.3, RFC 8201 §4). */
const BELIEVED: Duration = seconds(600);

/** What packets go through on their way out: either, or AH around ESP. */
export interface PairSuites {
  readonly esp: EspSuite | undefined;
  readonly ah: AhSuite | undefined;
}

/** What is written around packets once they are sealed. */
export interface OuterShape extends OuterForm {
  /** Octets between UDP and ESP. */
  readonly markerOctets: number;
}

interface Mtus {
  readonly outer: number;
  readonly innerMost: number;
}

/** How large the packets of an SA may be on their way to its other end (RFC 4301 §8.2). */
export class PathMtu {
  readonly #esp: EspSuite | undefined;
  /** Octets that AH adds, and a marker in front of ESP. */
  readonly besideOctets: number;
  readonly #form: OuterForm;
  readonly #configured: number;
  readonly #innerMost: number;
  #outer: number;
  #inner: number;
  /** When less was learnt than is configured: until then. */
  #until: Instant | undefined;
  #identification: number;

  /**
   * @param mtus Octets of the largest outer packet, as configured, and of the largest inner packet, whatever fits.
   * @param identification Of the first outer packet that is fragmented, if it is one of IPv6.
   */
  constructor(suites: PairSuites, form: OuterShape, { outer, innerMost }: Mtus, identification: number) {
    this.#esp = suites.esp;
    this.besideOctets = ahOctets(suites, form) + form.markerOctets;
    this.#form = form;
    this.#configured = outer;
    this.#innerMost = innerMost;
    this.#identification = identification;
    this.#outer = outer;
    this.#inner = this.#fitting(outer);
  }

  /** Octets of the largest outer packet. */
  outer(now: Instant): number {
    if (this.#until !== undefined && now >= this.#until) this.#forget();
    return this.#outer;
  }

  /** Octets of the largest inner packet. */
  inner(now: Instant): number {
    if (this.#until !== undefined && now >= this.#until) this.#forget();
    return this.#inner;
  }

  /** Octets of a piece of a packet that is fragmented after it is sealed: as of the largest one that is not. */
  piece(now: Instant, pair: { sealedOctets(octets: number): number }): number {
    const most = pair.sealedOctets(this.inner(now));
    return Math.min(this.outer(now), Math.max(most, this.#leastMtu));
  }

  /**
   * A router says that its next link carries no more than `mtu` octets; 0 where it says nothing. It may lower what is
   * known, and never raise it (RFC 8201 §4).
   */
  learn(now: Instant, mtu: number): void {
    const outer = Math.max(mtu, this.#leastMtu);
    if (outer >= this.outer(now)) return;
    this.#outer = outer;
    this.#inner = this.#fitting(outer);
    this.#until = after(now, BELIEVED);
  }

  /** The identification of the next outer packet that is fragmented. */
  identify(): number {
    this.#identification = (this.#identification + 1) >>> 0;
    return this.#identification;
  }

  get #leastMtu(): number {
    return this.#form.family === 4 ? IPV4_LEAST_MTU : IPV6_MIN_MTU;
  }

  #forget(): void {
    this.#until = undefined;
    this.#outer = this.#configured;
    this.#inner = this.#fitting(this.#configured);
  }

  #fitting(outer: number): number {
    const within = outer - this.besideOctets;
    return Math.min(this.#innerMost, this.#esp === undefined ? within : innerMtu(this.#esp, this.#form, within));
  }
}

/** Around ESP, AH is behind a header that is there already. */
function ahOctets({ esp, ah }: PairSuites, { mode = 'tunnel', family }: OuterForm): number {
  return ah === undefined ? 0 : ahOverhead(ah, { mode: esp === undefined ? mode : 'transport', family }).all;
}
