import { after, type Duration, type Instant, instant, milliseconds } from '@espalier/wire';
import { requireFunction, requireNumber } from '../arguments.ts';
import { Chance } from './chance.ts';
import { NodeClock } from './clock.ts';
import { EventQueue } from './event-queue.ts';
import type { Impairment, Transit } from './impairment.ts';
import { NetworkLog } from './log.ts';
import type { Nat } from './nat.ts';
import { type Node, requireNode } from './node.ts';
import {
  type AttachmentOptions,
  checkedAttachment,
  checkedOptions,
  type NetworkObserver,
  type NetworkOptions,
  type Passage,
} from './options.ts';
import { destinationOf } from './packets.ts';

interface Attachment {
  readonly name: string;
  node: Node | undefined;
  readonly addresses: readonly string[];
  readonly outwards: readonly Impairment[];
  readonly inwards: readonly Impairment[];
  readonly nat: Nat | undefined;
  readonly clock: NodeClock;
  /** When it is to be woken, on the network's clock. */
  wakesAt: number;
}

interface InFlight {
  readonly passage: Passage;
  readonly packet: Uint8Array;
  readonly isIntact: boolean;
}

/** Calls of `handleTimeout` at one instant, after which a node is never done. */
const WAKES_AT_ONCE = 20_000;
/** Things that happen at one instant, after which time stands still. */
const EVENTS_AT_ONCE = 200_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * A network on virtual time. Everything that happens, happens because of the seed, the nodes and what the caller does: the
 * same again, if these are the same.
 */
export class Network {
  readonly log: NetworkLog;
  /** For whatever else is to follow from the seed. */
  readonly chance: Chance;
  #now: Instant;
  readonly #latency: number;
  readonly #observer: NetworkObserver;
  readonly #events = new EventQueue<() => void>();
  readonly #attachments = new Map<string, Attachment>();
  readonly #byAddress = new Map<string, Attachment>();
  /** Of each node the number of its part; undefined while the network is whole. */
  #parts: ReadonlyMap<string, number> | undefined;
  #passages = 0;
  #handled = 0;
  #eventsAtOnce = 0;

  /** @throws TypeError or RangeError that names the option which is bad. */
  constructor(options: NetworkOptions = {}) {
    const { choices, latency, observer, logEntries, startsAt } = checkedOptions(options);
    this.chance = new Chance(choices);
    this.#latency = latency;
    this.#observer = observer;
    this.log = new NetworkLog(logEntries);
    this.#now = startsAt;
  }

  /** On the network's own clock. */
  get now(): Instant {
    return this.#now;
  }

  /** Packets that were handed to nodes so far. */
  get packetsHandled(): number {
    return this.#handled;
  }

