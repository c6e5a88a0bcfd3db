import { ahSuite, type Engine, type EspSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { encodeIpv4, encodeIpv6, type Instant, instant, PROTOCOL, parseAddress } from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import {
  Gateway,
  type GatewayOptions,
  type ManualAh,
  type ManualEsp,
  type ManualProtection,
  type ManualSa,
  type Outcome,
  type PolicyConfig,
} from '../../src/index.ts';

export const WEST = '10.1.15.1';
export const EAST = '10.1.15.2';

/** Octets that a seed makes, as long as a suite wants them. */
export function keyOf(seed: number, octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => (seed * 37 + i * 11 + 1) & 0xff);
}

export function espSa(spi: number, name: string | EspSuite = '3des-cbc/hmac-sha1-96'): { readonly esp: ManualEsp } {
  const suite = espSuite(name);
  const keys = {
    encryption: keyOf(spi, suite.encryptionKeyOctets),
    salt: keyOf(spi + 1, suite.saltOctets),
    integrity: keyOf(spi + 2, suite.integrityKeyOctets),
  };
  return { esp: { spi, suite, keys } };
}

/** Of the western end: what goes out by `outbound` comes in at the other end by the same. */
export function ahSa(spi: number, name = 'hmac-sha1-96'): { readonly ah: ManualAh } {
  const suite = ahSuite(name);
  return { ah: { spi, suite, key: keyOf(spi + 3, suite.integrityKeyOctets) } };
}

export function bundle(spi: number, auxiliarySpi: number, name = 'aes-128-cbc/hmac-sha1-96'): ManualSa {
  return { ...ahSa(spi), ...espSa(auxiliarySpi, name) };
}

export function manual(change: Partial<ManualProtection> = {}): ManualProtection {
  return { local: WEST, remote: EAST, inbound: espSa(300), outbound: espSa(301), ...change };
}

export function mirrored(protection: ManualProtection): ManualProtection {
  const { local, remote, inbound, outbound, ...rest } = protection;
  if (typeof local !== 'string') throw new TypeError('a group has no mirror');
  return { ...rest, local: remote, remote: local, inbound: outbound, outbound: inbound };
}

export function policyOf(protection: ManualProtection, name = 'by hand'): PolicyConfig {
  return { name, action: { kind: 'manual', ...protection } };
}

/** Two gateways without IKE; what one sends the other is given. */
export class Pair {
  readonly west: Gateway;
  readonly east: Gateway;
  now: Instant = instant(0);

  constructor(protection: ManualProtection, options: Partial<GatewayOptions> & { readonly engine?: Engine } = {}) {
    this.west = gateway([policyOf(protection)], { ...options, rng: seededRng(1) });
    this.east = gateway([policyOf(mirrored(protection))], { ...options, rng: seededRng(2) });
  }

  /** What became of a packet from the inside of the western gateway, and what came out of the eastern one. */
  send(packet: Uint8Array): {
    readonly outcome: Outcome;
    readonly sent: readonly Uint8Array[];
    readonly outcomes: Outcome[];
    readonly out: Uint8Array[];
  } {
    const outcome = this.west.handleInside(this.now, packet);
    const sent = transmitted(this.west);
    const outcomes = sent.map((octets) => this.east.handleOutside(this.now, octets));
    return { outcome, sent, outcomes, out: delivered(this.east) };
  }
}

export function gateway(policies: readonly PolicyConfig[], options: Partial<GatewayOptions> = {}): Gateway {
  return new Gateway({ config: { peers: [], policies }, engine: nobleEngine(), rng: seededRng(0), ...options });
}

export function transmitted(from: Gateway): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) all.push(out.octets);
  return all;
}

export function delivered(to: Gateway): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let inner = to.pollInside(); inner !== undefined; inner = to.pollInside()) all.push(inner.packet);
  return all;
}

export function datagram(octets = 32, source = '10.1.12.2', destination = '10.1.56.2'): Uint8Array {
  return encodeIpv4({
    source: parseAddress(source),
    destination: parseAddress(destination),
    protocol: PROTOCOL.udp,
    payload: Uint8Array.from({ length: octets }, (_, i) => i & 0xff),
  });
}

export function datagram6(octets = 32, source = '2001:db8:12::2', destination = '2001:db8:56::2'): Uint8Array {
  return encodeIpv6({
    trafficClass: 0,
    flowLabel: 0,
    hopLimit: 64,
    nextHeader: PROTOCOL.udp,
    source: parseAddress(source),
    destination: parseAddress(destination),
    payload: Uint8Array.from({ length: octets }, (_, i) => i & 0xff),
  });
}
