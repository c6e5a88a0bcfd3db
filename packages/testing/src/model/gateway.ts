import {
  concat,
  encodeIpv4,
  encodeIpv6,
  ip,
  PROTOCOL,
  parseAddress,
  readU32,
  requireObject,
  writeU32,
} from '@espalier/wire';
import { addressOctets } from '../addresses.ts';
import { requireArray, within } from '../arguments.ts';
import { requirePolicy, requireSa } from './check.ts';
import { type ModelPolicy, takes } from './policy.ts';
import { ModelReplay } from './replay.ts';
import type { ModelSa } from './sa.ts';
import { MODEL_SUITES, type ModelSuite } from './suites.ts';

export interface ModelGatewayOptions {
  /** In order: the first that takes a packet decides. */
  readonly policies: readonly ModelPolicy[];
  /** Where it is reached, in text. */
  readonly localAddresses: readonly string[];
}

/** What a gateway may choose as it likes, read off what the one that is looked at has chosen. */
export interface ChosenByChance {
  /** Of the outer header of IPv4. */
  readonly identification: number;
  readonly iv: Uint8Array;
}

export type ModelRefusal =
  | 'malformed-packet'
  | 'discarded-by-policy'
  | 'unprotected'
  | 'no-security-association'
  | 'unexpected-protocol'
  | 'unknown-spi'
  | 'malformed'
  | 'sequence-zero'
  | 'replayed'
  | 'too-old'
  | 'bad-icv'
  | 'bad-padding'
  | 'bad-next-header'
  | 'dummy'
  | 'bad-inner'
  | 'congested'
  | 'selector-mismatch';

export type ModelVerdict =
  | { readonly ok: true; readonly action: 'protected' | 'bypassed' | 'accepted'; readonly octets: Uint8Array }
  | { readonly ok: false; readonly reason: ModelRefusal };

const HEADER_OCTETS = 8;
const TRAILER_OCTETS = 2;
const NO_NEXT_HEADER = 59;
const NOT_ECT = 0;
const CONGESTED = 3;

interface Inbound {
  readonly sa: ModelSa;
  readonly replay: ModelReplay;
}

/**
 * The packets of a security gateway as RFC 4301 and RFC 4303 have them, done one after the other in the RFC's order: every
 * policy is asked, every number is remembered, every packet is a new one. Slow, and made to be seen to be right, so that a fast
 * one can be held against it. It knows tunnel mode with ESP, no fragments, no lifetimes, and no IKE.
 */
export class ModelGateway {
  readonly #policies: readonly ModelPolicy[];
  readonly #localAddresses: readonly Uint8Array[];
  #outbound: readonly { readonly sa: ModelSa; sequence: bigint }[] = [];
  readonly #inbound = new Map<number, Inbound>();

  /** @throws TypeError or RangeError that names the option which is bad. */
  constructor(options: ModelGatewayOptions) {
    requireObject('options', options);
    const { policies, localAddresses } = options;
    requireArray('options.policies', policies);
    for (const [i, policy] of policies.entries()) requirePolicy(`options.policies[${i}]`, policy);
    requireArray('options.localAddresses', localAddresses);
    this.#policies = policies;
    this.#localAddresses = localAddresses.map((text, i) => addressOctets(`options.localAddresses[${i}]`, text));
  }

  /**
   * From now on it sends by this one. `sent`: so many packets were sent by it already.
   * @throws TypeError or RangeError that names what of it is bad.
   */
  addOutbound(sa: ModelSa, sent: number = 0): void {
    requireSa(sa);
    within('sent', sent, 0);
    this.#outbound = [{ sa, sequence: BigInt(sent) }, ...this.#outbound];
  }

  /** `taken`: the numbers of packets that it has taken already. @throws TypeError or RangeError that names what of it is bad. */
  addInbound(sa: ModelSa, taken: readonly number[] = []): void {
    requireSa(sa);
    requireArray('taken', taken);
    const replay = new ModelReplay(sa.window, sa.esn);
    for (const number of taken) replay.take(BigInt(number));
    this.#inbound.set(sa.spi, { sa, replay });
  }

