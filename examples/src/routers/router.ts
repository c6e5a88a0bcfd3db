import type { JunosConfiguration, JunosStaticRoute } from '@espalier/junos';
import {
  type AddressPrefix,
  encodeIpv4,
  ipv4,
  PROTOCOL,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixMask,
  readU32,
} from '@espalier/wire';
import { echoReply, icmpOf, mayBeAnsweredWithError, portUnreachable, timeExceeded } from '../common/icmp.ts';
import { type Address, toAddress, toOctets } from './address.ts';
import type { Attachment } from './link.ts';
import { RoutingTable } from './routing-table.ts';

/** An interface unit of a router, for example `so-0/0/0.0`. */
export interface Port {
  readonly name: string;
  /** None when the interface is unnumbered. */
  readonly address: Address | undefined;
  /** Of the subnet; 0 when the interface is unnumbered. */
  readonly mask: Address;
  readonly attachment: Attachment;
  /** Who answers for packets that run out of TTL on their way in here, if it is not the router itself. */
  readonly spokesman: Address | undefined;
}

/** Takes a packet addressed to the router, or returns false: it is none of its business. */
export type Handler = (packet: Uint8Array, port: Port) => boolean;

/** What goes into a packet that starts here. */
export interface Departure {
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly destination: Address;
  /** Default: the address of the interface that the packet leaves by. */
  readonly source?: Address;
  readonly ttl?: number;
  readonly tos?: number;
}

/** What packets start with here, as those of Junos do. */
const FULL_TTL = 255;

/** A router, or a host with one interface: forwards, counts TTL down, answers pings, tells what it cannot deliver. */
export class Router {
  readonly name: string;
  readonly configuration: JunosConfiguration;
  readonly routerId: Address;
  readonly #own: ReadonlySet<Address>;
  readonly #ports = new Map<string, Port>();
  readonly #routes = new RoutingTable<Port>();
  readonly #handlers: Handler[] = [];
  #identification = 0;
  #identifier = 0;

  constructor(name: string, configuration: JunosConfiguration) {
    if (configuration.routerId === undefined) throw new RangeError(`${name}: routing-options needs a router-id`);
    this.name = name;
    this.configuration = configuration;
    this.routerId = toAddress(configuration.routerId);
    const addresses = configuration.interfaces.flatMap((unit) => unit.addresses);
    this.#own = new Set(addresses.map((text) => readU32(parsePrefix(text).address, 0)));
  }

  /** Plugs an interface of the configuration in: from now on there is a way to its subnet and the routes over it. */
  plug(name: string, attachment: Attachment, spokesman?: Address): void {
    const unit = this.configuration.interfaces.find((candidate) => candidate.name === name);
    if (!unit) throw new RangeError(`${this.name} has no interface ${name}`);
    const subnet = unit.addresses[0] === undefined ? undefined : parsePrefix(unit.addresses[0]);
    const port: Port = {
      name,
      address: subnet && readU32(subnet.address, 0),
      mask: subnet ? readU32(prefixMask(subnet.length, 4), 0) : 0,
      attachment,
      spokesman,
    };
    if (subnet) this.#addRoute(subnet, port);
    for (const { prefix, nextHop } of this.configuration.staticRoutes) {
      if (leadsOver(nextHop, name, subnet)) this.#addRoute(parsePrefix(prefix), port);
    }
    attachment.receiver = (packet) => this.#receive(packet, port);
    this.#ports.set(name, port);
  }

  /** A static route that has come up, into an interface that is plugged in. Returns a way to take it away again. */
  route(prefix: string, name: string): () => void {
    const port = this.#ports.get(name);
    if (!port) throw new RangeError(`${this.name} has no interface ${name} that is plugged in`);
    const { address, length } = parsePrefix(prefix);
    return this.#routes.add(readU32(address, 0), length, port);
  }

