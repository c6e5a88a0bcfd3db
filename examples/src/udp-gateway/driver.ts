import type { RemoteInfo } from 'node:dgram';
import type { Gateway } from '@espalier/gateway';
import type { Answer, Question } from '@espalier/ike';
import { formatAddress, type Instant, instant, parseAddress } from '@espalier/wire';
import { BatchedSocket, type Received } from './batched-socket.ts';
import type { Inside } from './inside.ts';
import type { Narrator } from './narrator.ts';

const PORTS = [500, 4500] as const;
/** A timer of Node takes no longer delay; it is set anew when it ends. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Answers what IKE asks; undefined: nobody here knows. */
export type AnswerTo = (question: Question) => Answer | undefined;

/** Gives a sans-I/O gateway its sockets, its clock and its inside. */
export class Driver {
  readonly #gateway: Gateway;
  readonly #inside: Inside;
  readonly #narrator: Narrator;
  readonly #answerTo: AnswerTo;
  readonly #sockets: ReadonlyMap<number, BatchedSocket>;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Instant | undefined;

  /** @throws RangeError for an address that is none. */
  constructor(gateway: Gateway, bind: string, inside: Inside, narrator: Narrator, answerTo: AnswerTo) {
    const address = formatAddress(parseAddress(bind));
    this.#gateway = gateway;
    this.#inside = inside;
    this.#narrator = narrator;
    this.#answerTo = answerTo;
    const socketOn = (port: number): BatchedSocket =>
      new BatchedSocket(
        address,
        port,
        (batch) => this.#receive({ address, port }, batch),
        (error) => narrator.failed(`UDP port ${port}`, error),
      );
    this.#sockets = new Map(PORTS.map((port) => [port, socketOn(port)]));
  }

  /** Rejects when a port cannot be bound. */
  async start(): Promise<void> {
    for (const socket of this.#sockets.values()) await socket.open();
    await this.#inside.open((packets) => this.#send(packets));
    this.#drain();
  }

  /** Deletes the SAs, tells the peers, and closes the sockets when that has left. */
  async stop(): Promise<void> {
    this.#gateway.close(now());
    this.#drain();
    clearTimeout(this.#timer);
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
    await this.#inside.close();
  }

  #receive(to: { readonly address: string; readonly port: number }, batch: readonly Received[]): void {
    const datagrams = batch.map(({ octets, from }) => ({ source: endpointOf(from), destination: to, octets }));
    this.#gateway.handleDatagrams(now(), datagrams);
    this.#drain();
  }

  #send(packets: readonly Uint8Array[]): void {
    this.#gateway.handleInsideBatch(now(), packets);
    this.#drain();
  }

  /** Sockets send when they can, so they are given copies. */
  #drain(): void {
    const gateway = this.#gateway;
    for (let question = gateway.pollQuestion(); question !== undefined; question = gateway.pollQuestion()) {
      const answer = this.#answerTo(question);
      if (answer !== undefined) gateway.answer(now(), question.id, answer);
    }
    for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) {
      const answer = this.#inside.deliver(inner.packet, inner.insideInterface);
      if (answer !== undefined) gateway.handleInside(now(), answer, inner.insideInterface);
    }
    for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
      if (out.kind !== 'datagram') continue;
      this.#sockets.get(out.source.port)?.send(out.octets, out.destination.port, out.destination.address);
    }
    for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
      this.#narrator.happened(event);
    }
    this.#setTimer(gateway.pollTimeout()?.at);
  }

  #setTimer(at: Instant | undefined): void {
    if (at === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === undefined) return;
    const delay = Math.min(Math.max(0, Math.ceil(at - now())), LONGEST_DELAY_MS);
    this.#timer = setTimeout(() => {
      this.#timerAt = undefined;
      this.#gateway.handleTimeout(now());
      this.#drain();
    }, delay);
  }
}

/** Of a link-local address of IPv6 the kernel says on which link it is, which an address does not. */
function endpointOf({ address, port }: RemoteInfo): { readonly address: string; readonly port: number } {
  const zone = address.indexOf('%');
  return { address: zone < 0 ? address : address.slice(0, zone), port };
}

/** Milliseconds since the process started: a clock that is never set back. */
export function now(): Instant {
  return instant(performance.now());
}
