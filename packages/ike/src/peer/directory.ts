import type { Spi } from '@espalier/wire';
import type { Path } from '../path.ts';
import type { IkeSa } from '../sa/ike-sa.ts';
import { type Cookies, NO_COOKIE } from '../v1/cookies.ts';
import type { OwnSpis } from '../v1/proposals/spis.ts';

/** What an endpoint finds by what a message or its caller names: IKE SAs by their cookies, peers by their SPIs. */
export class Directory<Keeper> {
  readonly #ikeSas = new Map<string, IkeSa>();
  /** By the SPI as a signed number, which needs no memory of its own. */
  readonly #keepers = new Map<number, Keeper>();
  readonly #cpis = new Set<number>();

  readonly #places = new Map<string, Set<Keeper>>();
  readonly #placeOf = new Map<Keeper, string>();

  /** A peer is found where it was not configured to be. */
  move(keeper: Keeper, path: Path): void {
    this.forget(keeper);
    const place = placeOf(path);
    this.#placeOf.set(keeper, place);
    this.#places.set(place, (this.#places.get(place) ?? new Set()).add(keeper));
  }

  /** A peer is no more. */
  forget(keeper: Keeper): void {
    const place = this.#placeOf.get(keeper) ?? '';
    this.#placeOf.delete(keeper);
    const there = this.#places.get(place);
    there?.delete(keeper);
    if (there?.size === 0) this.#places.delete(place);
  }

  /** Who has moved to where this path leads. */
  movedTo(path: Path): Iterable<Keeper> {
    return this.#places.get(placeOf(path)) ?? [];
  }

  file(ikeSa: IkeSa): void {
    this.#ikeSas.set(keyOf(ikeSa.cookies), ikeSa);
  }

  /** An IKE SA that is filed may have learnt the responder's cookie: which is the peer's, its authentication shows. */
  refile(ikeSa: IkeSa): void {
    if (ikeSa.sa === undefined) return;
    const before = awaitingKeyOf(ikeSa.cookies.initiator);
    if (this.#ikeSas.get(before) !== ikeSa) return;
    this.#ikeSas.delete(before);
    this.file(ikeSa);
  }

  remove(ikeSa: IkeSa): void {
    for (const key of [keyOf(ikeSa.cookies), awaitingKeyOf(ikeSa.cookies.initiator)]) {
      if (this.#ikeSas.get(key) === ikeSa) this.#ikeSas.delete(key);
    }
  }

  find(cookies: Cookies): IkeSa | undefined {
    return this.#ikeSas.get(keyOf(cookies));
  }

  /** The IKE SA that was started here with this cookie and has no answer yet that the peer has proved to be its own. */
  findAwaiting(initiator: Uint8Array): IkeSa | undefined {
    return this.#ikeSas.get(awaitingKeyOf(initiator));
  }

  /** SPIs are in use: offered, or received with. */
  keep({ spi, cpi }: OwnSpis, keeper: Keeper): void {
    this.#keepers.set(spi | 0, keeper);
    if (cpi !== undefined) this.#cpis.add(cpi);
  }

  release({ spi, cpi }: OwnSpis): void {
    this.#keepers.delete(spi | 0);
    if (cpi !== undefined) this.#cpis.delete(cpi);
  }

  isTaken(inbound: number): boolean {
    return this.#keepers.has(inbound | 0);
  }

  isCpiTaken(cpi: number): boolean {
    return this.#cpis.has(cpi);
  }

  get cpiCount(): number {
    return this.#cpis.size;
  }

  /** Whose this SPI is. */
  keeperOf(inbound: Spi): Keeper | undefined {
    return this.#keepers.get(inbound | 0);
  }
}

function placeOf({ local, remote }: Path): string {
  return `${local.address} ${remote.address}`;
}

/** One character an octet. */
function keyOf({ initiator, responder }: Cookies): string {
  return String.fromCharCode(...initiator, ...responder);
}

function awaitingKeyOf(initiator: Uint8Array): string {
  return keyOf({ initiator, responder: NO_COOKIE });
}
