/** Who acts upon what happened to it, in one switch. */
export interface Affected<Effect> {
  apply(effect: Effect): void;
}

/** What has happened, and to whom: applied in the order in which it happened, once whatever made it happen is done. */
export class Effects {
  #waiting: (() => void)[] = [];

  push<Effect>(subject: Affected<Effect>, effect: Effect): void {
    this.#waiting.push(() => subject.apply(effect));
  }

  /** Applies them all, and those that they bring about. */
  settle(): void {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const apply of waiting) apply();
    }
  }
}
