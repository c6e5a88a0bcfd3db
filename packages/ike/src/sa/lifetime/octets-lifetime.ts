import type { Role } from '../../types.ts';
import type { Mortal } from './sa-lifetime.ts';
import { PARTS } from './soft-lifetime.ts';

/** How often it is to be renewed until they are used up. */
const TIMES = 4;

/** The lifetime of an SA in octets of what it protects (RFC 2409 Appendix A), which can only be shortened. */
export class OctetsLifetime {
  readonly #of: Mortal;
  readonly #role: Role;
  #hard = Number.POSITIVE_INFINITY;
  #soft = Number.POSITIVE_INFINITY;
  #used = 0;
  #isOver = false;

  constructor(of: Mortal, role: Role, kilobytes: number | undefined) {
    this.#of = of;
    this.#role = role;
    if (kilobytes !== undefined) this.shorten(kilobytes);
  }

  /** Undefined where there is no end to them. */
  get kilobytes(): number | undefined {
    return Number.isFinite(this.#hard) ? this.#hard / 1024 : undefined;
  }

  /** Counted from when the SA was established. */
  shorten(kilobytes: number): void {
    const hard = 1024 * kilobytes;
    if (hard >= this.#hard) return;
    this.#hard = hard;
    this.#soft = hard - hard / PARTS[this.#role];
  }

  /** So many more are protected. */
  use(octets: number): void {
    this.#used += octets;
    if (this.#used < this.#soft || this.#isOver) return;
    this.#isOver = this.#used >= this.#hard;
    this.#soft = this.#used + this.#hard / PARTS[this.#role] / TIMES;
    if (this.#isOver) this.#of.hardExpired();
    else this.#of.softExpired();
  }
}
