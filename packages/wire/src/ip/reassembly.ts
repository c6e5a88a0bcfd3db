import { octetsView } from '../octets.ts';
import { after, type Duration, type Instant, seconds } from '../units.ts';
import { type Fragment, readFragment } from './fragment.ts';
import { FragmentSet, type FragmentSetRefusal } from './fragment-set.ts';
import * as ip from './ip-view.ts';

/** What incomplete datagrams may hold on to, all together. */
export interface ReassemblyLimits {
  /** Incomplete datagrams; one more evicts the oldest. */
  readonly datagrams: number;
  /** Octets of fragments held; more evicts the oldest datagrams. At least 65575, the longest packet. */
  readonly octets: number;
  readonly fragmentsPerDatagram: number;
  /** From the first fragment's arrival. */
  readonly timeout: Duration;
}

/** The limits of a `Reassembler` that is given no others: 64 datagrams, 1 MiB, 60 s (RFC 1122 §3.3.2, RFC 8200 §4.5). */
export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  datagrams: 64,
  octets: 1 << 20,
  fragmentsPerDatagram: 128,
  timeout: seconds(60),
};

/**
 * Why a packet was refused: no IP packet or no headers of a fragment, a wrong header checksum (RFC 791 §3.1), or what is
 * wrong with it as a fragment; the latter discards its whole datagram.
 */
export type ReassemblyRefusal = 'malformed' | 'checksum' | FragmentSetRefusal;

/** What became of one packet; `pending` when more fragments are to come. */
export type ReassemblyResult =
  /** A packet that was never in pieces (the same octets), or is whole now. */
  | { readonly kind: 'whole'; readonly packet: Uint8Array }
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly reason: ReassemblyRefusal };

/** Datagrams, by what became of them; `evicted` ones made room for later ones, `refused` counts packets. */
export interface ReassemblyCounters {
  reassembled: number;
  refused: number;
  expired: number;
  evicted: number;
}

const PENDING: ReassemblyResult = { kind: 'pending' };

interface Incomplete {
  readonly expiresAt: Instant;
  readonly fragments: FragmentSet;
}

/**
 * Puts fragments together, of IPv4 (RFC 791 §3.2) and IPv6 (RFC 8200 §4.5), in any order and with repetitions. Fragments
 * that overlap or contradict each other discard their whole datagram (RFC 5722 §4, here for both). An earlier `now`
 * counts as the latest seen.
 */
export class Reassembler {
  readonly counters: ReassemblyCounters = { reassembled: 0, refused: 0, expired: 0, evicted: 0 };
  readonly #limits: ReassemblyLimits;
  /** Oldest first: insertion order is arrival order, and all live equally long. */
  readonly #incomplete = new Map<string, Incomplete>();
  #octetsHeld = 0;
  #latest: Instant | undefined;

  /** @throws RangeError for limits that could not hold one datagram. */
  constructor(limits: Partial<ReassemblyLimits> = {}) {
    this.#limits = { ...REASSEMBLY_LIMITS, ...limits };
    if (!(this.#limits.datagrams >= 1)) throw new RangeError('limits.datagrams must be at least 1');
    if (!(this.#limits.octets >= ip.MAX_PACKET_OCTETS)) throw new RangeError('limits.octets must be at least 65575');
    if (!(this.#limits.fragmentsPerDatagram >= 2))
      throw new RangeError('limits.fragmentsPerDatagram must be at least 2');
  }

  /** Octets of fragments held now. */
  get octetsHeld(): number {
    return this.#octetsHeld;
  }

  /** Incomplete datagrams held now. */
  get datagramsHeld(): number {
    return this.#incomplete.size;
  }

  /**
   * Takes one packet, which `packet` must hold exactly; what it keeps of it, it copies.
   * @throws TypeError unless `packet` is a Uint8Array.
   */
  accept(now: Instant, packet: Uint8Array): ReassemblyResult {
    const octets = octetsView('packet', packet);
    const at = this.#advance(now);
    const { length } = octets;
    if (ip.packetOctets(octets, 0, length) !== length || ip.reservedFlag(octets, 0)) return this.#refuse('malformed');
    if (!ip.headerChecksumOk(octets, 0)) return this.#refuse('checksum');
    if (ip.payloadAt(octets, 0, length) < 0) return this.#refuse('malformed');
    if (!ip.isFragment(octets, 0, length)) return { kind: 'whole', packet: octets };
    return this.#add(at, readFragment(octets));
  }

  /** When the oldest incomplete datagram expires. */
  pollTimeout(): Instant | undefined {
    for (const { expiresAt } of this.#incomplete.values()) return expiresAt;
    return undefined;
  }

  /** Forgets the datagrams whose time is up. */
  handleTimeout(now: Instant): void {
    this.#advance(now);
  }

  #add(now: Instant, fragment: Fragment): ReassemblyResult {
    const key = fragment.datagram;
    const fragments = this.#incomplete.get(key)?.fragments ?? new FragmentSet(this.#limits.fragmentsPerDatagram);
    const before = fragments.octets;
    const refusal = fragments.add(fragment);
    this.#octetsHeld += fragments.octets - before;
    if (refusal !== undefined) {
      this.#forget(key, fragments);
      return this.#refuse(refusal);
    }

    const whole = fragments.whole();
    if (whole !== undefined) {
      this.#forget(key, fragments);
      this.counters.reassembled++;
      return { kind: 'whole', packet: whole };
    }
    if (!this.#incomplete.has(key)) {
      this.#incomplete.set(key, { expiresAt: after(now, this.#limits.timeout), fragments });
    }
    this.#evictBeyondLimits(key);
    return PENDING;
  }

  #evictBeyondLimits(latest: string): void {
    for (const [key, { fragments }] of this.#incomplete) {
      if (this.#incomplete.size <= this.#limits.datagrams && this.#octetsHeld <= this.#limits.octets) return;
      if (key === latest) continue;
      this.#forget(key, fragments);
      this.counters.evicted++;
    }
  }

  #advance(now: Instant): Instant {
    const latest = this.#latest !== undefined && this.#latest > now ? this.#latest : now;
    this.#latest = latest;
    for (const [key, { expiresAt, fragments }] of this.#incomplete) {
      if (expiresAt > latest) break;
      this.#forget(key, fragments);
      this.counters.expired++;
    }
    return latest;
  }

  #forget(key: string, fragments: FragmentSet): void {
    this.#octetsHeld -= fragments.octets;
    this.#incomplete.delete(key);
  }

  #refuse(reason: ReassemblyRefusal): ReassemblyResult {
    this.counters.refused++;
    return { kind: 'refused', reason };
  }
}
