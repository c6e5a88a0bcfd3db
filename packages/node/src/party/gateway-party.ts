import type { Datagram, Gateway, GatewayEvent, InsideView, Outcome } from '@espalier/gateway';
import type { Instant } from '@espalier/wire';
import type { OnRefused, Party } from './party.ts';

/** A gateway whose outside is sockets. What it has to send as whole IP packets, as SAs by hand do, is for no socket. */
export class GatewayParty implements Party<GatewayEvent> {
  readonly endpoint: Gateway;
  readonly #refused: OnRefused | undefined;
  readonly #outcomes: Outcome[] = [];

  constructor(gateway: Gateway, refused: OnRefused | undefined) {
    this.endpoint = gateway;
    this.#refused = refused;
  }

  receive(now: Instant, datagrams: readonly Datagram[]): void {
    const taken = this.endpoint.handleDatagrams(now, datagrams, this.#outcomes);
    if (this.#refused === undefined || taken === datagrams.length) return;
    for (const [index, datagram] of datagrams.entries()) {
      const outcome = this.#outcomes[index];
      if (outcome?.ok === false) this.#refused(outcome, datagram);
    }
  }

  takeInside(now: Instant, packets: Iterable<Uint8Array>, insideInterface: string | undefined): void {
    this.endpoint.handleInsideBatch(now, packets, insideInterface);
  }

  transmit(send: (datagram: Datagram, memory: Uint8Array, offset: number, length: number) => void): void {
    this.endpoint.drainTransmit((out) => {
      if (out.kind === 'datagram') send(out, out.memory, out.offset, out.length);
    });
  }

  deliver(visit: (inner: InsideView) => void): void {
    this.endpoint.drainInside(visit);
  }
}
