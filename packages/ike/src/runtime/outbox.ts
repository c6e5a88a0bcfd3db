import type { IkeEvent, Transmit } from '../events.ts';
import { QUEUED_OUTPUTS } from '../limits.ts';

/** What waits for the caller. */
export class Outbox {
  readonly #events: IkeEvent[] = [];
  readonly #transmits: Transmit[] = [];

  /** Whether input must wait until the caller has taken some: so nothing is ever thrown away. */
  get isFull(): boolean {
    return this.#events.length >= QUEUED_OUTPUTS || this.#transmits.length >= QUEUED_OUTPUTS;
  }

  emit(event: IkeEvent): void {
    this.#events.push(event);
  }

  transmit(transmit: Transmit): void {
    this.#transmits.push(transmit);
  }

  takeEvent(): IkeEvent | undefined {
    return this.#events.shift();
  }

  takeTransmit(): Transmit | undefined {
    return this.#transmits.shift();
  }
}
