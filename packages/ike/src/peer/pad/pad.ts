import type { Identification } from '@espalier/wire';
import type { Path } from '../../path.ts';
import type { ExchangeMode, IkeProposal, PeerConfig } from '../../types.ts';
import { identityKey } from '../../v1/identities.ts';
import { isSameProposal } from '../../v1/proposals/phase1.ts';
import type { Entry } from './entry.ts';
import {
  ANY,
  covers,
  LATER,
  lengthKey,
  placeKey,
  placesBeforeNamed,
  placesOf,
  prefixAt,
  prefixesOf,
  prefixKey,
} from './places.ts';

/**
 * The Peer Authorization Database (RFC 4301 §4.4.3): who may be spoken with. A message that begins an exchange finds the
 * entries that it may be from, the nearest first: an address before a prefix, a longer prefix before a shorter one.
 */
export class Pad<Live> {
  readonly #entries = new Map<string, Entry<Live>>();
  /** Most places have one entry. */
  readonly #places = new Map<string, Entry<Live> | Set<Entry<Live>>>();
  /** The lengths of the prefixes in use, longest first, and how many prefixes have each. */
  #lengths: ReadonlyMap<number, number> = new Map();

  get entries(): Iterable<Entry<Live>> {
    return this.#entries.values();
  }

  get(name: string): Entry<Live> | undefined {
    return this.#entries.get(name);
  }

  /** @throws RangeError, with nothing added, for a name that is there, or, naming both, for one like another. */
  add(entry: Entry<Live>): void {
    const { name, config } = entry;
    if (this.#entries.has(name)) throw new RangeError(`peers: name ${name} appears twice`);
    const places = placesOf(config);
    for (const place of places) {
      const twin = this.#at(place).find((other) => sharesProposal(config.proposals, other.config.proposals));
      if (twin !== undefined) throw new RangeError(`peers: ${twin.name} and ${name} cannot be told apart`);
    }
    this.#entries.set(name, entry);
    for (const place of [...places, ...placesBeforeNamed(config)]) this.#file(place, entry);
    this.#count(entry, 1);
  }

  remove(entry: Entry<Live>): void {
    if (this.#entries.get(entry.name) !== entry) return;
    this.#entries.delete(entry.name);
    for (const place of [...placesOf(entry.config), ...placesBeforeNamed(entry.config)]) this.#unfile(place, entry);
    this.#count(entry, -1);
  }

  /** An entry is configured otherwise. @throws RangeError as `add`, with nothing changed. */
  refile(entry: Entry<Live>, config: PeerConfig): void {
    const before = entry.config;
    this.remove(entry);
    entry.config = config;
    try {
      this.add(entry);
    } catch (error) {
      entry.config = before;
      this.add(entry);
      throw error;
    }
  }

  /**
   * Whom a message between these ends may be from; `identity`: whom it says it is from, as Aggressive Mode does at once, and
   * Main Mode late: of those who can still be told apart then, one is enough of all with the same proposals.
   */
  candidates({ local, remote }: Path, mode: ExchangeMode, identity?: Identification): readonly Entry<Live>[] {
    const found = new Set<Entry<Live>>();
    for (const at of this.#remotes(remote.address)) {
      for (const one of identity === undefined ? [ANY] : [identityKey(identity), ANY]) {
        for (const entry of this.#at(placeKey(local.address, at, mode, one))) found.add(entry);
      }
      if (identity !== undefined) continue;
      let latest: Entry<Live> | undefined;
      for (const entry of this.#at(placeKey(local.address, at, mode, LATER))) {
        if (entry.config.proposals !== latest?.config.proposals) found.add(entry);
        latest = entry;
      }
    }
    return [...found];
  }

  /** Everybody who may be at the other end of a path, however it begins. It looks at every entry: ask seldom. */
  at({ local, remote }: Path): readonly Entry<Live>[] {
    return [...this.entries].filter(
      ({ config }) => config.local.address === local.address && covers(config.remote, remote.address),
    );
  }

  #at(place: string): readonly Entry<Live>[] {
    const there = this.#places.get(place);
    if (there instanceof Set) return [...there];
    return there === undefined ? [] : [there];
  }

  #file(place: string, entry: Entry<Live>): void {
    const there = this.#places.get(place);
    if (there === undefined) this.#places.set(place, entry);
    else if (there instanceof Set) there.add(entry);
    else this.#places.set(place, new Set([there, entry]));
  }

  #unfile(place: string, entry: Entry<Live>): void {
    const there = this.#places.get(place);
    if (there === entry) this.#places.delete(place);
    if (!(there instanceof Set)) return;
    there.delete(entry);
    if (there.size === 0) this.#places.delete(place);
  }

  /** Under what an address may be filed. */
  *#remotes(address: string): Iterable<string> {
    yield address;
    for (const key of this.#lengths.keys()) {
      const prefix = prefixAt(address, key);
      if (prefix !== undefined) yield prefixKey(prefix);
    }
    yield ANY;
  }

  #count({ config }: Entry<Live>, by: 1 | -1): void {
    const prefixes = prefixesOf(config);
    if (prefixes.length === 0) return;
    const lengths = new Map(this.#lengths);
    for (const prefix of prefixes) {
      const key = lengthKey(prefix);
      const left = (lengths.get(key) ?? 0) + by;
      if (left === 0) lengths.delete(key);
      else lengths.set(key, left);
    }
    this.#lengths = new Map([...lengths].sort(([a], [b]) => b - a));
  }
}

/** Whether some offer would be taken under either. */
function sharesProposal(some: readonly IkeProposal[], others: readonly IkeProposal[]): boolean {
  return some.some((a) => others.some((b) => isSameProposal(a, b)));
}
