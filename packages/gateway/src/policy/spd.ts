import { ip } from '@espalier/wire';
import type { Selectors } from '../config.ts';
import type { Rank } from './order.ts';
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
  #lengths: readonly PrefixLength<Target>[] = [];
  #few: readonly Ranked<Target>[] | undefined = [];
  readonly #otherwise: SpdAction<Target>;
  #added = 0;

  /** @throws RangeError for a prefix that is none. */
  constructor(entries: readonly SpdEntry<Target>[], otherwise: SpdAction<Target>) {
    for (const entry of entries) this.add(entry);
    this.#otherwise = otherwise;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Puts an entry behind the others, and does nothing where it stands already.
   *
   * @param rank Where else it is to stand; of several in one place, the one with the longest remote prefix comes first.
   * @throws RangeError for a prefix that is none.
   */
  add(entry: SpdEntry<Target>, rank?: Rank): void {
    if (this.#entries.has(entry)) return;
    const matcher = new SelectorMatcher(entry.selectors);
    this.#added += 1;
    const ranked = { entry, matcher, rank: rank ?? { at: this.#added }, added: this.#added };
    this.#entries.set(entry, ranked);
    this.#lengthOf(matcher).add(ranked);
    this.#few = this.#first(FEW);
  }

  /** Takes an entry out: the very one that was put in. Does nothing where there is none. */
  delete(entry: SpdEntry<Target>): void {
    const ranked = this.#entries.get(entry);
    if (ranked === undefined) return;
    this.#entries.delete(entry);
    const length = this.#lengthOf(ranked.matcher);
    length.delete(ranked);
    if (length.isEmpty) this.#lengths = this.#lengths.filter((other) => other !== length);
    this.#few = this.#first(FEW);
  }

  /** The entries that take some packet which `selectors` take too. */
  overlapping(selectors: Selectors): readonly SpdEntry<Target>[] {
    const matcher = new SelectorMatcher(selectors);
    return this.#lengths
      .flatMap((length) => length.near(matcher))
      .filter((ranked) => ranked.matcher.overlaps(matcher))
      .map(({ entry }) => entry);
  }

  /** RFC 4301 §5.1: `packet` is a whole IP packet from the inside. */
  lookUpOutbound(packet: Uint8Array): SpdAction<Target> {
    if (this.#few === undefined) return this.#lookUp(packet, ip.destinationAt(packet, 0), true);
    for (const { matcher, entry } of this.#few) if (matcher.matchesOutbound(packet)) return entry.action;
    return this.#otherwise;
  }

  /** RFC 4301 §5.2: `packet` is a whole IP packet that came from the outside without protection. */
  lookUpInbound(packet: Uint8Array): SpdAction<Target> {
    if (this.#few === undefined) return this.#lookUp(packet, ip.sourceAt(packet, 0), false);
    for (const { matcher, entry } of this.#few) if (matcher.matchesInbound(packet)) return entry.action;
    return this.#otherwise;
  }

  #lookUp(packet: Uint8Array, remoteAt: number, outbound: boolean): SpdAction<Target> {
    const family = ip.addressOctets(packet, 0);
    let first: Ranked<Target> | undefined;
    for (const length of this.#lengths) {
      if (length.family !== 0 && length.family !== family) continue;
      const found = length.find(packet, remoteAt, outbound);
      if (found !== undefined && (first === undefined || order(found, first) < 0)) first = found;
    }
    return first?.entry.action ?? this.#otherwise;
  }

  #lengthOf({ remote }: SelectorMatcher): PrefixLength<Target> {
    const family = remote?.octets.length ?? 0;
    const bits = remote?.bits ?? 0;
    const known = this.#lengths.find((length) => length.family === family && length.bits === bits);
    if (known !== undefined) return known;
    const added = new PrefixLength<Target>(family, bits);
    this.#lengths = [...this.#lengths, added];
    return added;
  }

  /** All entries in order, if they are at most `most`. */
  #first(most: number): readonly Ranked<Target>[] | undefined {
    return this.#entries.size > most ? undefined : [...this.#entries.values()].sort(order);
  }
}

interface Ranked<Target> {
  readonly entry: SpdEntry<Target>;
  readonly matcher: SelectorMatcher;
  readonly rank: Rank;
  readonly added: number;
}

/** Below 0 where `a` comes before `b`. */
function order(a: Ranked<unknown>, b: Ranked<unknown>): number {
  return a.rank.at - b.rank.at || (b.matcher.remote?.bits ?? 0) - (a.matcher.remote?.bits ?? 0) || a.added - b.added;
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

  get isEmpty(): boolean {
    return this.#byHash.size === 0;
  }

  add(ranked: Ranked<Target>): void {
    const hash = this.#hashOf(ranked.matcher);
    const bucket = this.#byHash.get(hash) ?? [];
    this.#byHash.set(hash, bucket);
    bucket.splice(bucket.findLastIndex((other) => order(other, ranked) < 0) + 1, 0, ranked);
  }

  delete(ranked: Ranked<Target>): void {
    const hash = this.#hashOf(ranked.matcher);
    const left = (this.#byHash.get(hash) ?? []).filter((other) => other !== ranked);
    if (left.length === 0) this.#byHash.delete(hash);
    else this.#byHash.set(hash, left);
  }

  /** Those whose remote prefixes may overlap another's. */
  near({ remote }: SelectorMatcher): readonly Ranked<Target>[] {
    const isLonger = remote === undefined || this.bits > remote.bits;
    if (isLonger || this.family !== remote.octets.length) return [...this.#byHash.values()].flat();
    return this.#byHash.get(hashOf(remote.octets, 0, this.bits)) ?? [];
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
