import type { Datagram, InsideView, Refused } from '@espalier/gateway';
import type { Answer, AnswerResult, HandleResult, Question } from '@espalier/ike';
import type { Instant } from '@espalier/wire';

/** Why a datagram was not taken. */
export type DatagramRefused = Refused | Extract<HandleResult, { readonly ok: false }>;

/** Is told of a datagram that was refused; its octets are valid during the call. */
export type OnRefused = (refused: DatagramRefused, datagram: Datagram) => void;

/** What endpoints of either kind have, by the same names. */
interface Driven<Event> {
  pollEvent(): Event | undefined;
  pollQuestion(): Question | undefined;
  answer(now: Instant, id: number, answer: Answer): AnswerResult;
  pollTimeout(): { readonly at: Instant } | undefined;
  handleTimeout(now: Instant): void;
  close(now: Instant): void;
}

/** An endpoint without I/O, and what passes between it and its driver: inputs, then outputs until there are none. */
export interface Party<Event> {
  readonly endpoint: Driven<Event>;
  /** Takes what came to the sockets; tells of each datagram that it has refused. */
  receive(now: Instant, datagrams: readonly Datagram[]): void;
  /** Takes what is to leave the inside. */
  takeInside(now: Instant, packets: Iterable<Uint8Array>, insideInterface: string | undefined): void;
  /** Shows all datagrams that are to be sent; they stay where they lie until the next input. */
  transmit(send: (datagram: Datagram, memory: Uint8Array, offset: number, length: number) => void): void;
  /** Shows all packets for the inside, which stay likewise. */
  deliver(visit: (inner: InsideView) => void): void;
}
