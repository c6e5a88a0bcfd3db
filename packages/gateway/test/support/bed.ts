import { type Engine, espSuite, nobleEngine, type Rng } from '@espalier/crypto';
import {
  after,
  type Duration,
  decodeIcmp,
  decodeIcmpv6,
  decodeIpv4,
  decodeIpv6,
  decodeUdp,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  formatAddress,
  type IcmpMessage,
  type Icmpv6Message,
  type Instant,
  type Ipv6Packet,
  instant,
  ip,
  ipv4AddressId,
  milliseconds,
  PROTOCOL,
  parseAddress,
  seconds,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import {
  type Datagram,
  Gateway,
  type GatewayConfig,
  type GatewayEvent,
  type GatewayOptions,
  type GatewayPeer,
  type InsideTransmit,
  type Outcome,
  type PolicyConfig,
  type Protection,
} from '../../src/index.ts';
import { toyDhEngine } from './toy-dh.ts';

export type Name = 'R2' | 'R3';

export const INSIDE = 'sp-1/2/0.1';
/** The policy of the tunnel, and the label of its statistics. */
export const POLICY = 'tunnel';
export const STATISTICS = 'services';

/** Of IPv4, or of IPv6. */
export type Family = 4 | 6;

const SITES = {
  R2: {
    4: { gateway: '10.1.15.1', net: '10.1.12.0/24', host: '10.1.12.2' },
    6: { gateway: '2001:db8:15::1', net: '2001:db8:12::/64', host: '2001:db8:12::2' },
  },
  R3: {
    4: { gateway: '10.1.15.2', net: '10.1.56.0/24', host: '10.1.56.2' },
    6: { gateway: '2001:db8:15::2', net: '2001:db8:56::/64', host: '2001:db8:56::2' },
  },
} as const;

export const peerOf = (name: Name): Name => (name === 'R2' ? 'R3' : 'R2');
export const gatewayAddress = (name: Name, family: Family = 4): string => SITES[name][family].gateway;
export const hostAddress = (name: Name, family: Family = 4): string => SITES[name][family].host;

export interface Variation {
  /** What the tunnel goes through, and what goes through it. Default: IPv4. */
  readonly outer?: Family;
  readonly inner?: Family;
  readonly peer?: Partial<GatewayPeer>;
  readonly protect?: Partial<Protection>;
  /** What the tunnel is of packets of: of an interface of its own (then whatever is routed there goes into it), or all. */
  readonly spd?: 'own' | 'common';
  /** The last word on the policies. */
  readonly alter?: (policies: readonly PolicyConfig[]) => readonly PolicyConfig[];
  readonly establish?: NonNullable<GatewayConfig['establish']>;
  readonly preSharedKey?: string;
  readonly suite?: string;
  /** In order of preference, in the place of `suite`. */
  readonly suites?: readonly string[];
  /** Without a peer or a policy. */
  readonly empty?: boolean;
  /** Where the peer is, when it is not where it thinks it is. */
  readonly remoteGateway?: string;
  /** Hard lifetimes of phase 2. */
  readonly ipsecLifetime?: Duration;
  readonly ipsecKilobytes?: number;
  readonly options?: Partial<GatewayOptions>;
  /** How octets are handed in: as they are, or in memory of a pool that is used for something else after the call. */
  readonly memory?: 'plain' | 'pooled';
}

/** The configuration of the seed for R2 or R3. */
export function seedConfig(name: Name, variation: Variation = {}): GatewayConfig {
  const { outer = 4, inner = 4 } = variation;
  const own = SITES[name];
  const peer = SITES[peerOf(name)];
  const routed = variation.spd !== 'common';
  const tunnel: PolicyConfig = {
    name: POLICY,
    ...(routed && { interface: INSIDE }),
    selectors: { local: own[inner].net, remote: peer[inner].net },
    action: {
      kind: 'protect',
      peer: 'peer',
      suites: (variation.suites ?? [variation.suite ?? '3des-cbc/hmac-sha1-96']).map(espSuite),
      lifetime: variation.ipsecLifetime ?? seconds(28800),
      ...(variation.ipsecKilobytes === undefined ? {} : { lifetimeKilobytes: variation.ipsecKilobytes }),
      admits: routed ? 'anything' : 'selectors',
      statistics: STATISTICS,
      ...variation.protect,
    },
  };
  const rest: PolicyConfig = { name: 'rest', interface: INSIDE, action: { kind: 'share', policy: POLICY } };
  const policies = routed ? [tunnel, rest] : [tunnel];
  return {
    establish: variation.establish ?? 'on-traffic',
    peers: [
      {
        name: 'peer',
        local: own[outer].gateway,
        remote: variation.remoteGateway ?? peer[outer].gateway,
        mode: 'main',
        preSharedKey: new TextEncoder().encode(variation.preSharedKey ?? 'juniper'),
        proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
        lifetime: seconds(3600),
        ...(variation.remoteGateway === undefined ? {} : { remoteIdentity: ipv4AddressId(peer[4].gateway) }),
        ...variation.peer,
      },
    ],
    policies: variation.alter?.(policies) ?? policies,
  };
}

/** What a socket makes of a datagram; over IPv4 this one computes no checksums. */
export function packetAround({ source, destination, octets }: Datagram): Uint8Array {
  const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
  const datagram = { sourcePort: source.port, destinationPort: destination.port, payload: octets };
  if (addresses.source.length === 4) {
    return encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, payload: encodeUdp(datagram) });
  }
  return packet6({ ...addresses, nextHeader: PROTOCOL.udp, payload: encodeUdp(datagram, addresses) });
}

