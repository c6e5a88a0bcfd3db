import { ip } from '@espalier/wire';
import type { Selectors } from '../config.ts';
import { SelectorMatcher } from './selectors.ts';

/** What is done with the packets of one entry (RFC 4301 §4.4.1). */
export type SpdAction<Target> =
  | { readonly kind: 'protect'; readonly target: Target }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'discard' };

/** One entry of the SPD: which packets, and what is done with them. */
export interface SpdEntry<Target> {
  readonly selectors: Selectors;
  readonly action: SpdAction<Target>;
}

/** Up to so many entries are asked one after the other; more are found by the remote address. */
const FEW = 8;

/**
 * The Security Policy Database (RFC 4301 §4.4.1): entries in the administrator's order, of which the first that takes
 * a packet decides. It ends with an entry that takes everything. However many entries there are, a packet asks those of
 * its remote address, once for each length of prefix that is in use. A look-up allocates nothing.
 */
export class SecurityPolicyDatabase<Target> {
  readonly #entries = new Map<SpdEntry<Target>, Ranked<Target>>();
  readonly #lengths: PrefixLength<Target>[] = [];
  #few: readonly Ranked<Target>[] | undefined = [];
  /** The highest rank so far. */
  #last = 0;
  readonly #otherwise: SpdAction<Target>;

  /** @throws RangeError for a prefix that is none. */
  constructor(entries: readonly SpdEntry<Target>[], otherwise: SpdAction<Target>) {
    for (const entry of entries) this.add(entry);
    this.#otherwise = otherwise;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /**
   * Puts an entry before another, or behind all; does nothing where it stands already.
   * @throws RangeError for a prefix that is none, and where `before` does not stand here.
   */
  add(entry: SpdEntry<Target>, before?: SpdEntry<Target>): void {
    if (this.#entries.has(entry)) return;
    this.#put(entry, before === undefined ? this.#last + 1 : this.#rankBefore(before));
  }

  /** Puts an entry in the place of another. @throws RangeError for a prefix that is none, and where there is no `old`. */
  replace(old: SpdEntry<Target>, entry: SpdEntry<Target>): void {
    const { rank } = this.#rankedOf(old);
    this.#put(entry, rank);
    this.delete(old);
  }

  /** Takes an entry out: the very one that was put in. Does nothing where there is none. */
  delete(entry: SpdEntry<Target>): void {
    const ranked = this.#entries.get(entry);
    if (ranked === undefined) return;
    this.#entries.delete(entry);
    this.#bucketsOf(ranked.matcher).delete(ranked);
    this.#few = this.#first(FEW);
  }

  /** RFC 4301 §5.1: `packet` is a whole IP packet from the inside. */
  lookUpOutbound(packet: Uint8Array): SpdAction<Target> {
    if (this.#few === undefined) return this.#lookUp(packet, ip.destinationAt(packet, 0), true);
    for (const { matcher, action } of this.#few) if (matcher.matchesOutbound(packet)) return action;
    return this.#otherwise;
  }

  /** RFC 4301 §5.2: `packet` is a whole IP packet that came from the outside without protection. */
  lookUpInbound(packet: Uint8Array): SpdAction<Target> {
    if (this.#few === undefined) return this.#lookUp(packet, ip.sourceAt(packet, 0), false);
    for (const { matcher, action } of this.#few) if (matcher.matchesInbound(packet)) return action;
    return this.#otherwise;
  }

  #put(entry: SpdEntry<Target>, rank: number): void {
    const ranked = { rank, matcher: new SelectorMatcher(entry.selectors), action: entry.action };
    this.#entries.set(entry, ranked);
    this.#bucketsOf(ranked.matcher).add(ranked);
    this.#few = this.#first(FEW);
    this.#last = Math.max(this.#last, rank);
  }

  #rankedOf(entry: SpdEntry<Target>): Ranked<Target> {
    const ranked = this.#entries.get(entry);
    if (ranked === undefined) throw new RangeError('entry: does not stand here');
    return ranked;
  }

  /** Between the entry and the one that comes before it; where there is no number left, all are numbered anew. */
  #rankBefore(entry: SpdEntry<Target>): number {
    const { rank } = this.#rankedOf(entry);
    let previous = Number.NEGATIVE_INFINITY;
    for (const other of this.#entries.values()) {
      if (other.rank < rank && other.rank > previous) previous = other.rank;
    }
    const between = previous === Number.NEGATIVE_INFINITY ? rank - 1 : (previous + rank) / 2;
    if (between > previous && between < rank) return between;
    this.#renumber();
    return this.#rankBefore(entry);
  }

  #renumber(): void {
    const inOrder = [...this.#entries].sort(([, a], [, b]) => a.rank - b.rank);
    this.#entries.clear();
    this.#lengths.length = 0;
    this.#last = 0;
    inOrder.forEach(([entry], i) => {
      this.#put(entry, i + 1);
    });
  }

  #lookUp(packet: Uint8Array, remoteAt: number, outbound: boolean): SpdAction<Target> {
    const family = ip.addressOctets(packet, 0);
    let first: Ranked<Target> | undefined;
    for (const length of this.#lengths) {
      if (length.family !== 0 && length.family !== family) continue;
      const found = length.find(packet, remoteAt, outbound);
      if (found !== undefined && (first === undefined || found.rank < first.rank)) first = found;
    }
    return first?.action ?? this.#otherwise;
  }

  #bucketsOf({ remote }: SelectorMatcher): PrefixLength<Target> {
    const family = remote?.octets.length ?? 0;
    const bits = remote?.bits ?? 0;
    const known = this.#lengths.find((length) => length.family === family && length.bits === bits);
    if (known !== undefined) return known;
    const added = new PrefixLength<Target>(family, bits);
    this.#lengths.push(added);
    return added;
  }

  /** All entries in order, if they are at most `most`. */
  #first(most: number): readonly Ranked<Target>[] | undefined {
    return this.#entries.size > most ? undefined : [...this.#entries.values()].sort((a, b) => a.rank - b.rank);
  }
}

