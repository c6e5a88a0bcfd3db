import type { AddressRange } from '../selectors/address-set.ts';
import type { PacketFields } from '../selectors/packet-fields.ts';
import { DIMENSIONS, EVERY, keyAround, keyOf, type Piece, piecesOf, REMOTE } from '../selectors/pieces.ts';
import type { SelectorMatcher } from '../selectors/selectors.ts';
import { SortedList } from './sorted-list.ts';

/** What stands in an order, and takes some packets. */
export interface Ranked {
  readonly matcher: SelectorMatcher;
}

/** Up to so many pieces are asked one after the other; when more are down to half of that, they are again. */
const FEW = 8;

/**
 * Finds the first of many entries that takes a packet, without allocating. Each entry lies in a few boxes of prefixes
 * (`piecesOf`). Where more than a few boxes meet they are told apart by the next dimension: remote address, local address,
 * protocol, local port or type, remote port or code; in each a packet asks once for each length of prefix that is in use
 * there. So the cost is bounded by how many lengths there can be, 34, 34, 10, 18 and 18 of IPv4, and not by how many
 * entries there are: those of one address differ in their ports, and those that are alike in all are asked in order.
 */
export class SpdIndex<Entry extends Ranked> {
  readonly #order: (a: Entry, b: Entry) => number;
  #root: Part<Entry> | undefined;

  /** `order`: below 0 where `a` comes before `b`. */
  constructor(order: (a: Entry, b: Entry) => number) {
    this.#order = order;
  }

  add(entry: Entry): void {
    for (const piece of piecesOf(entry.matcher)) {
      const filed = { entry, piece };
      this.#root = this.#root === undefined ? new One(filed, this.#order) : this.#root.add(filed, 0);
    }
  }

  delete(entry: Entry): void {
    for (const piece of piecesOf(entry.matcher)) this.#root = this.#root?.delete({ entry, piece }, 0);
  }

  /** The first that takes the packet, unless `best` comes before it. */
  find(fields: PacketFields, best?: Entry): Entry | undefined {
    return this.#root === undefined ? best : this.#root.find(fields, best);
  }

  /** Those that may take some packet which `matcher` takes too, each once. */
  near(matcher: SelectorMatcher): ReadonlySet<Entry> {
    const near = new Set<Entry>();
    for (const range of matcher.remote?.ranges ?? [undefined]) this.#root?.gather(near, range);
    return near;
  }
}

/** An entry by one of its pieces. */
interface Filed<Entry> {
  readonly entry: Entry;
  readonly piece: Piece;
}

type Order<Entry> = (a: Entry, b: Entry) => number;

/** Pieces that have the same prefixes in the dimensions before `depth`. What a change returns takes the place of the part. */
interface Part<Entry extends Ranked> {
  readonly size: number;
  add(filed: Filed<Entry>, depth: number): Part<Entry>;
  delete(filed: Filed<Entry>, depth: number): Part<Entry> | undefined;
  /** The first that takes the packet, unless `best` comes before it. */
  find(fields: PacketFields, best: Entry | undefined): Entry | undefined;
  /** Notes the entries, those left out whose remote prefixes have nothing of `remote`. */
  gather(into: Set<Entry>, remote: AddressRange | undefined): void;
  all(): readonly Filed<Entry>[];
}

class One<Entry extends Ranked> implements Part<Entry> {
  readonly size = 1;
  readonly #filed: Filed<Entry>;
  readonly #entry: Entry;
  readonly #order: Order<Entry>;

  constructor(filed: Filed<Entry>, order: Order<Entry>) {
    this.#filed = filed;
    this.#entry = filed.entry;
    this.#order = order;
  }

