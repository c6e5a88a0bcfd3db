import { DecodeError } from '../decode-error.ts';
import { toHex } from '../octets.ts';
import { after, type Duration, type Instant, seconds } from '../units.ts';
import { FragmentSet, type FragmentSetRefusal } from './fragment-set.ts';
import { type DecodedIpv4, decodeIpv4 } from './ipv4.ts';
import { MAX_PACKET_OCTETS } from './ipv4-view.ts';

/** What incomplete datagrams may hold on to, all together. */
export interface ReassemblyLimits {
  /** Incomplete datagrams; one more evicts the oldest. */
  readonly datagrams: number;
  /** Octets of fragments held; more evicts the oldest datagrams. At least 65535. */
  readonly octets: number;
  readonly fragmentsPerDatagram: number;
  /** From the first fragment's arrival. */
  readonly timeout: Duration;
}

/** The limits of an `Ipv4Reassembler` that is given no others: 64 datagrams, 1 MiB, 30 s. */
export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  datagrams: 64,
  octets: 1 << 20,
  fragmentsPerDatagram: 128,
  timeout: seconds(30),
};

/**
 * Why a packet was refused: no IPv4 packet, a wrong header checksum (RFC 791 §3.1), or what is wrong with it as a
 * fragment; the latter discards its whole datagram.
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
 * Puts IPv4 fragments together (RFC 791 §3.2), in any order and with repetitions. Fragments that overlap or contradict
 * each other discard their whole datagram (RFC 5722 §4, here for IPv4). An earlier `now` counts as the latest seen.
 */
export class Ipv4Reassembler {
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
    if (!(this.#limits.octets >= MAX_PACKET_OCTETS)) throw new RangeError('limits.octets must be at least 65535');
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

  /** Takes one packet; what it keeps of it, it copies. */
  accept(now: Instant, packet: Uint8Array): ReassemblyResult {
    const at = this.#advance(now);
    const fragment = decodeOrUndefined(packet);
    if (fragment === undefined) return this.#refuse('malformed');
    if (!fragment.headerChecksumOk) return this.#refuse('checksum');
    if (!fragment.moreFragments && fragment.fragmentOffset === 0) return { kind: 'whole', packet };
    return this.#add(at, fragment, packet);
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

  #add(now: Instant, fragment: DecodedIpv4, packet: Uint8Array): ReassemblyResult {
    const key = datagramKey(fragment);
    const fragments = this.#incomplete.get(key)?.fragments ?? new FragmentSet(this.#limits.fragmentsPerDatagram);
    const before = fragments.octets;
    const refusal = fragments.add(fragment, packet);
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

/** RFC 791 §3.2: fragments belong together by source, destination, protocol and identification. */
function datagramKey({ source, destination, protocol, identification }: DecodedIpv4): string {
  return `${toHex(source)} ${toHex(destination)} ${protocol} ${identification}`;
}

function decodeOrUndefined(packet: Uint8Array): DecodedIpv4 | undefined {
  try {
    return decodeIpv4(packet);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
