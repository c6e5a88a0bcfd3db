import type { AhSuite, Engine, EspSuite, Rng } from '@espalier/crypto';
import {
  ChecksumRepair,
  type EspRefusal,
  InboundSa,
  type LifetimeState,
  OutboundSa,
  type OuterHeaderOptions,
  type SealResult,
  type UdpPorts,
} from '@espalier/esp';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { Compressor, Decompressor, type IpcompRefusal } from '@espalier/esp/ipcomp';
import type { Endpoint, IpsecMode, Role } from '@espalier/ike';
import {
  equalIdentification,
  equalOctets,
  type Identification,
  type Instant,
  IPV4_OCTETS,
  IPV6_HEADER_OCTETS,
  identificationContains,
  ip,
  ipv4,
  NON_IKE_MARKER_OCTETS,
  parseAddress,
  readU32,
} from '@espalier/wire';
import type { ManualSnapshot, OuterTreatment, SaName } from '../config.ts';
import type { PathNews } from '../inbound/path-news.ts';
import type { TunnelPolicy } from '../manual/policy.ts';
import { withNonIkeMarker } from '../packets/non-ike-marker.ts';
import type { TunnelPeer } from '../tunnels/tunnel-form.ts';
import {
  type AgreedSa,
  innerOf,
  type Layers,
  layersOf,
  outerOf,
  type PairOfSas,
  type SaAgreement,
  saInfosOf,
  wipeAgreed,
} from './agreement.ts';
import { dummyPacket } from './dummy.ts';
import { MAX_PACKET_OCTETS, type OuterShape, PathMtu } from './path-mtu.ts';
import { ahOf, dscpOf, espOf, mendingOf, numbersOf, resynchronisationOf } from './sa-options.ts';
import type { SaIdentifier } from './sad.ts';

/** Between which UDP end points packets go. */
export interface UdpPath {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** A sealed packet as it leaves, or why there is none. */
export type SealedPacket =
  | Exclude<SealResult, { readonly ok: true }>
  | { readonly ok: true; readonly octets: Uint8Array };

/** The two SAs that one Quick Mode agreed on, or that are given by hand. */
export class SaPair {
  // What every packet asks for comes first: there it shares lines of the processor's cache.
  readonly pathMtu: PathMtu;
  /** ESP, if there is ESP. */
  readonly inbound: InboundSa | undefined;
  readonly outbound: OutboundSa | undefined;
  /** AH, if there is AH: around ESP where there are both. */
  readonly inboundAh: InboundAhSa | undefined;
  readonly outboundAh: OutboundAhSa | undefined;
  /** By what packets leave, and by what they come; undefined where each goes by itself. */
  readonly leavesBy: Layers | undefined;
  readonly comesBy: Layers | undefined;
  /** The number of the run that this pair has passed packets of last. */
  lastRun = 0;
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly inUdp: boolean;
  /** Whether it goes to IKE's own port, behind a marker: each packet by itself, for a draft that few speak any more. */
  readonly hasNonIkeMarker: boolean;
  readonly #outside: 'ip' | 'udp';
  #path: UdpPath;
  readonly name: SaName;
  /**
   * {SPI, destination}: the peer may come to have another address, this gateway not (RFC 4301 §4.1). Of SAs given by hand,
   * whose SPIs nobody has drawn, the source as well; of a group's neither.
   */
  readonly identifier: SaIdentifier;
  /** Name of the peer; of a template's peers each has its identity in its name; of SAs given by hand, its address. */
  readonly peer: string;
  /** Undefined of SAs given by hand. */
  readonly role: Role | undefined;
  /** Of ESP, or where there is none of AH. */
  readonly suite: EspSuite | AhSuite;
  readonly sas: PairOfSas;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /** Undefined of SAs given by hand, as is the next one. */
  readonly softExpiry: Instant | undefined;
  readonly hardExpiry: Instant | undefined;
  readonly replayWindow: number | 'off';
  /** IPComp in front of ESP and AH, if there is IPComp. */
  readonly #decompressor: Decompressor | undefined;
  /** Of what comes compressed through a NAT. */
  readonly #repair: ChecksumRepair | undefined;
  #compressor: Compressor | undefined;
  readonly mode: IpsecMode;
  /** Whether a successor was asked for. */
  rekeying = false;
  /** Of ESP: behind the header of a tunnel that IPComp has written it is in transport mode. */
  readonly espMode: IpsecMode;
  readonly #rng: Rng;
  readonly #treatment: OuterTreatment;
  #localAddress: Uint8Array;
  #remoteAddress: Uint8Array;

