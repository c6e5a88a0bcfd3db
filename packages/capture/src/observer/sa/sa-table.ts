import type { SaRow } from '../../report/report.ts';
import type { ChildAt, DeletedAt, IkeListener, ReplayStatusAt } from '../ike/listener.ts';
import { type Beyond, countBeyond, type ObserverLimits } from '../limits.ts';
import { SaWatch } from './sa-watch.ts';

/** All SAs of ESP and AH of a capture, by their packets and by what Quick Mode says of them. */
export class SaTable implements IkeListener {
  readonly #limits: ObserverLimits;
  readonly #beyond: Beyond;
  readonly #sas: SaWatch[] = [];
  readonly #byEnds = new Map<string, SaWatch>();
  /** The newest SA by what it is for. */
  readonly #lastOf = new Map<string, number>();

  constructor(limits: ObserverLimits, beyond: Beyond) {
    this.#limits = limits;
    this.#beyond = beyond;
  }

  rows(): readonly SaRow[] {
    return this.#sas.map((sa) => sa.row());
  }

  /** Undefined beyond the limit. */
  of(
    protocol: 'esp' | 'ah',
    spi: number,
    from: string,
    to: string,
    at: { readonly frame: number; readonly conversation: number },
  ): SaWatch | undefined {
    const ends = key(protocol, spi, from, to);
    const known = this.#byEnds.get(ends);
    if (known !== undefined) return known;
    if (this.#sas.length >= this.#limits.sas) {
      countBeyond(this.#beyond, 'sas');
      return undefined;
    }
    const sa = new SaWatch(this.#sas.length, protocol, spi, from, to, at);
    this.#sas.push(sa);
    this.#byEnds.set(ends, sa);
    return sa;
  }

  /** What a Quick Mode has agreed on: its packets may have come already. */
  learn(at: ChildAt): void {
    const { child, from, to } = at;
    const sa = this.of(child.protocol, child.spi, from, to, at);
    if (sa === undefined || sa.child !== undefined) return;
    sa.child = at;
    sa.isInAh ||= child.isInAh;
    sa.hasNewKeys = true;
    const opposite = this.#byEnds.get(key(child.protocol, child.oppositeSpi, to, from));
    if (opposite !== undefined) {
      sa.opposite = opposite.index;
      opposite.opposite = sa.index;
    }
    // A renewal is for the same traffic.
    const traffic = [child.protocol, from, to, ...(child.selectors ?? [])].join(' ');
    sa.replaces = this.#lastOf.get(traffic) ?? -1;
    this.#lastOf.set(traffic, sa.index);
  }

  /** A receiver says whether it refuses replays. */
  learnReplayStatus({ protocol, spi, from, to, isOn, at }: ReplayStatusAt): void {
    const sa = this.of(protocol, spi, from, to, at);
    if (sa !== undefined) sa.antiReplay = isOn;
  }

  /** Its receiver deletes one that was seen, or agreed on. */
  learnDeleted({ protocol, spi, from, to, at }: DeletedAt): void {
    const sa = this.#byEnds.get(key(protocol, spi, from, to));
    if (sa !== undefined) sa.deletedFrame ??= at.frame;
  }
}

function key(protocol: 'esp' | 'ah', spi: number, from: string, to: string): string {
  return `${protocol} ${spi} ${from} ${to}`;
}
