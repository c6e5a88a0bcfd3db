import { toHex } from '@espalier/wire';
import type { SessionEnd } from './ends/ends.ts';
import { otherSide, type Side } from './specification.ts';
import { KeyBook } from './view/key-book.ts';
import { type OpenedMessage, View } from './view/view.ts';

/**
 * Somebody between two ends who has the keys of both. What is sent is opened as its sender sees it, and what arrives is
 * sealed as its receiver does: so that after a change the session goes on, each end along its own chain of IVs.
 */
export class Between {
  readonly views: Readonly<Record<Side, View>>;
  readonly #carried = new Map<string, Uint8Array>();
  readonly #taken = new Set<string>();
  #isAltered = false;

  constructor(ends: Readonly<Record<Side, SessionEnd>>) {
    const sign = (by: Side, hash: Uint8Array): Uint8Array | undefined => ends[by].sign?.(hash);
    const keys = (side: Side): KeyBook => ends[side].keys ?? new KeyBook();
    const view = (side: Side): View => new View(keys(side), keys(otherSide(side)), sign);
    this.views = { left: view('left'), right: view('right') };
  }

  /** What is in a datagram that was sent; undefined where it is no message, or its sender's keys are not known. */
  opened(from: Side, sent: Uint8Array): OpenedMessage | undefined {
    return this.views[from].openAsProved(from, sent);
  }

  /** Its sender goes on from here: once for each message, whatever becomes of it. */
  sent(from: Side, sent: Uint8Array, opened: OpenedMessage | undefined): void {
    if (opened !== undefined) this.views[from].learn(from, sent, opened);
  }

  /** What arrives of a datagram that nobody alters: itself, until something before it was altered. */
  carry(from: Side, sent: Uint8Array, opened: OpenedMessage | undefined): Uint8Array {
    const name = `${from} ${toHex(sent)}`;
    const known = this.#carried.get(name);
    if (known !== undefined) return known;
    const arrives = this.#isAltered && opened !== undefined ? this.reseal(from, opened) : sent;
    this.#carried.set(name, arrives);
    return arrives;
  }

  /** Whether the datagram was carried before: it is a repetition. */
  isRepeated(from: Side, sent: Uint8Array): boolean {
    return this.#carried.has(`${from} ${toHex(sent)}`);
  }

  /** A datagram was taken at the other end, as it arrived. `isAltered`: it is not what was sent. */
  taken(from: Side, arrived: Uint8Array, isAltered: boolean): void {
    if (isAltered) this.#isAltered = true;
    const name = `${from} ${toHex(arrived)}`;
    if (this.#taken.has(name)) return;
    this.#taken.add(name);
    const view = this.views[otherSide(from)];
    const opened = view.openAsProved(from, arrived);
    if (opened !== undefined) view.learn(from, arrived, opened);
  }

  /** As its receiver would have to be sent it. */
  reseal(from: Side, opened: OpenedMessage): Uint8Array {
    const { isEncrypted } = opened;
    const view = this.views[otherSide(from)];
    return view.seal(from, opened, { hash: isEncrypted ? 'right' : 'stale' }) ?? new Uint8Array(0);
  }
}