  removeInbound(spi: number): void {
    this.#inbound.delete(spi);
  }

  /** RFC 4301 §5.1. `chosen` is asked for what chance has decided. */
  outbound(packet: Uint8Array, chosen: (sa: ModelSa) => ChosenByChance): ModelVerdict {
    if (!isWhole(packet)) return refused('malformed-packet');
    const policy = this.#policies.find((one) => takes(one, packet, true));
    if (policy === undefined || policy.action === 'discard') return refused('discarded-by-policy');
    if (policy.action === 'bypass') return { ok: true, action: 'bypassed', octets: packet };
    const sending = this.#outbound.find(({ sa }) => sa.policy === policy.name);
    if (sending === undefined) return refused('no-security-association');
    sending.sequence += 1n;
    const octets = seal(sending.sa, sending.sequence, packet, chosen(sending.sa));
    return { ok: true, action: 'protected', octets };
  }

  /** RFC 4301 §5.2. What follows the packet's own end is the filling of a frame. */
  inbound(frame: Uint8Array): ModelVerdict {
    const packet = frame.subarray(0, Math.max(0, ip.packetOctets(frame, 0, frame.length)));
    if (!isWhole(packet)) return refused('malformed-packet');
    const isForUs = this.#localAddresses.some((address) => ip.isTo(packet, 0, address));
    if (!isForUs) return this.#clear(packet);
    if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.esp) return refused('unexpected-protocol');
    const espAt = ip.payloadAt(packet, 0, packet.length);
    if (packet.length < espAt + HEADER_OCTETS) return refused('malformed-packet');
    const found = this.#inbound.get(readU32(packet, espAt));
    if (found === undefined) return refused('unknown-spi');
    const opened = open(found, packet.subarray(espAt), ip.tos(packet, 0));
    if (!opened.ok) return opened;
    const policy = this.#policies.find(({ name }) => name === found.sa.policy);
    const isOfPolicy = policy !== undefined && takes(policy, opened.octets, false);
    return isOfPolicy ? opened : refused('selector-mismatch');
  }

  #clear(packet: Uint8Array): ModelVerdict {
    const policy = this.#policies.find((one) => takes(one, packet, false));
    if (policy?.action === 'protect') return refused('unprotected');
    if (policy === undefined || policy.action === 'discard') return refused('discarded-by-policy');
    return { ok: true, action: 'bypassed', octets: packet };
  }
}

function refused(reason: ModelRefusal): ModelVerdict {
  return { ok: false, reason };
}

function isWhole(packet: Uint8Array): boolean {
  const octets = ip.packetOctets(packet, 0, packet.length);
  return octets === packet.length && !ip.reservedFlag(packet, 0) && ip.headerChecksumOk(packet, 0);
}

/** RFC 4303 §3.3, and RFC 4301 §5.1.2 for the outer header. */
function seal(sa: ModelSa, sequence: bigint, packet: Uint8Array, chosen: ChosenByChance): Uint8Array {
  const suite: ModelSuite = MODEL_SUITES[sa.suite];
  const header = headerOf(sa.spi, sequence);
  const iv = suite.countsIvs ? octetsOf(sequence, suite.ivOctets) : chosen.iv;
  const padOctets = -(packet.length + TRAILER_OCTETS) & (suite.blockOctets - 1);
  const padding = Uint8Array.from({ length: padOctets }, (_, i) => i + 1);
  const nextHeader = ip.version(packet, 0) === 4 ? PROTOCOL.ipip : PROTOCOL.ipv6;
  const plain = concat(packet, padding, Uint8Array.of(padOctets, nextHeader));
  const payload = concat(header, iv, suite.seal(sa.keys, header, highOf(sa, sequence), iv, plain));
  const addresses = { source: parseAddress(sa.source), destination: parseAddress(sa.destination) };
  if (addresses.source.length === 4) {
    return encodeIpv4({
      ...addresses,
      tos: ip.tos(packet, 0),
      identification: chosen.identification,
      dontFragment: ip.dontFragment(packet, 0),
      protocol: PROTOCOL.esp,
      payload,
    });
  }
  const trafficClass = ip.tos(packet, 0);
  return encodeIpv6({ ...addresses, trafficClass, flowLabel: 0, hopLimit: 64, nextHeader: PROTOCOL.esp, payload });
}