export function packet6(fields: Partial<Ipv6Packet> & Pick<Ipv6Packet, 'source' | 'destination' | 'payload'>) {
  return encodeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.udp, hopLimit: 64, ...fields });
}

export function datagramIn(packet: Uint8Array): Datagram {
  const { source, destination, payload } = ip.version(packet, 0) === 4 ? decodeIpv4(packet) : decodeIpv6(packet);
  const udp = decodeUdp(payload, { source, destination });
  if (udp.checksum === 'bad') throw new Error('a datagram with a wrong checksum');
  if (udp.checksum === 'absent' && source.length === 16) throw new Error('a datagram of IPv6 without a checksum');
  return {
    source: { address: formatAddress(source), port: udp.sourcePort },
    destination: { address: formatAddress(destination), port: udp.destinationPort },
    octets: udp.payload,
  };
}

/** A ping of a host behind `from` to one behind the other gateway. */
export function pingPacket(
  from: Name,
  family: Family,
  sequence: number,
  octets = 56,
  fields: { readonly dontFragment?: boolean } = {},
): Uint8Array {
  const addresses = {
    source: parseAddress(hostAddress(from, family)),
    destination: parseAddress(hostAddress(peerOf(from), family)),
  };
  const message = { kind: 'echo-request', identifier: 1, sequence, data: new Uint8Array(octets) } as const;
  if (family === 6) {
    return packet6({ ...addresses, nextHeader: PROTOCOL.icmpv6, payload: encodeIcmpv6(message, addresses) });
  }
  const identification = sequence & 0xffff;
  return encodeIpv4({ ...addresses, protocol: 1, identification, payload: encodeIcmp(message), ...fields });
}

/** What a host makes of an ICMP or ICMPv6 packet. */
export function icmpIn(packet: Uint8Array): IcmpMessage | Icmpv6Message {
  if (ip.version(packet, 0) === 4) return decodeIcmp(decodeIpv4(packet).payload);
  const { source, destination, payload } = decodeIpv6(packet);
  return decodeIcmpv6(payload, { source, destination });
}

/** What the link does to a packet: the copies that arrive, each after its delay. */
export type Link = (
  from: Name,
  octets: Uint8Array,
) => readonly { readonly delay: Duration; readonly octets: Uint8Array }[];

const LINK_DELAY: Duration = milliseconds(1);
export const plainLink: Link = (_, octets) => [{ delay: LINK_DELAY, octets }];
export const cutLink: Link = () => [];

export interface Site {
  readonly gateway: Gateway;
  /** What came out of the inside, oldest first. */
  readonly received: InsideTransmit[];
  readonly events: GatewayEvent[];
}

/** A Buffer of Node's pool, of which `slice` is a view, and that holds something else after the call. */
export function lendPooled<T>(octets: Uint8Array, use: (octets: Uint8Array) => T): T {
  const lent = Buffer.from(octets);
  try {
    return use(lent);
  } finally {
    lent.fill(0xaa);
  }
}

/** R2 and R3 of the seed on one link, with a virtual clock. */
export class Bed {
  now: Instant = instant(0);
  link: Link = plainLink;
  /** Every packet that was put on the link, oldest first. */
  readonly sent: { readonly from: Name; readonly at: Instant; readonly octets: Uint8Array }[] = [];
  readonly #variations: Readonly<Record<Name, Variation>>;
  readonly #engine: Engine;
  readonly #sites: Record<Name, Site>;
  readonly #arrivals: { readonly at: Instant; readonly to: Name; readonly octets: Uint8Array }[] = [];

  constructor(
    variation: Variation | Readonly<Record<Name, Variation>> = {},
    { realDh = false }: { readonly realDh?: boolean } = {},
  ) {
    this.#variations = 'R2' in variation ? variation : { R2: variation, R3: variation };
    this.#engine = realDh ? nobleEngine() : toyDhEngine(nobleEngine());
    this.#sites = { R2: this.#build('R2', seededRng(1001)), R3: this.#build('R3', seededRng(2001)) };
    this.drain();
  }

