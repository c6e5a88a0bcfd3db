import type { Gateway, GatewayEvent } from '@espalier/gateway';
import type { Answer, Question } from '@espalier/ike';
import { type Instant, ipv4, NAT_TRAVERSAL_PORT, PROTOCOL, readU16 } from '@espalier/wire';
import type { Address } from './address.ts';
import type { VirtualClock } from './clock.ts';
import type { Attachment } from './link.ts';
import type { Router } from './router.ts';

const IKE_PORT = 500;

/** Answers what IKE asks, as about certificates; undefined: nobody here knows. */
export type AnswerTo = (question: Question, now: Instant) => Answer | undefined;

/**
 * The services PIC of a router: what is routed into its inside interface goes through the gateway to the other end of
 * the tunnel. This is all that a program must do to run a `Gateway`: hand packets in, drain the polls, mind the time.
 */
export class ServicesPic implements Attachment {
  receiver: (packet: Uint8Array) => void = () => {};
  readonly #clock: VirtualClock;
  readonly #router: Router;
  readonly #gateway: Gateway;
  readonly #tunnel: { readonly insideInterface: string; readonly localGateway: Address };
  readonly #happened: (event: GatewayEvent) => void;
  readonly #answerTo: AnswerTo;
  #timeoutAt: Instant | undefined;
  #cancelTimeout = (): void => {};

  constructor(
    clock: VirtualClock,
    router: Router,
    gateway: Gateway,
    tunnel: { readonly insideInterface: string; readonly localGateway: Address },
    happened: (event: GatewayEvent) => void,
    answerTo: AnswerTo = () => undefined,
  ) {
    this.#clock = clock;
    this.#router = router;
    this.#gateway = gateway;
    this.#tunnel = tunnel;
    this.#happened = happened;
    this.#answerTo = answerTo;
  }

  /** Makes the tunnel an interface of the router, and takes what the other end sends to it. */
  plugIn(): void {
    const { insideInterface, localGateway } = this.#tunnel;
    this.#router.plug(insideInterface, this, localGateway);
    this.#router.listen((packet) => isForGateway(packet, localGateway) && this.#receiveOutside(packet));
    this.#drain();
  }

  /** A packet that was routed into the inside interface. */
  send(packet: Uint8Array): void {
    this.#gateway.handleInside(this.#clock.now, packet, this.#tunnel.insideInterface);
    this.#drain();
  }

  /** Deletes all SAs, and tells the other ends. */
  close(): void {
    this.#gateway.close(this.#clock.now);
    this.#drain();
  }

  /** As when the power is gone: nobody is told. */
  switchOff(): void {
    this.#cancelTimeout();
  }

  #receiveOutside(packet: Uint8Array): true {
    this.#gateway.handleOutside(this.#clock.now, packet);
    this.#drain();
    return true;
  }

  #handleTimeout(): void {
    this.#timeoutAt = undefined;
    this.#gateway.handleTimeout(this.#clock.now);
    this.#drain();
  }

  #drain(): void {
    const gateway = this.#gateway;
    for (let question = gateway.pollQuestion(); question; question = gateway.pollQuestion()) {
      const answer = this.#answerTo(question, this.#clock.now);
      if (answer) gateway.answer(this.#clock.now, question.id, answer);
    }
    for (let event = gateway.pollEvent(); event; event = gateway.pollEvent()) this.#happened(event);
    for (let out = gateway.pollTransmit(); out; out = gateway.pollTransmit()) this.#router.sendPacket(out.octets);
    for (let inner = gateway.pollInside(); inner; inner = gateway.pollInside()) this.receiver(inner.packet);

    const at = gateway.pollTimeout()?.at;
    if (at === this.#timeoutAt) return;
    this.#cancelTimeout();
    this.#timeoutAt = at;
    if (at !== undefined) this.#cancelTimeout = this.#clock.at(at, () => this.#handleTimeout());
  }
}

/** ESP or AH, or IKE or ESP over UDP. */
function isForGateway(packet: Uint8Array, localGateway: Address): boolean {
  if (ipv4.destination(packet, 0) !== localGateway) return false;
  const protocol = ipv4.protocol(packet, 0);
  if (protocol === PROTOCOL.esp || protocol === PROTOCOL.ah) return true;
  if (protocol !== PROTOCOL.udp) return false;
  const port = readU16(packet, ipv4.headerOctets(packet, 0) + 2);
  return port === IKE_PORT || port === NAT_TRAVERSAL_PORT;
}
