import type { Selectors } from '../config.ts';
import { enclosingBits } from '../selectors/address-set.ts';
import { PacketFields } from '../selectors/packet-fields.ts';
import { SelectorMatcher } from '../selectors/selectors.ts';
import type { Rank } from './order.ts';
import { SpdIndex } from './spd-index.ts';

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

/**
 * The Security Policy Database (RFC 4301 §4.4.1): entries in the administrator's order, of which the first that takes
 * a packet decides. It ends with an entry that takes everything. What a packet costs does not grow with the number of
 * entries, see `SpdIndex`. A look-up allocates nothing.
 */
export class SecurityPolicyDatabase<Target> {
  readonly #entries = new Map<SpdEntry<Target>, Ranked<Target>>();
  readonly #index = new SpdIndex<Ranked<Target>>(order);
  readonly #otherwise: SpdAction<Target>;
  #fields: PacketFields | undefined;
  #added = 0;
  #asksUpper = 0;

  /** @throws RangeError for selectors that are none. */
  constructor(entries: readonly SpdEntry<Target>[], otherwise: SpdAction<Target>) {
    for (const entry of entries) this.add(entry);
    this.#otherwise = otherwise;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether some entry asks for more than addresses, so that fragments matter (RFC 4301 §7). */
  get asksUpper(): boolean {
    return this.#asksUpper > 0;
  }

  /**
   * Puts an entry behind the others, and does nothing where it stands already.
   *
   * @param rank Where else it is to stand; of several in one place, the one with the longest remote prefix comes first.
   * @throws RangeError for selectors that are none.
   */
  add(entry: SpdEntry<Target>, rank?: Rank): void {
    if (this.#entries.has(entry)) return;
    const matcher = new SelectorMatcher(entry.selectors);
    this.#added += 1;
    const ranked = {
      entry,
      action: entry.action,
      matcher,
      rank: rank ?? { at: this.#added },
      remoteBits: bitsOf(matcher),
      added: this.#added,
    };
    this.#entries.set(entry, ranked);
    this.#index.add(ranked);
    if (matcher.upper !== undefined) this.#asksUpper += 1;
  }

  /** Takes an entry out: the very one that was put in. Does nothing where there is none. */
  delete(entry: SpdEntry<Target>): void {
    const ranked = this.#entries.get(entry);
    if (ranked === undefined) return;
    this.#entries.delete(entry);
    this.#index.delete(ranked);
    if (ranked.matcher.upper !== undefined) this.#asksUpper -= 1;
  }

  /** The entries that take some packet which `selectors` take too. */
  overlapping(selectors: Selectors): readonly SpdEntry<Target>[] {
    const matcher = new SelectorMatcher(selectors);
    return [...this.#index.near(matcher)]
      .filter((ranked) => ranked.matcher.overlaps(matcher))
      .map(({ entry }) => entry);
  }

  /** RFC 4301 §5.1: `packet` is a whole IP packet from the inside. */
  lookUpOutbound(packet: Uint8Array): SpdAction<Target> {
    this.#fields ??= new PacketFields();
    return this.lookUp(this.#fields.outbound(packet, 0, packet.length));
  }

  /** RFC 4301 §5.2: `packet` is a whole IP packet that came from the outside without protection. */
  lookUpInbound(packet: Uint8Array): SpdAction<Target> {
    this.#fields ??= new PacketFields();
    return this.lookUp(this.#fields.inbound(packet, 0, packet.length));
  }

  /** The same for a packet of which somebody has begun to read the fields. `beside`: entries in the same order. */
  lookUp(fields: PacketFields, beside?: SecurityPolicyDatabase<Target>): SpdAction<Target> {
    const other = beside === undefined ? undefined : beside.#index.find(fields);
    return this.#index.find(fields, other)?.action ?? this.#otherwise;
  }
}

interface Ranked<Target> {
  readonly entry: SpdEntry<Target>;
  /** The entry's own. */
  readonly action: SpdAction<Target>;
  readonly matcher: SelectorMatcher;
  readonly rank: Rank;
  /** Of the widest remote range; 0 where there is none. */
  readonly remoteBits: number;
  readonly added: number;
}

/** Below 0 where `a` comes before `b`. */
function order(a: Ranked<unknown>, b: Ranked<unknown>): number {
  return a.rank.at - b.rank.at || b.remoteBits - a.remoteBits || a.added - b.added;
}

function bitsOf({ remote }: SelectorMatcher): number {
  return remote === undefined ? 0 : Math.min(...remote.ranges.map(enclosingBits));
}
