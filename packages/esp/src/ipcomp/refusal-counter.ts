import { IPCOMP_REFUSALS, type IpcompRefusal } from './refusals.ts';

/** Counts refusals by their reason. */
export class IpcompRefusalCounter {
  readonly #counts = new Map<IpcompRefusal, number>();

  count(reason: IpcompRefusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** A copy, zeros included. */
  snapshot(): Readonly<Record<IpcompRefusal, number>> {
    const counts = IPCOMP_REFUSALS.map((reason) => [reason, this.#counts.get(reason) ?? 0] as const);
    return Object.fromEntries(counts) as Record<IpcompRefusal, number>;
  }
}
