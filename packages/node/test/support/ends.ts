import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { fromAscii, ipv4SubnetId, ipv6SubnetId, seconds } from '@espalier/wire';
import type { Inside, InsideDoor, UdpDriver } from '../../src/index.ts';
import { systemRng } from '../../src/index.ts';

export type Side = 'west' | 'east';

function otherThan(side: Side): Side {
  return side === 'west' ? 'east' : 'west';
}

const preSharedKey = fromAscii('a long and random secret');
const proposals: PeerConfig['proposals'] = [
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
];
const suites = [espSuite('aes-128-gcm-16')];
const lifetime = seconds(3600);
const SUBNETS = {
  4: { west: '10.1.0.0/16', east: '10.2.0.0/16' },
  6: { west: 'fd01::/64', east: 'fd02::/64' },
} as const;

export interface Addresses {
  readonly west: string;
  readonly east: string;
}

/** One address, as not every system has more on its loopback: both ends are told apart by their ports. */
export const LOOPBACK: Addresses = { west: '127.0.0.1', east: '127.0.0.1' };

export function ikeEndpoint(side: Side, addresses: Addresses, given: Partial<PeerConfig> = {}): IkeEndpoint {
  const other = otherThan(side);
  const id = (end: Side) =>
    addresses[end].includes(':') ? ipv6SubnetId(SUBNETS[6][end]) : ipv4SubnetId(SUBNETS[4][end]);
  const child = { name: 'net', suites, localIdentity: id(side), remoteIdentity: id(other), lifetime } as const;
  const [local, remote] = [side, other].map((end) => ({ address: addresses[end], port: 500 })) as [never, never];
  const peer: PeerConfig = {
    ...{ name: other, local, remote, preSharedKey, proposals, lifetime, natTraversal: 'force', children: [child] },
    ...given,
  };
  return new IkeEndpoint({ engine: nobleEngine(), rng: systemRng(), peers: [peer] });
}

export function gateway(side: Side, addresses: Addresses, secret: PeerConfig['preSharedKey'] = preSharedKey): Gateway {
  const other = otherThan(side);
  const [local, remote] = [addresses[side], addresses[other]];
  return new Gateway({
    config: {
      peers: [{ name: other, local, remote, preSharedKey: secret, proposals, lifetime }],
      policies: [
        {
          name: 'net',
          selectors: { local: SUBNETS[4][side], remote: SUBNETS[4][other] },
          action: { kind: 'protect', peer: other, suites, lifetime },
        },
      ],
    },
    engine: nobleEngine(),
    rng: systemRng(),
    outside: 'udp',
  });
}

export const SECRET: Uint8Array = preSharedKey;

/** Keeps what it is given, and answers if it is told how. */
export class HeardInside implements Inside {
  readonly heard: Uint8Array[] = [];
  isClosed = false;
  readonly #answer: (packet: Uint8Array) => Uint8Array | undefined;
  #door: InsideDoor | undefined;

  constructor(answer: (packet: Uint8Array) => Uint8Array | undefined = () => undefined) {
    this.#answer = answer;
  }

  open(door: InsideDoor): void {
    this.#door = door;
  }

  deliver({ packet }: { readonly packet: Uint8Array }): void {
    this.heard.push(Uint8Array.from(packet));
    const answer = this.#answer(packet);
    if (answer !== undefined) this.#door?.send([answer]);
  }

  send(packets: Iterable<Uint8Array>): void {
    this.#door?.send(packets);
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Each knows the ports of the other. */
export function introduce(
  west: { readonly driver: Pick<UdpDriver<never>, 'portsAt' | 'setPeerPorts'>; readonly address: string },
  east: { readonly driver: Pick<UdpDriver<never>, 'portsAt' | 'setPeerPorts'>; readonly address: string },
): void {
  west.driver.setPeerPorts(east.address, east.driver.portsAt(east.address));
  east.driver.setPeerPorts(west.address, west.driver.portsAt(west.address));
}

export const ANY_PORTS = { ike: 0, natTraversal: 0 } as const;