/** RFC 4303 §3.4, in its order. */
function open({ sa, replay }: Inbound, esp: Uint8Array, outerTos: number): ModelVerdict {
  const suite: ModelSuite = MODEL_SUITES[sa.suite];
  const header = esp.subarray(0, HEADER_OCTETS);
  const sealedAt = HEADER_OCTETS + suite.ivOctets;
  const ciphertextOctets = esp.length - sealedAt - suite.icvOctets;
  if (ciphertextOctets < TRAILER_OCTETS || ciphertextOctets % suite.blockOctets !== 0) return refused('malformed');
  const low = readU32(esp, 4);
  const sequence = replay.whole(low);
  if (sequence === 0n) return refused('sequence-zero');
  const verdict = replay.verdict(sequence);
  if (verdict !== 'new') return refused(verdict);
  const iv = esp.subarray(HEADER_OCTETS, sealedAt);
  const plain = suite.open(sa.keys, header, highOf(sa, sequence), iv, esp.subarray(sealedAt));
  if (plain === undefined) return refused('bad-icv');
  const judged = withoutTrailer(plain, outerTos);
  // A packet that is refused changes nothing; a dummy is one that was meant to be.
  if (judged.ok || judged.reason === 'dummy') replay.take(sequence);
  return judged;
}

/** RFC 4303 §2.4 and §2.6. */
function withoutTrailer(plain: Uint8Array, outerTos: number): ModelVerdict {
  const padOctets = plain[plain.length - TRAILER_OCTETS] ?? 0;
  const nextHeader = plain[plain.length - 1] ?? 0;
  const payloadOctets = plain.length - TRAILER_OCTETS - padOctets;
  if (payloadOctets < 0) return refused('bad-padding');
  const padding = plain.subarray(payloadOctets, payloadOctets + padOctets);
  if (!padding.every((octet, i) => octet === i + 1)) return refused('bad-padding');
  if (nextHeader === NO_NEXT_HEADER) return refused('dummy');
  return carried(plain.slice(0, payloadOctets), nextHeader, outerTos);
}

/** What a tunnel brings, with the mark of RFC 6040 §4.2. */
function carried(payload: Uint8Array, nextHeader: number, outerTos: number): ModelVerdict {
  if (nextHeader !== PROTOCOL.ipip && nextHeader !== PROTOCOL.ipv6) return refused('bad-next-header');
  const octets = ip.packetOctets(payload, 0, payload.length);
  if (ip.version(payload, 0) !== (nextHeader === PROTOCOL.ipip ? 4 : 6) || octets < 0) return refused('bad-inner');
  const packet = payload.slice(0, octets);
  const tos = ip.tos(packet, 0);
  const [inner, outer] = [tos & 3, outerTos & 3];
  if (outer === CONGESTED && inner === NOT_ECT) return refused('congested');
  const isMarked = outer === CONGESTED || (outer === 1 && inner === 2);
  if (isMarked && inner !== CONGESTED && inner !== NOT_ECT) ip.setTos(packet, 0, (tos & 0xfc) | outer);
  return { ok: true, action: 'accepted', octets: packet };
}

function headerOf(spi: number, sequence: bigint): Uint8Array {
  const header = new Uint8Array(HEADER_OCTETS);
  writeU32(header, 0, spi);
  writeU32(header, 4, Number(BigInt.asUintN(32, sequence)));
  return header;
}

/** The half of the number that is authenticated and not sent (RFC 4303 §2.2.1). */
function highOf({ esn }: ModelSa, sequence: bigint): Uint8Array {
  return esn ? octetsOf(sequence >> 32n, 4) : new Uint8Array(0);
}

function octetsOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * (length - 1 - i)))));
}