interface Ranked<Target> {
  readonly rank: number;
  readonly matcher: SelectorMatcher;
  readonly action: SpdAction<Target>;
}

/** The entries whose remote prefixes have one length, by the hash of the prefix. */
class PrefixLength<Target> {
  /** Octets of an address; 0 for the entries that take every remote address. */
  readonly family: number;
  readonly bits: number;
  readonly #byHash = new Map<number, Ranked<Target>[]>();

  constructor(family: number, bits: number) {
    this.family = family;
    this.bits = bits;
  }

  add(ranked: Ranked<Target>): void {
    const hash = this.#hashOf(ranked.matcher);
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [ranked]);
    else bucket.splice(bucket.findLastIndex((other) => other.rank <= ranked.rank) + 1, 0, ranked);
  }

  delete(ranked: Ranked<Target>): void {
    const hash = this.#hashOf(ranked.matcher);
    const left = (this.#byHash.get(hash) ?? []).filter((other) => other !== ranked);
    if (left.length === 0) this.#byHash.delete(hash);
    else this.#byHash.set(hash, left);
  }

  /** The first of them that takes the packet. */
  find(packet: Uint8Array, remoteAt: number, outbound: boolean): Ranked<Target> | undefined {
    const bucket = this.#byHash.get(hashOf(packet, remoteAt, this.bits));
    if (bucket === undefined) return undefined;
    for (const ranked of bucket) {
      const { matcher } = ranked;
      if (outbound ? matcher.matchesOutbound(packet) : matcher.matchesInbound(packet)) return ranked;
    }
    return undefined;
  }

  #hashOf({ remote }: SelectorMatcher): number {
    return remote === undefined ? hashOf(NOTHING, 0, 0) : hashOf(remote.octets, 0, this.bits);
  }
}

const NOTHING = new Uint8Array(0);

/** FNV-1a of the first `bits` bits, kept to 31 bits, so that the key of a map needs no memory of its own. */
function hashOf(octets: Uint8Array, at: number, bits: number): number {
  let hash = 0x811c9dc5;
  const whole = bits >>> 3;
  for (let i = 0; i < whole; i++) hash = Math.imul(hash ^ (octets[at + i] ?? 0), 0x01000193);
  const rest = bits & 7;
  if (rest !== 0) hash = Math.imul(hash ^ ((octets[at + whole] ?? 0) & (0xff00 >>> rest) & 0xff), 0x01000193);
  return hash & 0x3fffffff;
}