  site(name: Name): Site {
    return this.#sites[name];
  }

  /** As when the router of that name is switched off and on: the peer is not told. */
  restart(name: Name): void {
    this.#sites[name] = this.#build(name, seededRng(3001 + 2 * this.now));
    this.drain();
  }

  /** A packet of a host behind `from` to one behind the other gateway; the number of it comes back in `pings`. */
  ping(from: Name, sequence: number, octets = 56, fields: { readonly dontFragment?: boolean } = {}) {
    return this.inside(from, pingPacket(from, this.#variations[from].inner ?? 4, sequence, octets, fields));
  }

  inside(from: Name, packet: Uint8Array) {
    const { gateway } = this.site(from);
    const outcome = this.#lend(from, packet, (octets) => gateway.handleInside(this.now, octets, INSIDE));
    this.drain();
    return outcome;
  }

  /** A whole IP packet, to a gateway or its sockets. */
  outside(to: Name, packet: Uint8Array): Outcome {
    const outcome = this.#handleOutside(to, packet);
    this.drain();
    return outcome;
  }

  #handleOutside(to: Name, packet: Uint8Array): Outcome {
    const { gateway } = this.site(to);
    if (this.#variations[to].options?.outside !== 'udp') {
      return this.#lend(to, packet, (octets) => gateway.handleOutside(this.now, octets));
    }
    const { source, destination, octets } = datagramIn(packet);
    return this.#lend(to, octets, (payload) => gateway.handleDatagram(this.now, source, destination, payload));
  }

  #lend<T>(name: Name, octets: Uint8Array, use: (octets: Uint8Array) => T): T {
    return this.#variations[name].memory === 'pooled' ? lendPooled(octets, use) : use(octets);
  }

  /** Sequence numbers of the pings that came out at `to`. */
  pings(to: Name): readonly number[] {
    return this.site(to).received.flatMap(({ packet }) => {
      const message = icmpIn(packet);
      return message.kind === 'echo-request' ? [message.sequence] : [];
    });
  }

  close(name: Name): void {
    this.site(name).gateway.close(this.now);
    this.drain();
  }

  /** Lets the time pass, with every arrival and timeout at its moment. */
  run(duration: Duration): void {
    const end = after(this.now, duration);
    for (let next = this.#next(); next <= end; next = this.#next()) {
      if (next > this.now) this.now = instant(next);
      this.#deliver();
      for (const { gateway } of Object.values(this.#sites)) {
        if ((gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= this.now) gateway.handleTimeout(this.now);
      }
      this.drain();
    }
    this.now = end;
  }

  drain(): void {
    for (const name of ['R2', 'R3'] as const) {
      const { gateway, received, events } = this.site(name);
      for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
        const packet = out.kind === 'packet' ? out.octets : packetAround(out);
        this.sent.push({ from: name, at: this.now, octets: packet });
        for (const { delay, octets } of this.link(name, packet)) this.#send(name, delay, octets);
      }
      for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) received.push(inner);
      for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) events.push(event);
    }
  }

  #build(name: Name, rng: Rng): Site {
    const variation = this.#variations[name];
    const config = seedConfig(name, variation);
    const build = (octets: Uint8Array) => {
      if (variation.empty === true) {
        return new Gateway({ config: { peers: [], policies: [] }, engine: this.#engine, rng, ...variation.options });
      }
      const hasKey = variation.peer?.preSharedKey === undefined;
      const peers = config.peers.map((peer) => (hasKey ? { ...peer, preSharedKey: octets } : peer));
      return new Gateway({ config: { ...config, peers }, engine: this.#engine, rng, ...variation.options });
    };
    const gateway = this.#lend(name, new TextEncoder().encode(variation.preSharedKey ?? 'juniper'), build);
    return { gateway, received: [], events: [] };
  }

  #send(from: Name, delay: Duration, octets: Uint8Array): void {
    const at = after(this.now, delay);
    const index = this.#arrivals.findLastIndex((arrival) => arrival.at <= at);
    this.#arrivals.splice(index + 1, 0, { at, to: peerOf(from), octets });
  }

  #deliver(): void {
    while (this.#arrivals[0] !== undefined && this.#arrivals[0].at <= this.now) {
      const { to, octets } = this.#arrivals[0];
      this.#arrivals.shift();
      this.outside(to, octets);
    }
  }

  #next(): number {
    const timeouts = Object.values(this.#sites).map(
      ({ gateway }) => gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(this.#arrivals[0]?.at ?? Number.POSITIVE_INFINITY, ...timeouts);
  }
}
