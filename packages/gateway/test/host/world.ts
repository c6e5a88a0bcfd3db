import { type Engine, espSuite, nobleEngine } from '@espalier/crypto';
import {
  after,
  type Duration,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  formatAddress,
  fromAscii,
  type Instant,
  instant,
  ip,
  milliseconds,
  PROTOCOL,
  parseAddress,
  seconds,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import {
  Gateway,
  type GatewayConfig,
  type GatewayEvent,
  type GatewayOptions,
  type GatewayPeer,
  type InsideTransmit,
  type Outcome,
  type PolicyConfig,
} from '../../src/index.ts';
import { datagramIn, packetAround } from '../support/bed.ts';
import { toyDhEngine } from '../support/toy-dh.ts';

export const SERVER = { 4: '203.0.113.1', 6: '2001:db8::1' } as const;
export const NAT = '198.51.100.77';
export const L2TP_PORT = 1701;

const PEER = {
  preSharedKey: fromAscii('of hosts'),
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
  lifetime: seconds(3600),
} as const satisfies Partial<GatewayPeer>;

export type Action = Extract<PolicyConfig['action'], { kind: 'protect' }>;

const TRANSPORT: Action = {
  kind: 'protect',
  peer: 'other',
  mode: 'transport',
  suites: [espSuite('aes-128-gcm-16')],
  lifetime: seconds(3600),
};

/** A host that speaks with one other in transport mode; `selectors` name its protocol and ports. */
export function hostConfig(
  local: string,
  remote: string,
  selectors: PolicyConfig['selectors'] = {},
  action: Partial<Action> = {},
): GatewayConfig {
  return {
    peers: [{ ...PEER, name: 'other', local, remote }],
    policies: [
      { name: 'host to host', selectors, action: { ...TRANSPORT, ...action } },
      { name: 'everything else', action: { kind: 'bypass' } },
    ],
  };
}

/** An L2TP server that anybody may call who has the key: each caller has an interface of its own. */
export function serverConfig(interfaces: readonly string[]): GatewayConfig {
  return {
    peers: [{ ...PEER, name: 'callers', local: SERVER[4], remote: { addresses: 'any' }, allowWildcardKey: true }],
    policies: [
      {
        name: 'l2tp',
        selectors: { protocol: 'udp', localPort: L2TP_PORT },
        action: { ...TRANSPORT, peer: 'callers', ownInterfaces: interfaces },
      },
    ],
  };
}

export interface Host {
  readonly gateway: Gateway;
  readonly address: string;
  readonly behindNat: boolean;
  readonly received: InsideTransmit[];
  readonly events: GatewayEvent[];
}

/** Hosts of one internet, some of them behind the same NAT, on a virtual clock. */
export class World {
  now: Instant = instant(0);
  /** What was put on the link, as it arrives. */
  readonly sent: Uint8Array[] = [];
  readonly #hosts: Host[] = [];
  readonly #engine: Engine = toyDhEngine(nobleEngine());
  readonly #flows = new Map<number, { readonly address: string; readonly port: number }>();
  readonly #arrivals: { readonly at: Instant; readonly packet: Uint8Array }[] = [];

  join(
    address: string,
    config: GatewayConfig,
    { behindNat = false, ...options }: Partial<GatewayOptions> & { readonly behindNat?: boolean } = {},
  ): Host {
    const gateway = new Gateway({ config, engine: this.#engine, rng: seededRng(this.#hosts.length + 1), ...options });
    const host = { gateway, address, behindNat, received: [], events: [] };
    this.#hosts.push(host);
    return host;
  }

  send({ gateway }: Host, packet: Uint8Array, insideInterface?: string): Outcome {
    const outcome = gateway.handleInside(this.now, packet, insideInterface);
    this.#drain();
    return outcome;
  }

  /** The last packet that came out of a host's inside. */
  lastOf({ received }: Host): Uint8Array {
    const last = received.at(-1);
    if (last === undefined) throw new Error('nothing was received');
    return last.packet;
  }

  run(duration: Duration): void {
    const end = after(this.now, duration);
    this.#drain();
    for (let next = this.#next(); next <= end; next = this.#next()) {
      if (next > this.now) this.now = instant(next);
      while (this.#arrivals[0] !== undefined && this.#arrivals[0].at <= this.now) this.#deliver(this.#arrivals.shift());
      for (const { gateway } of this.#hosts) {
        if ((gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= this.now) gateway.handleTimeout(this.now);
      }
      this.#drain();
    }
    this.now = end;
  }

  #drain(): void {
    for (const host of this.#hosts) {
      const { gateway, received, events } = host;
      for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
        const packet = this.#outwards(host, out.kind === 'packet' ? out.octets : packetAround(out));
        if (packet === undefined) continue;
        this.sent.push(packet);
        this.#arrivals.push({ at: after(this.now, milliseconds(1)), packet });
      }
      for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) received.push(inner);
      for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) events.push(event);
    }
  }

  #outwards({ address, behindNat }: Host, packet: Uint8Array): Uint8Array | undefined {
    if (!behindNat) return packet;
    if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.udp) return undefined;
    const datagram = datagramIn(packet);
    const { port } = datagram.source;
    const known = [...this.#flows].find(([, flow]) => flow.address === address && flow.port === port)?.[0];
    const publicPort = known ?? 20_000 + this.#flows.size;
    this.#flows.set(publicPort, { address, port });
    return packetAround({ ...datagram, source: { address: NAT, port: publicPort } });
  }

  #deliver(arrival: { readonly packet: Uint8Array } | undefined): void {
    if (arrival === undefined) return;
    const { packet } = arrival;
    const to = formatAddress(ip.destinationOctets(packet, 0));
    if (to !== NAT) {
      const host = this.#hosts.find(({ address, behindNat }) => address === to && !behindNat);
      if (host !== undefined) this.#handle(host, packet);
      return;
    }
    const datagram = datagramIn(packet);
    const flow = this.#flows.get(datagram.destination.port);
    const host = this.#hosts.find(({ address }) => address === flow?.address);
    if (flow !== undefined && host !== undefined) this.#handle(host, packetAround({ ...datagram, destination: flow }));
  }

  #handle({ gateway }: Host, packet: Uint8Array): void {
    gateway.handleOutside(this.now, packet);
    this.#drain();
  }

  #next(): number {
    const timeouts = this.#hosts.map(({ gateway }) => gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY);
    return Math.min(this.#arrivals[0]?.at ?? Number.POSITIVE_INFINITY, ...timeouts);
  }
}

/** UDP with its checksum, as a host sends it. */
export function udpPacket(
  from: readonly [address: string, port: number],
  to: readonly [address: string, port: number],
  octets = 40,
  dontFragment = false,
): Uint8Array {
  const addresses = { source: parseAddress(from[0]), destination: parseAddress(to[0]) };
  const data = Uint8Array.from({ length: octets }, (_, i) => (i * 7) & 255);
  const payload = encodeUdp({ sourcePort: from[1], destinationPort: to[1], payload: data }, addresses);
  if (addresses.source.length === 4) {
    return encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, identification: octets & 0xffff, dontFragment, payload });
  }
  return encodeIpv6({ ...addresses, trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: PROTOCOL.udp, payload });
}
