import { getRandomValues } from 'node:crypto';
import { type Engine, type EspKeys, type EspSuite, nobleEngine, type Rng } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { InboundSa, type Mode, OutboundSa, type UdpPorts } from '@espalier/esp';
import { type Instant, instant, ip, type Spi, spi, UDP_HEADER_OCTETS } from '@espalier/wire';
import { check } from '../machine/failures.ts';
import { datagram, GATEWAYS } from './datagrams.ts';

/** What is around ESP, and how it counts: what all suites are tried in. */
export interface Form {
  readonly mode: Mode;
  /** Of the packet. */
  readonly inner: 4 | 6;
  /** Of the gateways, in tunnel mode. */
  readonly outer: 4 | 6;
  readonly inUdp: boolean;
  readonly esn: boolean;
}

/** One SA, known to both ends, and one packet for it. */
export interface Association extends Form {
  readonly title: string;
  readonly spi: Spi;
  readonly suite: EspSuite;
  readonly engine: Engine;
  readonly keys: EspKeys;
  readonly sequence: number;
  /** Of the packet's UDP payload. */
  readonly octets: number;
}

export const NOW: Instant = instant(0);
export const FIRST_SPI: Spi = spi(0x1234_5678);
export const ENGINES: readonly Engine[] = [nobleEngine(), wasmEngine(), nodeEngine()];
export const RNG: Rng = { fill: (octets) => void getRandomValues(octets) };

export const UDP: UdpPorts = { sourcePort: 4500, destinationPort: 4500 };
/** Ours seals in the third 2^32; what ours opens comes from the first. */
export const SEQUENCE_HIGH = 2;
/** Octets of payload: every length of padding there is, and a full packet. */
const SIZES: readonly number[] = [0, 1, 2, 3, 5, 8, 13, 14, 15, 16, 31, 100, 1300];

/** An SA for each suite and size, the engines taking turns. */
export function associations(
  form: Form,
  suites: readonly EspSuite[],
  sizes: readonly number[] = SIZES,
): readonly Association[] {
  return suites.flatMap((suite, index) => {
    const engines = ENGINES.filter((engine) => engine.supports(suite));
    return sizes.map((octets, size) => {
      const engine = engines[(index + size) % engines.length];
      check(engine !== undefined, `no engine supports ${suite.name}`);
      const title = `${suite.name} ${titleOf(form)}, ${octets} octets, engine ${engine.name}`;
      const keys = {
        encryption: keyOf(suite.encryptionKeyOctets, 1),
        salt: keyOf(suite.saltOctets, 2),
        integrity: keyOf(suite.integrityKeyOctets, 3),
      };
      const number = index * sizes.length + size;
      return { ...form, title, suite, engine, keys, spi: spi(FIRST_SPI + number), sequence: 1000 + size, octets };
    });
  });
}

export function titleOf({ mode, inner, outer, inUdp, esn }: Form): string {
  const families = mode === 'tunnel' ? `${inner}in${outer}` : `${inner}`;
  return [mode, families, ...(inUdp ? ['udp'] : []), ...(esn ? ['esn'] : [])].join('-');
}

/** The packet that is protected. */
export function packetOf({ inner, octets }: Association): Uint8Array {
  return datagram(inner, octets);
}

/** A whole IP packet. */
export function sealByOurs(one: Association, packet: Uint8Array = packetOf(one)): Uint8Array {
  const { mode, outer, inUdp, esn, suite, engine, keys, spi, sequence, title } = one;
  const udp = inUdp ? { udp: UDP } : {};
  const around = mode === 'tunnel' ? { outer: { ...GATEWAYS[outer], ...udp } } : { mode, ...udp };
  const firstSequence = BigInt(sequence) + (esn ? BigInt(SEQUENCE_HIGH) << 32n : 0n);
  const sa = new OutboundSa({ engine, suite, keys, spi, rng: RNG, esn, firstSequence, ...around });
  const sealed = sa.sealInto(NOW, packet, new Uint8Array(sa.sealedOctets(packet.length)));
  check(sealed.ok, `${title}: ours does not seal`);
  return sealed.octets;
}

/** The packet that was protected, or why it is not opened. */
export function openByOurs(
  { mode, inUdp, esn, suite, engine, keys, spi }: Association,
  packet: Uint8Array,
): Uint8Array | string {
  const sa = new InboundSa({ engine, suite, keys, spi, mode, esn });
  const outerOctets = ip.payloadAt(packet, 0, packet.length) + (inUdp ? UDP_HEADER_OCTETS : 0);
  const opened = sa.openInto(NOW, packet, new Uint8Array(packet.length), 0, outerOctets);
  return opened.ok ? opened.octets : opened.reason;
}

/** With one bit of what ESP protects changed. */
export function changed(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const at = copy.length - 20;
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

/** Different octets at every place, of both parities. */
export function keyOf(octets: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => seed * 71 + i * 29);
}
