import type { Gateway } from '@espalier/gateway';
import type { VirtualClock } from './clock.ts';

/** What OSPF sends and hears on an interface goes through the gateway of its router, in transport mode. */
export class OspfProtection {
  readonly #clock: VirtualClock;
  readonly #gateway: Gateway;
  readonly #interface: string;

  constructor(clock: VirtualClock, gateway: Gateway, interfaceName: string) {
    this.#clock = clock;
    this.#gateway = gateway;
    this.#interface = interfaceName;
  }

  /** What is to be sent in the place of a packet. */
  seal(packet: Uint8Array): readonly Uint8Array[] {
    this.#gateway.handleInside(this.#clock.now, packet, this.#interface);
    const sealed: Uint8Array[] = [];
    for (let out = this.#gateway.pollTransmit(); out; out = this.#gateway.pollTransmit()) sealed.push(out.octets);
    return sealed;
  }

  /** What a packet that came carries, if it is from who has the key. */
  open(packet: Uint8Array): readonly Uint8Array[] {
    this.#gateway.handleOutside(this.#clock.now, packet);
    const opened: Uint8Array[] = [];
    for (let inner = this.#gateway.pollInside(); inner; inner = this.#gateway.pollInside()) opened.push(inner.packet);
    return opened;
  }
}
