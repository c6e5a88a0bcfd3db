import {
  decodeIpv4,
  encodeIpv4,
  encodeUdp,
  type Instant,
  ip,
  parseAddress,
  requireMembers,
  requireObject,
  seconds,
} from '@espalier/wire';
import { ipv4Text } from '../addresses.ts';
import { oneOf, requireArray, requireNumber, within } from '../arguments.ts';
import { type Datagram, datagramIn } from './packets.ts';

const KINDS = ['full-cone', 'restricted', 'port-restricted', 'symmetric'] as const;

/** Who may send to a port that somebody inside has opened (RFC 3489 §5). */
export type NatKind = (typeof KINDS)[number];

/** Addresses in text. */
type Endpoint = Datagram['source'];

export interface NatOptions {
  readonly kind: NatKind;
  readonly publicAddress: string;
  /** How long a mapping lasts in which nothing leaves, in milliseconds. Default 60 s. */
  readonly memory?: number;
  /** The first public port that it gives out. Default 40000. */
  readonly firstPort?: number;
  /** Public ports that always lead inside, as for a server. Default: none. */
  readonly forwards?: readonly { readonly port: number; readonly to: Endpoint }[];
}

interface Mapping {
  readonly inside: Endpoint;
  readonly publicPort: number;
  /** Of a symmetric NAT: whom the mapping is for. */
  readonly only: Endpoint | undefined;
  /** Whom those inside have sent to, as the kind tells them apart. */
  readonly reached: Set<string>;
  usedAt: Instant;
}

const MEMBERS = { kind: true, publicAddress: true, memory: true, firstPort: true, forwards: true } as const;
const MOST_PORT = 0xffff;

/** A NAT for UDP over IPv4. Whatever else would pass is lost, fragments too, and whatever finds no port free. */
export class Nat {
  readonly kind: NatKind;
  readonly #memory: number;
  readonly #firstPort: number;
  readonly #forwards: NonNullable<NatOptions['forwards']>;
  #publicAddress: string;
  #mappings: Mapping[] = [];
  #nextPort: number;

  /** @throws TypeError or RangeError that names the option which is bad. */
  constructor(options: NatOptions) {
    requireObject('options', options);
    requireMembers('options', options, MEMBERS);
    const { kind, publicAddress, memory = seconds(60), firstPort = 40_000, forwards = [] } = options;
    oneOf('options.kind', kind, KINDS);
    requireNumber('options.memory', memory, 0);
    within('options.firstPort', firstPort, 1, MOST_PORT);
    this.kind = kind;
    this.#publicAddress = ipv4Text('options.publicAddress', publicAddress);
    this.#memory = memory;
    this.#firstPort = firstPort;
    this.#nextPort = firstPort;
    this.#forwards = checkedForwards(forwards);
  }

  get publicAddress(): string {
    return this.#publicAddress;
  }

  /**
   * Forgets everybody, as when it is switched off and on: later packets get other ports, or another address too.
   * @throws TypeError or RangeError for what is no address of IPv4.
   */
  rebind(publicAddress: string = this.#publicAddress): void {
    this.#publicAddress = ipv4Text('publicAddress', publicAddress);
    this.#mappings = [];
  }