  /**
   * Builds both SAs and wipes the keys of the agreement.
   *
   * @param outside What leaves the gateway: whole IP packets, or payloads of UDP where the SAs are in UDP.
   * @param localAddress Shared where it is that of the agreement, as it is but behind a moved end.
   * @throws RangeError when the engine's arena is spent; then nothing is left of either SA.
   */
  constructor(
    engine: Engine,
    rng: Rng,
    outside: 'ip' | 'udp',
    { outsideMtu = MAX_PACKET_OCTETS }: TunnelPeer,
    { name, action }: TunnelPolicy,
    agreement: SaAgreement,
    localAddress: Uint8Array,
  ) {
    const { inbound, outbound } = agreement;
    this.name = { policy: name, inbound: innerOf(inbound).spi, outbound: innerOf(outbound).spi };
    this.peer = agreement.peer;
    this.role = agreement.role;
    this.suite = innerOf(outbound).suite;
    this.sas = { inbound: saInfosOf(inbound), outbound: saInfosOf(outbound) };
    this.localIdentity = agreement.localIdentity;
    this.remoteIdentity = agreement.remoteIdentity;
    this.softExpiry = agreement.life?.softExpiry;
    this.hardExpiry = agreement.life?.hardExpiry;
    this.replayWindow = agreement.antiReplayWindow;
    this.inUdp = agreement.inUdp;
    this.hasNonIkeMarker = agreement.nonIkeMarker === true;
    this.mode = agreement.mode;
    this.espMode = outbound.ipcomp === undefined ? agreement.mode : 'transport';
    this.leavesBy = this.hasNonIkeMarker ? undefined : layersOf(outbound);
    this.comesBy = layersOf(inbound);
    this.#rng = rng;
    this.#outside = outside;
    this.#treatment = { df: action.clearDontFragment ? 'clear' : 'copy', ...action.outer };
    this.#path = { source: agreement.local, destination: agreement.remote };
    const local = parseAddress(agreement.local.address);
    this.#localAddress = equalOctets(local, localAddress) ? localAddress : local;
    this.#remoteAddress = parseAddress(agreement.remote.address);
    this.identifier = {
      spi: outerOf(inbound).spi,
      ...(agreement.toldBy !== 'spi' && { destination: this.#localAddress }),
      ...(agreement.toldBy === 'both-ends' && { source: this.#remoteAddress }),
    };
    const family = this.#remoteAddress.length === IPV4_OCTETS ? 4 : 6;
    const markerOctets = this.hasNonIkeMarker ? NON_IKE_MARKER_OCTETS : 0;
    const form: OuterShape = { mode: this.mode, family, udp: this.inUdp, markerOctets };
    const identification = form.family === 6 ? random32(rng) : 0;
    const mtus = { outer: outsideMtu, innerMost: action.mtu ?? MAX_PACKET_OCTETS };
    const suites = { esp: outbound.esp?.suite, ah: outbound.ah?.suite };
    this.pathMtu = new PathMtu(suites, form, mtus, identification);
    const common = { engine, esn: agreement.esn, ...(agreement.life && { lifetime: agreement.life.lifetime }) };
    const receiving = {
      ...common,
      replayWindow: this.replayWindow,
    };
    const ahMode = this.#ahMode(inbound);
    const mending = mendingOf(agreement, this.espMode);
    const built: { wipe(): void }[] = [];
    try {
      this.#decompressor = inbound.ipcomp && this.#decompressorOf(inbound.ipcomp.cpi, action.dscpInside);
      const { originalAddresses } = mending;
      this.#repair = inbound.ipcomp && originalAddresses && new ChecksumRepair(originalAddresses);
      this.#compressor = outbound.ipcomp && this.#compressorOf(outbound.ipcomp.cpi);
      this.inbound =
        inbound.esp &&
        new InboundSa({
          ...receiving,
          ...resynchronisationOf(agreement, inbound.esp.suite),
          ...espOf(inbound.esp),
          mode: this.espMode,
          ...dscpOf(this.espMode, action.dscpInside),
          ...mending,
        });
      if (this.inbound !== undefined) built.push(this.inbound);
      this.inboundAh =
        inbound.ah &&
        new InboundAhSa({
          ...receiving,
          ...resynchronisationOf(agreement),
          ...ahOf(inbound.ah),
          mode: ahMode,
          ...dscpOf(ahMode, action.dscpInside),
        });
      if (this.inboundAh !== undefined) built.push(this.inboundAh);
      this.outbound =
        outbound.esp &&
        new OutboundSa({
          ...common,
          ...espOf(outbound.esp),
          rng,
          ...numbersOf(agreement, 'esp', outbound.esp.suite),
          ...this.#front(),
          ...(this.espMode === 'tunnel' && action.trafficFlow && { trafficFlow: action.trafficFlow }),
        });
      if (this.outbound !== undefined) built.push(this.outbound);
      this.outboundAh =
        outbound.ah &&
        new OutboundAhSa({
          ...common,
          ...ahOf(outbound.ah),
          rng,
          ...numbersOf(agreement, 'ah', outbound.ah.suite),
          ...this.#ahFront(outbound),
        });
    } catch (error) {
      for (const sa of built) sa.wipe();
      throw error;
    } finally {
      wipeAgreed(inbound);
      wipeAgreed(outbound);
    }
  }

  /** Whether it is given by hand (RFC 4301 §4.5.1): IKE knows nothing of it. */
  get isManual(): boolean {
    return this.role === undefined;
  }

  /** Address of the peer, as far as it is known. */
  get remote(): string {
    return this.#path.destination.address;
  }

  /** Address of this end. */
  get local(): string {
    return this.#path.source.address;
  }

  /** The way of the datagrams whose payload leaves the gateway; undefined where whole IP packets leave it. */
  get path(): UdpPath | undefined {
    return this.inUdp && this.#outside === 'udp' ? this.#path : undefined;
  }

  /** Whether a packet from the inside is between addresses that the pair was agreed on for. */
  isFor(packet: Uint8Array): boolean {
    return (
      identificationContains(this.localIdentity, ip.sourceOctets(packet, 0)) &&
      identificationContains(this.remoteIdentity, ip.destinationOctets(packet, 0))
    );
  }

  /** Whether both were agreed on for the same. */
  isOfPart({ localIdentity, remoteIdentity }: SaPair): boolean {
    return (
      equalIdentification(this.localIdentity, localIdentity) && equalIdentification(this.remoteIdentity, remoteIdentity)
    );
  }

  isPeer({ address, port }: Endpoint): boolean {
    const { destination } = this.#path;
    return destination.port === port && destination.address === address;
  }

  /** Whether an IP packet from this port comes from where the peer is known to be. */
  isSourceOf(packet: Uint8Array, sourcePort: number): boolean {
    return this.#path.destination.port === sourcePort && ip.isFrom(packet, 0, this.#remoteAddress);
  }

  /** The SPI that packets leave with, with a sign: `spi | 0`. */
  get outerSpi(): number {
    return (this.outboundAh?.spi ?? this.name.outbound) | 0;
  }

  /** Whether packets come with AH outside, and are found by its SPI. */
  get comesByAh(): boolean {
    return this.inboundAh !== undefined;
  }

  outboundState(now: Instant): LifetimeState {
    return worseOf(this.outbound?.lifetimeState(now), this.outboundAh?.lifetimeState(now));
  }

  inboundState(now: Instant): LifetimeState {
    return worseOf(this.inbound?.lifetimeState(now), this.inboundAh?.lifetimeState(now));
  }

  /** Octets of the packet that one of this length becomes. */
  sealedOctets(octets: number): number {
    const inTunnel = this.#compressor === undefined || this.mode === 'transport' ? octets : octets + this.#tunnelOctets;
    return (this.outbound?.sealedOctets(inTunnel) ?? inTunnel) + this.pathMtu.besideOctets;
  }

  /** A packet through IPComp, if there is, then through ESP, then through AH around what that made. */
  seal(now: Instant, packet: Uint8Array): SealedPacket {
    const compressed = this.#compressor?.compress(packet);
    if (compressed?.ok === false) return { ok: false, reason: uncompressed(compressed.reason) };
    const entering = compressed?.octets ?? packet;
    const [first, ...others] = sealersOf(this.outbound, this.outboundAh);
    let sealed = first.sealInto(now, entering, new Uint8Array(first.sealedOctets(entering.length)));
    for (const sa of others) {
      if (!sealed.ok) return sealed;
      const { octets } = sealed;
      sealed = sa.sealInto(now, octets, new Uint8Array(sa.sealedOctets(octets.length)));
    }
    return sealed.ok ? { ok: true, octets: this.#marked(sealed.octets) } : sealed;
  }

  /**
   * A dummy of ESP that looks like a packet of `octets`, or of as many as fit (RFC 4303 §2.6); undefined where there is no
   * ESP, or what carries it refuses.
   */
  sealDummy(now: Instant, octets: number): Uint8Array | undefined {
    const { outbound } = this;
    if (outbound === undefined) return undefined;
    const packet = dummyPacket(this.#localAddress, this.#remoteAddress, Math.min(octets, this.pathMtu.inner(now)));
    const dummy = outbound.sealDummyInto(now, packet, new Uint8Array(outbound.sealedOctets(packet.length)));
    if (!dummy.ok || this.outboundAh === undefined) return dummy.ok ? this.#marked(dummy.octets) : undefined;
    const room = new Uint8Array(this.outboundAh.sealedOctets(dummy.length));
    const sealed = this.outboundAh.sealInto(now, dummy.octets, room);
    return sealed.ok ? sealed.octets : undefined;
  }

  /** What is to be kept of the outbound SAs. @throws TypeError for SAs that are not kept. */
  snapshot(ahead: number | undefined): ManualSnapshot {
    return {
      ...(this.outbound && { esp: this.outbound.snapshot(ahead) }),
      ...(this.outboundAh && { ah: this.outboundAh.snapshot(ahead) }),
    };
  }

  /** That is kept. @throws TypeError for SAs that are not kept, and what is no snapshot; RangeError for that of others. */
  kept({ esp, ah }: ManualSnapshot): void {
    keep('esp', this.outbound, esp);
    keep('ah', this.outboundAh, ah);
  }

  /** What ESP and AH have found good, as it was before IPComp; undefined where that is no packet. */
  decompress(carried: Uint8Array): Uint8Array | undefined {
    if (this.#decompressor === undefined) return carried;
    const result = this.#decompressor.decompress(carried);
    if (!result.ok) return undefined;
    if (result.wasCompressed) this.#repair?.repair(result.octets, 0, result.octets.length);
    return result.octets;
  }

  /** Whether the packet that is told of is one of these SAs. */
  isTold({ protocol, source, destination, ports, spi }: PathNews): boolean {
    const path = this.#path;
    return (
      spi === this.outerSpi &&
      (protocol === 'ah') === (this.outboundAh !== undefined) &&
      equalOctets(source, this.#localAddress) &&
      equalOctets(destination, this.#remoteAddress) &&
      (ports === undefined) !== this.inUdp &&
      (ports === undefined || (ports.source === path.source.port && ports.destination === path.destination.port))
    );
  }

  /** From now on packets go to `remote`. What does not go in UDP stays on its way: no NAT was there to change it. */
  move(local: Endpoint, remote: Endpoint): void {
    if (!this.inUdp) return;
    this.#path = { source: local, destination: remote };
    this.#localAddress = parseAddress(local.address);
    this.#remoteAddress = parseAddress(remote.address);
    if (this.#compressor !== undefined) this.#compressor = this.#compressorOf(this.#compressor.cpi);
    if (this.path !== undefined) return;
    if (this.espMode === 'transport') this.outbound?.redirectUdp(this.#ports());
    else this.outbound?.redirect(this.#outer());
  }

  wipe(): void {
    this.inbound?.wipe();
    this.inboundAh?.wipe();
    this.outbound?.wipe();
    this.outboundAh?.wipe();
  }

  /** What goes in front of the ESP header: nothing, where the caller's sockets do. */
  #front(): { readonly mode: IpsecMode; readonly outer?: OuterHeaderOptions; readonly udp?: UdpPorts } {
    const { espMode: mode } = this;
    if (this.path !== undefined) return { mode };
    if (mode === 'tunnel') return { mode, outer: this.#outer() };
    return this.inUdp ? { mode, udp: this.#ports() } : { mode };
  }

  #ahFront(sa: AgreedSa): { readonly mode: IpsecMode; readonly outer?: OuterHeaderOptions } {
    const mode = this.#ahMode(sa);
    return mode === 'tunnel' ? { mode, outer: this.#outer() } : { mode };
  }

  /** Around ESP, AH is behind the header that ESP has written, or left (RFC 4301 §4.3, transport adjacency). */
  #ahMode({ ipcomp, esp }: AgreedSa): IpsecMode {
    return esp === undefined && ipcomp === undefined ? this.mode : 'transport';
  }

  #decompressorOf(cpi: number, dscp: 'keep' | 'copy' | undefined): Decompressor {
    return new Decompressor({ cpi, mode: this.mode, ...dscpOf(this.mode, dscp) });
  }

  /** In tunnel mode it is IPComp that writes the header of the tunnel: ESP and AH go behind that (RFC 3173 §2). */
  #compressorOf(cpi: number): Compressor {
    const { mode } = this;
    const { source, destination } = this.#path;
    const outer = { ...this.#treatment, source: source.address, destination: destination.address };
    return new Compressor({ cpi, mode, rng: this.#rng, ...(mode === 'tunnel' ? { outer } : {}) });
  }

  /** Where sockets write the headers, the marker goes in front of what is theirs to send: see `transmitOf`. */
  #marked(sealed: Uint8Array): Uint8Array {
    return this.hasNonIkeMarker && this.path === undefined ? withNonIkeMarker(sealed) : sealed;
  }

  get #tunnelOctets(): number {
    return this.#remoteAddress.length === IPV4_OCTETS ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS;
  }

  #outer(): OuterHeaderOptions {
    const { source, destination } = this.#path;
    const header = { ...this.#treatment, source: source.address, destination: destination.address };
    return this.inUdp ? { ...header, udp: this.#ports() } : header;
  }

  #ports(): UdpPorts {
    const { source, destination } = this.#path;
    return { sourcePort: source.port, destinationPort: destination.port };
  }
}

type Sealer = Pick<OutboundSa, 'sealInto' | 'sealedOctets'>;

/** In the order in which a packet goes through them. */
function sealersOf(esp: Sealer | undefined, ah: Sealer | undefined): readonly [Sealer, ...Sealer[]] {
  if (esp !== undefined) return ah === undefined ? [esp] : [esp, ah];
  if (ah === undefined) throw new TypeError('agreement: must be of ESP or AH');
  return [ah];
}

function keep<Snapshot>(
  protocol: keyof ManualSnapshot,
  sa: { kept(snapshot: Snapshot): void } | undefined,
  snapshot: Snapshot | undefined,
): void {
  if (sa !== undefined && snapshot !== undefined) sa.kept(snapshot);
  else if (sa !== snapshot)
    throw new RangeError(`snapshot.${protocol}: must be there as there is outbound.${protocol}`);
}

function worseOf(a: LifetimeState = 'fresh', b: LifetimeState = 'fresh'): LifetimeState {
  if (a === 'hard' || b === 'hard') return 'hard';
  return a === 'soft' ? a : b;
}

function random32(rng: Rng): number {
  const octets = new Uint8Array(4);
  rng.fill(octets);
  return readU32(octets, 0);
}

/** Why what was to be compressed is not sent, in the words of ESP. */
function uncompressed(reason: IpcompRefusal): EspRefusal {
  return reason === 'bad-inner' || reason === 'fragment' ? reason : 'too-long';
}