  /** An interface that is plugged in. */
  port(name: string): Port | undefined {
    return this.#ports.get(name);
  }

  /** Adds someone who takes packets addressed to this router or to a group. Returns a way to take him away again. */
  listen(handler: Handler): () => void {
    this.#handlers.push(handler);
    return () => {
      this.#handlers.splice(this.#handlers.indexOf(handler), 1);
    };
  }

  /** A number for a conversation that starts here: 1 to 32767, then again. */
  newIdentifier(): number {
    this.#identifier = (this.#identifier % 0x7fff) + 1;
    return this.#identifier;
  }

  /** Sends a packet that starts here. */
  send(departure: Departure): void {
    const port = this.#routes.find(departure.destination);
    if (port) this.sendBy(port, departure);
  }

  /** Sends a packet that starts here by a certain interface. */
  sendBy(port: Port, departure: Departure): void {
    port.attachment.send(this.packetBy(port, departure));
  }

  /** The packet that such a departure is, which is not sent. */
  packetBy(port: Port, { source, destination, ttl = FULL_TTL, ...rest }: Departure): Uint8Array {
    this.#identification = (this.#identification + 1) & 0xffff;
    return encodeIpv4({
      ...rest,
      ttl,
      source: toOctets(source ?? this.#addressOf(port)),
      destination: toOctets(destination),
      identification: this.#identification,
    });
  }

  /** Sends a whole packet that starts here. */
  sendPacket(packet: Uint8Array): void {
    this.#routes.find(ipv4.destination(packet, 0))?.attachment.send(packet);
  }

  #receive(packet: Uint8Array, port: Port): void {
    if (ipv4.headerFault(packet, 0, packet.length) !== undefined || !ipv4.headerChecksumOk(packet, 0)) return;
    const destination = ipv4.destination(packet, 0);
    if (this.#own.has(destination) || isMulticast(destination)) this.#deliver(packet, port);
    else this.#forward(packet);
  }

  #deliver(packet: Uint8Array, port: Port): void {
    if (this.#handlers.some((handle) => handle(packet, port))) return;
    const destination = ipv4.destination(packet, 0);
    const reply = echoReply(icmpOf(packet));
    if (reply) this.#answer(packet, reply, destination);
    else if (ipv4.protocol(packet, 0) === PROTOCOL.udp) this.#refuse(packet, portUnreachable(packet), destination);
  }

  #forward(packet: Uint8Array): void {
    const port = this.#routes.find(ipv4.destination(packet, 0));
    if (!port) return;
    if (ipv4.ttl(packet, 0) <= 1) {
      this.#refuse(packet, timeExceeded(packet), port.spokesman);
    } else {
      ipv4.decrementTtl(packet, 0);
      port.attachment.send(packet);
    }
  }

  #refuse(packet: Uint8Array, error: Uint8Array, source: Address | undefined): void {
    if (mayBeAnsweredWithError(packet)) this.#answer(packet, error, source);
  }

  #answer(packet: Uint8Array, payload: Uint8Array, source: Address | undefined): void {
    const destination = ipv4.source(packet, 0);
    this.send({ protocol: PROTOCOL.icmp, payload, destination, ...(source !== undefined && { source }) });
  }

  /** RFC 1812 §4.3.2.4: the address of the interface that a packet leaves by, or without one the router ID. */
  #addressOf(port: Port): Address {
    return port.address ?? this.routerId;
  }

  #addRoute({ address, length }: AddressPrefix, port: Port): void {
    this.#routes.add(readU32(address, 0), length, port);
  }
}

function leadsOver(nextHop: JunosStaticRoute['nextHop'], name: string, subnet: AddressPrefix | undefined): boolean {
  if ('interface' in nextHop) return nextHop.interface === name;
  return subnet !== undefined && prefixContains(subnet, parseAddress(nextHop.address));
}

function isMulticast(address: Address): boolean {
  return address >>> 28 === 14;
}