  /** What leaves, as the world sees it; undefined where it is lost. */
  outwards(now: Instant, packet: Uint8Array): Uint8Array | undefined {
    const datagram = datagramIn(packet);
    if (datagram === undefined || ip.version(packet, 0) !== 4) return undefined;
    const { source, destination } = datagram;
    const forward = this.#forwards.find(({ to }) => isSame(to, source));
    const publicPort = forward?.port ?? this.#mapped(now, source, destination)?.publicPort;
    if (publicPort === undefined) return undefined;
    return readdressed(packet, datagram, { source: { address: this.#publicAddress, port: publicPort } });
  }

  /** What comes, as it is inside; undefined where it is lost. */
  inwards(now: Instant, packet: Uint8Array): Uint8Array | undefined {
    const datagram = datagramIn(packet);
    if (datagram === undefined || datagram.destination.address !== this.#publicAddress) return undefined;
    const { port } = datagram.destination;
    const forward = this.#forwards.find((one) => one.port === port);
    const inside = forward?.to ?? this.#whoHas(now, port, datagram.source);
    return inside && readdressed(packet, datagram, { destination: inside });
  }

  #mapped(now: Instant, inside: Endpoint, destination: Endpoint): Mapping | undefined {
    this.#expire(now);
    const known = this.#mappings.find(
      (one) => isSame(one.inside, inside) && (one.only === undefined || isSame(one.only, destination)),
    );
    const mapping = known ?? this.#open(now, inside, destination);
    if (mapping === undefined) return undefined;
    mapping.usedAt = now;
    mapping.reached.add(this.#told(destination));
    return mapping;
  }

  #open(now: Instant, inside: Endpoint, destination: Endpoint): Mapping | undefined {
    const publicPort = this.#freePort();
    if (publicPort === undefined) return undefined;
    const only = this.kind === 'symmetric' ? destination : undefined;
    const mapping = { inside, publicPort, only, reached: new Set<string>(), usedAt: now };
    this.#mappings.push(mapping);
    return mapping;
  }

  /** The next one that is nobody's: after the last of all comes the first one again. */
  #freePort(): number | undefined {
    const taken = new Set([
      ...this.#mappings.map(({ publicPort }) => publicPort),
      ...this.#forwards.map(({ port }) => port),
    ]);
    const ports = MOST_PORT - this.#firstPort + 1;
    for (let tried = 0; tried < ports; tried++) {
      const port = this.#nextPort;
      this.#nextPort = port === MOST_PORT ? this.#firstPort : port + 1;
      if (!taken.has(port)) return port;
    }
    return undefined;
  }

  #whoHas(now: Instant, port: number, source: Endpoint): Endpoint | undefined {
    this.#expire(now);
    const mapping = this.#mappings.find(({ publicPort }) => publicPort === port);
    const isOpen = this.kind === 'full-cone' || mapping?.reached.has(this.#told(source)) === true;
    return isOpen ? mapping?.inside : undefined;
  }

  /** What of an outer endpoint the NAT looks at. */
  #told({ address, port }: Endpoint): string {
    return this.kind === 'restricted' ? address : `${address} ${port}`;
  }

  #expire(now: Instant): void {
    this.#mappings = this.#mappings.filter(({ usedAt }) => now - usedAt < this.#memory);
  }
}

function checkedForwards(forwards: NonNullable<NatOptions['forwards']>): NonNullable<NatOptions['forwards']> {
  requireArray('options.forwards', forwards);
  return forwards.map((forward, i) => {
    const argument = `options.forwards[${i}]`;
    requireObject(argument, forward);
    requireObject(`${argument}.to`, forward.to);
    within(`${argument}.port`, forward.port, 1, MOST_PORT);
    within(`${argument}.to.port`, forward.to.port, 1, MOST_PORT);
    return {
      port: forward.port,
      to: { ...forward.to, address: ipv4Text(`${argument}.to.address`, forward.to.address) },
    };
  });
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}

function readdressed(packet: Uint8Array, datagram: Datagram, ends: Partial<Pick<Datagram, 'source' | 'destination'>>) {
  const { source, destination, octets } = { ...datagram, ...ends };
  const whole = decodeIpv4(packet);
  const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
  const udp = { sourcePort: source.port, destinationPort: destination.port, payload: octets };
  // Where there was no checksum there is none.
  const hadChecksum = whole.payload[6] !== 0 || whole.payload[7] !== 0;
  return encodeIpv4({ ...whole, ...addresses, payload: hadChecksum ? encodeUdp(udp, addresses) : encodeUdp(udp) });
}