  add(filed: Filed<Entry>, depth: number): Part<Entry> {
    return partOf([this.#filed, filed], depth, this.#order);
  }

  delete({ entry }: Filed<Entry>): Part<Entry> | undefined {
    return entry === this.#entry ? undefined : this;
  }

  find(fields: PacketFields, best: Entry | undefined): Entry | undefined {
    const entry = this.#entry;
    if (best !== undefined && this.#order(entry, best) >= 0) return best;
    return entry.matcher.matches(fields) ? entry : best;
  }

  gather(into: Set<Entry>): void {
    into.add(this.#entry);
  }

  all(): readonly Filed<Entry>[] {
    return [this.#filed];
  }
}

class Few<Entry extends Ranked> implements Part<Entry> {
  readonly #order: Order<Entry>;
  /** In order. */
  readonly #filed: readonly Filed<Entry>[];

  constructor(filed: readonly Filed<Entry>[], order: Order<Entry>) {
    this.#order = order;
    this.#filed = filed.toSorted((a, b) => order(a.entry, b.entry));
  }

  get size(): number {
    return this.#filed.length;
  }

  add(filed: Filed<Entry>, depth: number): Part<Entry> {
    return partOf([...this.#filed, filed], depth, this.#order);
  }

  delete(filed: Filed<Entry>, depth: number): Part<Entry> | undefined {
    const left = this.#filed.filter((other) => !isSame(other, filed));
    return left.length === 0 ? undefined : partOf(left, depth, this.#order);
  }

  find(fields: PacketFields, best: Entry | undefined): Entry | undefined {
    for (const { entry } of this.#filed) {
      if (best !== undefined && this.#order(entry, best) >= 0) return best;
      if (entry.matcher.matches(fields)) return entry;
    }
    return best;
  }

  gather(into: Set<Entry>): void {
    for (const { entry } of this.#filed) into.add(entry);
  }

  all(): readonly Filed<Entry>[] {
    return this.#filed;
  }
}

/** Pieces that are alike in all dimensions. */
class Alike<Entry extends Ranked> implements Part<Entry> {
  readonly #order: Order<Entry>;
  readonly #filed: SortedList<Filed<Entry>>;

  constructor(filed: readonly Filed<Entry>[], order: Order<Entry>) {
    this.#order = order;
    this.#filed = new SortedList((a, b) => order(a.entry, b.entry));
    for (const one of filed) this.#filed.add(one);
  }

  get size(): number {
    return this.#filed.size;
  }

  add(filed: Filed<Entry>): Part<Entry> {
    this.#filed.add(filed);
    return this;
  }

  delete(filed: Filed<Entry>): Part<Entry> | undefined {
    this.#filed.delete(filed, isSame);
    return this.#filed.size === 0 ? undefined : this;
  }

  find(fields: PacketFields, best: Entry | undefined): Entry | undefined {
    for (const part of this.#filed.parts) {
      for (const { entry } of part) {
        if (best !== undefined && this.#order(entry, best) >= 0) return best;
        if (entry.matcher.matches(fields)) return entry;
      }
    }
    return best;
  }

  gather(into: Set<Entry>): void {
    for (const { entry } of this.all()) into.add(entry);
  }

  all(): readonly Filed<Entry>[] {
    return this.#filed.parts.flat();
  }
}

/** Pieces by their prefixes in the dimension `depth`. */
class Split<Entry extends Ranked> implements Part<Entry> {
  readonly #order: Order<Entry>;
  readonly #dimension: number;
  readonly #levels: { readonly level: number; readonly byKey: Map<number, Part<Entry>> }[] = [];
  #size = 0;

  constructor(filed: readonly Filed<Entry>[], depth: number, order: Order<Entry>) {
    this.#order = order;
    this.#dimension = depth;
    for (const one of filed) this.add(one, depth);
  }

  get size(): number {
    return this.#size;
  }

  add(filed: Filed<Entry>, depth: number): Part<Entry> {
    const { level, key } = filed.piece[depth] ?? { level: EVERY, key: 0 };
    let at = this.#levels.find((other) => other.level === level);
    if (at === undefined) {
      at = { level, byKey: new Map() };
      this.#levels.push(at);
    }
    const part = at.byKey.get(key);
    at.byKey.set(key, part === undefined ? new One(filed, this.#order) : part.add(filed, depth + 1));
    this.#size += 1;
    return this;
  }

  delete(filed: Filed<Entry>, depth: number): Part<Entry> | undefined {
    const { level, key } = filed.piece[depth] ?? { level: EVERY, key: 0 };
    const index = this.#levels.findIndex((other) => other.level === level);
    const at = this.#levels[index];
    const part = at?.byKey.get(key);
    if (at === undefined || part === undefined) return this;
    const before = part.size;
    const left = part.delete(filed, depth + 1);
    if (left === undefined) at.byKey.delete(key);
    else if (left !== part) at.byKey.set(key, left);
    if (at.byKey.size === 0) this.#levels.splice(index, 1);
    this.#size -= before - (left?.size ?? 0);
    return this.#size <= FEW / 2 ? partOf(this.all(), depth, this.#order) : this;
  }

  find(fields: PacketFields, best: Entry | undefined): Entry | undefined {
    let found = best;
    for (const { level, byKey } of this.#levels) {
      const key = keyOf(fields, this.#dimension, level);
      const part = key === undefined ? undefined : byKey.get(key);
      if (part !== undefined) found = part.find(fields, found);
    }
    return found;
  }

  gather(into: Set<Entry>, remote: AddressRange | undefined): void {
    for (const { level, byKey } of this.#levels) {
      const key = this.#dimension === REMOTE && remote !== undefined ? keyAround(remote, level) : undefined;
      const parts = key === undefined ? byKey.values() : [byKey.get(key)];
      for (const part of parts) part?.gather(into, remote);
    }
  }

  all(): readonly Filed<Entry>[] {
    return this.#levels.flatMap(({ byKey }) => [...byKey.values()].flatMap((part) => part.all()));
  }
}

function partOf<Entry extends Ranked>(filed: readonly Filed<Entry>[], depth: number, order: Order<Entry>): Part<Entry> {
  const [only] = filed;
  if (only !== undefined && filed.length === 1) return new One(only, order);
  if (filed.length <= FEW) return new Few(filed, order);
  return depth < DIMENSIONS ? new Split(filed, depth, order) : new Alike(filed, order);
}

function isSame<Entry>(a: Filed<Entry>, b: Filed<Entry>): boolean {
  return (
    a.entry === b.entry && a.piece.every(({ level, key }, i) => b.piece[i]?.level === level && b.piece[i]?.key === key)
  );
}
