import type { Datagram, Gateway, GatewayEvent, InsideView, Outcome } from '@espalier/gateway';
import type { Answer, AnswerResult, Question } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import type { DatagramRefused, Party } from './party.ts';

/** A gateway whose outside is sockets. What it has to send as whole IP packets, as SAs by hand do, is for no socket. */
export class GatewayParty implements Party<GatewayEvent> {
  readonly #gateway: Gateway;
  readonly #refused: ((refused: DatagramRefused, datagram: Datagram) => void) | undefined;
  readonly #outcomes: Outcome[] = [];

  constructor(gateway: Gateway, refused: ((refused: DatagramRefused, datagram: Datagram) => void) | undefined) {
    this.#gateway = gateway;
    this.#refused = refused;
  }

  receive(now: Instant, datagrams: readonly Datagram[]): void {
    const taken = this.#gateway.handleDatagrams(now, datagrams, this.#outcomes);
    if (this.#refused === undefined || taken === datagrams.length) return;
    for (const [index, datagram] of datagrams.entries()) {
      const outcome = this.#outcomes[index];
      if (outcome?.ok === false) this.#refused(outcome, datagram);
    }
  }

  takeInside(now: Instant, packets: Iterable<Uint8Array>, insideInterface: string | undefined): void {
    this.#gateway.handleInsideBatch(now, packets, insideInterface);
  }

  transmit(send: (datagram: Datagram, memory: Uint8Array, offset: number, length: number) => void): void {
    this.#gateway.drainTransmit((out) => {
      if (out.kind === 'datagram') send(out, out.memory, out.offset, out.length);
    });
  }

  deliver(visit: (inner: InsideView) => void): void {
    this.#gateway.drainInside(visit);
  }

  pollEvent(): GatewayEvent | undefined {
    return this.#gateway.pollEvent();
  }

  pollQuestion(): Question | undefined {
    return this.#gateway.pollQuestion();
  }

  answer(now: Instant, id: number, answer: Answer): AnswerResult {
    return this.#gateway.answer(now, id, answer);
  }

  pollTimeout(): { readonly at: Instant } | undefined {
    return this.#gateway.pollTimeout();
  }

  handleTimeout(now: Instant): void {
    this.#gateway.handleTimeout(now);
  }

  close(now: Instant): void {
    this.#gateway.close(now);
  }
}
