import type { JunosOspfInterface } from '@espalier/junos';
import { ipv4, PROTOCOL, seconds } from '@espalier/wire';
import { type Address, toAddress } from './address.ts';
import type { VirtualClock } from './clock.ts';
import { decodeHello, encodeHello, type OspfHello } from './ospf-hello.ts';
import type { OspfProtection } from './ospf-protection.ts';
import type { Port, Router } from './router.ts';

export type NeighborState = 'Down' | 'Init' | '2-Way';

/** A neighbour on the other side of an interface changed its state. */
export interface NeighborChange {
  readonly router: Router;
  readonly interface: string;
  readonly neighbor: Address;
  readonly state: NeighborState;
}

export interface OspfInterfaceOptions {
  readonly clock: VirtualClock;
  readonly router: Router;
  readonly port: Port;
  /** In dotted decimal. */
  readonly area: string;
  readonly options: JunosOspfInterface;
  /** Of an interface with an `ipsec-sa`. */
  readonly protection?: OspfProtection | undefined;
}

const ALL_SPF_ROUTERS = toAddress('224.0.0.5');
const INTERNETWORK_CONTROL = 0xc0;

/** What comes by IPsec, and what must not come without. */
const PROTECTED: ReadonlySet<number> = new Set([PROTOCOL.esp, PROTOCOL.ah, PROTOCOL.ospf]);

/**
 * The Hello protocol on one point-to-point interface (RFC 2328 §9.5 and §10.5): up to the point where both sides know
 * that they hear each other. Databases are not exchanged and no routes computed: routes are static here.
 */
export class OspfInterface {
  readonly #clock: VirtualClock;
  readonly #router: Router;
  readonly #port: Port;
  readonly #area: Address;
  readonly #options: JunosOspfInterface;
  readonly #protection: OspfProtection | undefined;
  readonly #changed: (change: NeighborChange) => void;
  #neighbor: Address | undefined;
  #state: NeighborState = 'Down';
  #cancelInactivity = (): void => {};

  constructor(
    { clock, router, port, area, options, protection }: OspfInterfaceOptions,
    changed: (change: NeighborChange) => void,
  ) {
    this.#clock = clock;
    this.#router = router;
    this.#port = port;
    this.#area = toAddress(area);
    this.#options = options;
    this.#protection = protection;
    this.#changed = changed;
    router.listen((packet, by) => by === port && this.#receive(packet));
  }

  /** Router and interface, for people. */
  get name(): string {
    return `${this.#router.name} ${this.#port.name}`;
  }

  get state(): NeighborState {
    return this.#state;
  }

  /** Says Hello from now on. */
  start(): void {
    const hello = this.#router.packetBy(this.#port, {
      protocol: PROTOCOL.ospf,
      destination: ALL_SPF_ROUTERS,
      payload: encodeHello({
        routerId: this.#router.routerId,
        area: this.#area,
        networkMask: this.#port.mask,
        helloInterval: this.#options.helloInterval,
        deadInterval: this.#options.deadInterval,
        neighbors: this.#neighbor === undefined ? [] : [this.#neighbor],
      }),
      ttl: 1,
      tos: INTERNETWORK_CONTROL,
    });
    for (const packet of this.#protection?.seal(hello) ?? [hello]) this.#port.attachment.send(packet);
    this.#clock.after(seconds(this.#options.helloInterval), () => this.start());
  }

  #receive(packet: Uint8Array): boolean {
    if (this.#protection === undefined) return this.#take(packet);
    if (!PROTECTED.has(ipv4.protocol(packet, 0))) return false;
    for (const opened of this.#protection.open(packet)) this.#take(opened);
    return true;
  }

  #take(packet: Uint8Array): boolean {
    if (ipv4.protocol(packet, 0) !== PROTOCOL.ospf) return false;
    const hello = decodeHello(packet.subarray(ipv4.headerOctets(packet, 0)));
    if (hello && this.#agrees(hello)) this.#heard(hello);
    return true;
  }

  /** Where the parameters differ, a Hello is dropped. The mask does not count on point-to-point interfaces. */
  #agrees({ area, helloInterval, deadInterval }: OspfHello): boolean {
    const own = this.#options;
    return area === this.#area && helloInterval === own.helloInterval && deadInterval === own.deadInterval;
  }

  #heard({ routerId, neighbors }: OspfHello): void {
    this.#neighbor = routerId;
    this.#enter(neighbors.includes(this.#router.routerId) ? '2-Way' : 'Init');
    this.#cancelInactivity();
    this.#cancelInactivity = this.#clock.after(seconds(this.#options.deadInterval), () => {
      this.#enter('Down');
      this.#neighbor = undefined;
    });
  }

  #enter(state: NeighborState): void {
    if (state === this.#state || this.#neighbor === undefined) return;
    this.#state = state;
    this.#changed({ router: this.#router, interface: this.#port.name, neighbor: this.#neighbor, state });
  }
}
