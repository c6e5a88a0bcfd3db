import { nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import { PLAIN_SESSION, play, type SessionSpecification } from '@espalier/testing/sessions';
import { espLine, ikeLine } from '@espalier/testing/wireshark';
import {
  concat,
  encodeIcmp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  instant,
  PROTOCOL,
  parseAddress,
  toHex,
} from '@espalier/wire';
import { type KeyRing, type Observation, Observer, type ObserverOptions, readKeys } from '../../src/index.ts';

/** One thing that goes between two gateways. */
export interface Sent {
  readonly from: string;
  readonly to: string;
  /** Undefined for bare ESP. */
  readonly ports: readonly [number, number] | undefined;
  readonly octets: Uint8Array;
  readonly isEsp: boolean;
}

/** A handshake, four packets through its tunnel, and a probe; and its keys in every form. */
export interface TestSession {
  readonly sent: readonly Sent[];
  readonly ikeTable: string;
  readonly espTable: string;
  /** With SKEYID and what follows from it, without the keys of ESP. */
  readonly json: string;
  /** How many of `sent` are encrypted, and open with the keys. */
  readonly encrypted: number;
}

export interface SessionForm extends Partial<SessionSpecification> {
  readonly esn?: boolean;
  readonly sequence?: bigint;
}

/** ESP goes as IKE does: in UDP where that is at port 4500. */
export function testSession({ esn = false, sequence, ...changes }: SessionForm = {}): TestSession {
  const { keyOctets, ...plain } = { ...PLAIN_SESSION, acts: [{ by: 'left', act: 'probe' }] as const, ...changes };
  const hasLength = plain.encryption === 'aes-cbc' || plain.encryption === 'camellia-cbc';
  const specification: SessionSpecification = hasLength && keyOctets !== undefined ? { ...plain, keyOctets } : plain;
  const { delivered, ends } = play(specification).session;
  const ike: Sent[] = delivered.map(({ source, destination, delivered: octets }) => ({
    from: source.address,
    to: destination.address,
    ports: [source.port, destination.port],
    octets,
    isEsp: false,
  }));
  const books = ends.left.keys ?? { ikeSas: [], children: [] };
  const children = books.children.flatMap((entry) => (entry.kind === 'esp' ? [entry] : []));
  const ports = ike.at(-1)?.ports?.includes(4500) ? ([4500, 4500] as const) : undefined;
  // The initiator's first.
  const both = children
    .slice(0, 2)
    .sort((a, b) => Number(b.source === ike[0]?.from) - Number(a.source === ike[0]?.from));
  const packets = both.flatMap(({ source, destination, spi, suite, keys }, k) => {
    const sa = new OutboundSa({
      engine: nobleEngine(),
      suite,
      keys,
      spi,
      esn,
      rng: { fill: (out) => out.set(Uint8Array.from(out, (_, i) => i + k)) },
      ...(sequence === undefined ? {} : { firstSequence: sequence }),
    });
    return [0, 1].map((n): Sent & { order: number } => {
      const packet = innerPacket(k, n);
      const sealed = sa.sealInto(instant(0), packet, new Uint8Array(sa.sealedOctets(packet.length)));
      if (!sealed.ok) throw new Error(sealed.reason);
      return { order: n * 2 + k, from: source, to: destination, ports, octets: sealed.octets.slice(), isEsp: true };
    });
  });
  const ordered = packets.sort((a, b) => a.order - b.order);
  const afterQuickMode = ike.length - 2;
  return {
    sent: [...ike.slice(0, afterQuickMode), ...ordered, ...ike.slice(afterQuickMode)],
    ikeTable: unique(books.ikeSas.map(ikeLine)),
    espTable: unique(children.flatMap((entry) => espLine(entry) ?? [])),
    json: JSON.stringify({
      ike_sas: books.ikeSas.map(({ initiatorCookie, encryption, skeyid, skeyidD, skeyidA }) => ({
        cookie_i: initiatorCookie,
        ka: toHex(encryption),
        skeyid: toHex(skeyid),
        skeyid_d: toHex(skeyidD),
        skeyid_a: toHex(skeyidA),
      })),
    }),
    encrypted: ordered.length + ike.filter(({ octets }) => ((octets[19] ?? 0) & 1) === 1).length,
  };
}

export function innerPacket(direction: number, number: number): Uint8Array {
  const [source, destination] = direction === 0 ? ['10.1.0.1', '10.2.0.1'] : ['10.2.0.1', '10.1.0.1'];
  const kind = direction === 0 ? 'echo-request' : 'echo-reply';
  const payload = encodeIcmp({ kind, identifier: 1, sequence: number, data: new Uint8Array(64) });
  return encodeIpv4({
    source: parseAddress(source),
    destination: parseAddress(destination),
    protocol: PROTOCOL.icmp,
    payload,
  });
}

function unique(lines: readonly string[]): string {
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}

export function ringOf({ ikeTable, espTable }: TestSession): KeyRing {
  return readKeys([
    { name: 'ike', text: ikeTable },
    { name: 'esp', text: espTable },
  ]);
}

/** As an IPv4 packet. */
export function ipv4({ from, to, ports, octets, isEsp }: Sent): Uint8Array {
  const between = { source: parseAddress(from), destination: parseAddress(to) };
  if (ports === undefined) return encodeIpv4({ ...between, protocol: PROTOCOL.esp, payload: octets });
  return encodeIpv4({ ...between, protocol: PROTOCOL.udp, payload: udp(ports, octets, isEsp ? undefined : between) });
}

/** Likewise of IPv6: the addresses are those of NAT64 (RFC 6052). */
export function ipv6({ from, to, ports, octets }: Sent): Uint8Array {
  const between = { source: mapped(from), destination: mapped(to) };
  const protocol = ports === undefined ? PROTOCOL.esp : PROTOCOL.udp;
  const payload = ports === undefined ? octets : udp(ports, octets, between);
  return encodeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: protocol, hopLimit: 64, ...between, payload });
}

function mapped(address: string): Uint8Array {
  return concat(parseAddress('64:ff9b::').subarray(0, 12), parseAddress(address));
}

function udp(
  [sourcePort, destinationPort]: readonly [number, number],
  payload: Uint8Array,
  between: { source: Uint8Array; destination: Uint8Array } | undefined,
): Uint8Array {
  return encodeUdp({ sourcePort, destinationPort, payload }, between);
}

/** What an observer makes of frames that come a millisecond apart. */
export function observed(
  frames: readonly Uint8Array[],
  { linkType = 101, ...options }: ObserverOptions & { readonly linkType?: number } = {},
): { readonly observations: readonly Observation[]; readonly observer: Observer } {
  const observer = new Observer(options);
  const observations = frames.flatMap((octets, i) =>
    observer.push({ number: i + 1, time: 1_700_000_000 + i / 1000, linkType, octets }),
  );
  return { observations, observer };
}

/** How many of them were opened. */
export function openedIn(observations: readonly Observation[]): number {
  return observations.filter(
    (one) => (one.kind === 'esp' && one.icv === 'ok') || (one.kind === 'isakmp' && one.decrypted),
  ).length;
}