  /** @throws TypeError or RangeError that names what is bad, as a name or an address that is in use. */
  attach(name: string, node: Node, options: AttachmentOptions): void {
    if (typeof name !== 'string') throw new TypeError('name must be a string');
    requireNode(node);
    const { addresses, outwards, inwards, nat, clock } = checkedAttachment(options);
    if (this.#attachments.has(name)) throw new RangeError(`name: there is a ${name} already`);
    const attachment = { name, node, addresses, outwards, inwards, nat, clock: new NodeClock(clock), wakesAt: NEVER };
    const own = nat === undefined ? addresses : [];
    const taken = own.find((address) => this.#byAddress.has(address));
    if (taken !== undefined) throw new RangeError(`options.addresses: ${taken} is somebody's`);
    for (const address of own) this.#byAddress.set(address, attachment);
    this.#attachments.set(name, attachment);
    this.#drain(attachment);
  }

  /**
   * Puts another node in its place, as after a restart; undefined: it is switched off.
   * @throws RangeError for a name that nobody has; TypeError for what is no node.
   */
  replace(name: string, node: Node | undefined): void {
    const attachment = this.#attachment(name);
    if (node !== undefined) requireNode(node);
    attachment.node = node;
    this.note(node === undefined ? 'switched off' : 'switched on', name);
    this.#drain(attachment);
  }

  /** What a node's clock shows. @throws RangeError for a name that nobody has. */
  clockOf(name: string): Instant {
    return this.#attachment(name).clock.read(this.#now);
  }

  /** Sets a node's clock, by milliseconds; back where that is negative. @throws RangeError for a name that nobody has, and no time. */
  jump(name: string, by: number): void {
    const attachment = this.#attachment(name);
    requireNumber('by', by);
    attachment.clock.jump(this.#now, by);
    this.note(`clock set by ${by} ms`, name);
    this.#drain(attachment);
  }

  /** Does something with a node at its own time, and sends what it then has to send. @throws RangeError for a name that nobody has. */
  on<T>(name: string, command: (now: Instant) => T): T {
    const attachment = this.#attachment(name);
    requireFunction('command', command);
    const result = command(attachment.clock.read(this.#now));
    this.#drain(attachment);
    return result;
  }

  /** Schedules something; what is earlier than now happens next. @throws TypeError or RangeError that names what is bad. */
  at(when: Instant, event: () => void): void {
    requireNumber('when', when);
    requireFunction('event', event);
    this.#events.push(when < this.#now ? this.#now : when, event);
  }

  /**
   * Only who is in the same part is reached. Who is in none is in one with all others that are in none.
   * @throws RangeError for a name that nobody has, or that is in two parts.
   */
  partition(...parts: readonly (readonly string[])[]): void {
    const names = parts.flat();
    for (const name of names) this.#attachment(name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new RangeError(`parts: ${twice} is in two of them`);
    this.#parts = new Map(parts.flatMap((names, i) => names.map((name) => [name, i] as const)));
    this.note(`partitioned: ${parts.map((names) => names.join(' ')).join(' | ')}`);
  }

  heal(): void {
    this.#parts = undefined;
    this.note('healed');
  }

  /** Puts a packet on the network that no node has sent. */
  inject(packet: Uint8Array): void {
    this.#route(this.#flight(undefined, packet), undefined);
  }

  note(what: string, node?: string): void {
    this.log.add({ at: this.#now, what, node, packet: undefined });
  }

  /** Lets time pass, with everything at its moment. @throws RangeError for what is no time. */
  run(duration: Duration): void {
    requireNumber('duration', duration, 0);
    const end = after(this.#now, duration);
    while (this.#step(end));
    this.#now = end;
  }

  /** Whether it came to hold before so much time had passed. @throws TypeError or RangeError that names what is bad. */
  runUntil(holds: () => boolean, most: Duration): boolean {
    requireFunction('holds', holds);
    requireNumber('most', most, 0);
    const end = after(this.#now, most);
    while (!holds()) {
      if (this.#step(end)) continue;
      this.#now = end;
      return holds();
    }
    return true;
  }

  /** The next thing that happens up to `end`; false where nothing does. */
  #step(end: Instant): boolean {
    const eventAt = this.#events.nextAt ?? NEVER;
    const sleeper = this.#nextToWake();
    const at = Math.min(eventAt, sleeper?.wakesAt ?? NEVER);
    if (!(at <= end)) return false;
    if (at > this.#now) {
      this.#now = instant(at);
      this.#eventsAtOnce = 0;
    } else if (++this.#eventsAtOnce > EVENTS_AT_ONCE) {
      throw new Error(`time stands still at ${this.#now}`);
    }
    if (eventAt === at) this.#events.shift()?.();
    else if (sleeper !== undefined) this.#wake(sleeper);
    return true;
  }

  #nextToWake(): Attachment | undefined {
    let next: Attachment | undefined;
    for (const one of this.#attachments.values()) if (one.wakesAt < (next?.wakesAt ?? NEVER)) next = one;
    return next;
  }

  #wake(attachment: Attachment): void {
    const { node, clock, name } = attachment;
    if (node === undefined) return;
    const local = clock.read(this.#now);
    for (let calls = 0; ; calls++) {
      if (calls === WAKES_AT_ONCE) throw new Error(`${name} is never done with what is due at ${local}`);
      node.handleTimeout(local);
      this.#drain(attachment);
      const next = node.pollTimeout()?.at;
      if (next === undefined || next > local) return;
    }
  }

  #drain(attachment: Attachment): void {
    const { node, name, clock } = attachment;
    if (node === undefined) {
      attachment.wakesAt = NEVER;
      return;
    }
    for (let packet = node.pollTransmit(); packet !== undefined; packet = node.pollTransmit()) {
      const flight = this.#flight(name, packet);
      this.log.add({ at: this.#now, what: 'sent', node: name, packet });
      this.#observer.sent?.(flight.passage);
      this.#cross(
        flight,
        attachment.outwards,
        (reply) => this.#back(attachment, reply),
        (left) => this.#leave(attachment, left),
      );
    }
    const next = node.pollTimeout()?.at;
    attachment.wakesAt = next === undefined ? NEVER : Math.max(clock.when(next), this.#now);
  }

  /** What a router on a node's own link says to it. */
  #back(attachment: Attachment, packet: Uint8Array): void {
    const flight = this.#flight(undefined, packet);
    this.at(after(this.#now, milliseconds(this.#latency)), () => this.#hand(attachment, flight));
  }

  #leave(from: Attachment, flight: InFlight): void {
    if (from.nat === undefined) {
      this.#route(flight, from);
      return;
    }
    const packet = from.nat.outwards(this.#now, flight.packet);
    if (packet === undefined) this.#lose(flight, 'NAT');
    else this.#route({ ...flight, packet }, from);
  }

  #route(flight: InFlight, from: Attachment | undefined): void {
    const found = this.#find(flight.packet);
    if (found === undefined) {
      this.#lose(flight, 'nobody there');
    } else if (from !== undefined && this.#parts?.get(from.name) !== this.#parts?.get(found.to.name)) {
      this.#lose(flight, 'partition');
    } else {
      const { to, packet } = found;
      const reply = (octets: Uint8Array): void => this.#route(this.#flight(undefined, octets), undefined);
      this.#cross({ ...flight, packet }, to.inwards, reply, (left) => this.#hand(to, left));
    }
  }

  /** Whom a packet is for, and the packet as it is there. */
  #find(packet: Uint8Array): { readonly to: Attachment; readonly packet: Uint8Array } | undefined {
    const address = destinationOf(packet);
    const direct = this.#byAddress.get(address ?? '');
    if (direct !== undefined) return { to: direct, packet };
    const behindNat = [...this.#attachments.values()].filter(({ nat }) => nat?.publicAddress === address);
    const inside = behindNat[0]?.nat?.inwards(this.#now, packet);
    if (inside === undefined) return undefined;
    const insideAddress = destinationOf(inside);
    const to = behindNat.find(({ addresses }) => addresses.some((one) => one === insideAddress));
    return to && { to, packet: inside };
  }

  #hand(to: Attachment, { passage, packet, isIntact }: InFlight): void {
    const { node, name, clock } = to;
    if (node === undefined) {
      this.#lose({ passage, packet, isIntact }, 'switched off');
      return;
    }
    this.#handled += 1;
    this.log.add({ at: this.#now, what: isIntact ? 'arrived' : 'arrived altered', node: name, packet });
    this.#observer.arrives?.(name, passage, isIntact);
    node.handlePacket(clock.read(this.#now), packet);
    this.#drain(to);
  }

  /** Over one link, with all that it does; each copy that is left goes on after its delay. */
  #cross(
    flight: InFlight,
    impairments: readonly Impairment[],
    reply: (packet: Uint8Array) => void,
    goesOn: (flight: InFlight) => void,
  ): void {
    const context = { now: this.#now, chance: this.chance, reply };
    let transits: readonly Transit[] = [{ packet: flight.packet, delay: this.#latency / 2 }];
    for (const impairment of impairments) {
      const before = transits;
      transits = before.flatMap((transit) => impairment.apply(transit, context));
      if (transits.length < before.length) this.#lose(flight, impairment.name);
      if (transits.length === 0) return;
    }
    for (const { packet, delay } of transits) {
      const isIntact = flight.isIntact && packet === flight.packet;
      this.at(after(this.#now, milliseconds(delay)), () => goesOn({ passage: flight.passage, packet, isIntact }));
    }
  }

  #lose(flight: InFlight, by: string): void {
    this.log.add({ at: this.#now, what: `lost: ${by}`, node: flight.passage.from, packet: flight.packet });
    this.#observer.lost?.(flight.passage, by);
  }

  #flight(from: string | undefined, packet: Uint8Array): InFlight {
    const passage = { id: this.#passages++, from, sentAt: this.#now, packet };
    return { passage, packet, isIntact: true };
  }

  #attachment(name: string): Attachment {
    const attachment = this.#attachments.get(name);
    if (attachment === undefined) throw new RangeError(`name: there is no ${name}`);
    return attachment;
  }
}
