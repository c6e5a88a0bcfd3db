import { type Engine, type EspSuite, type Rng, wipe } from '@espalier/crypto';
import {
  InboundSa,
  type InboundSaOptions,
  OutboundSa,
  type OuterForm,
  type OuterHeaderOptions,
  type UdpPorts,
} from '@espalier/esp';
import type { ChildKeys, Endpoint, EspProtection, IpsecMode, NegotiatedChild, Role } from '@espalier/ike';
import { equalOctets, type Identification, type Instant, IPV4_OCTETS, ip, parseAddress, readU32 } from '@espalier/wire';
import type { OuterTreatment, SaName } from '../config.ts';
import type { PathNews } from '../inbound/path-news.ts';
import type { TunnelPolicy } from '../manual/policy.ts';
import type { SaAgreement } from './agreement.ts';
import { MAX_PACKET_OCTETS, PathMtu } from './path-mtu.ts';
import type { SaIdentifier } from './sad.ts';
import type { TunnelPeer } from './tunnel-form.ts';

/** Between which UDP end points packets go. */
export interface UdpPath {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** The two SAs that one Quick Mode agreed on, or that are given by hand. */
export class SaPair {
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
  readonly suite: EspSuite;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /** Undefined of SAs given by hand, as is the next one. */
  readonly softExpiry: Instant | undefined;
  readonly hardExpiry: Instant | undefined;
  readonly replayWindow: number | 'off';
  readonly pathMtu: PathMtu;
  readonly inbound: InboundSa;
  readonly outbound: OutboundSa;
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly inUdp: boolean;
  readonly mode: IpsecMode;
  /** Whether a successor was asked for. */
  rekeying = false;
  /** The number of the run that this pair has passed packets of last. */
  lastRun = 0;
  readonly #outside: 'ip' | 'udp';
  readonly #treatment: OuterTreatment;
  #path: UdpPath;
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
    this.name = { policy: name, inbound: inbound.spi, outbound: outbound.spi };
    this.peer = agreement.peer;
    this.role = agreement.role;
    this.suite = outbound.suite;
    this.localIdentity = agreement.localIdentity;
    this.remoteIdentity = agreement.remoteIdentity;
    this.softExpiry = agreement.life?.softExpiry;
    this.hardExpiry = agreement.life?.hardExpiry;
    this.replayWindow = agreement.antiReplayWindow;
    this.inUdp = agreement.inUdp;
    this.mode = agreement.mode;
    this.#outside = outside;
    this.#treatment = { df: action.clearDontFragment ? 'clear' : 'copy', ...action.outer };
    this.#path = { source: agreement.local, destination: agreement.remote };
    const local = parseAddress(agreement.local.address);
    this.#localAddress = equalOctets(local, localAddress) ? localAddress : local;
    this.#remoteAddress = parseAddress(agreement.remote.address);
    this.identifier = {
      spi: inbound.spi,
      ...(agreement.toldBy !== 'spi' && { destination: this.#localAddress }),
      ...(agreement.toldBy === 'both-ends' && { source: this.#remoteAddress }),
    };
    const family = this.#remoteAddress.length === IPV4_OCTETS ? 4 : 6;
    const form: OuterForm = { mode: this.mode, family, udp: this.inUdp };
    const identification = form.family === 6 ? random32(rng) : 0;
    this.pathMtu = new PathMtu(outbound.suite, form, outsideMtu, action.mtu ?? MAX_PACKET_OCTETS, identification);
    const common = {
      engine,
      mode: this.mode,
      esn: agreement.esn,
      ...(agreement.life && { lifetime: agreement.life.lifetime }),
    };
    const front = this.path === undefined ? this.#front() : {};
    try {
      this.inbound = new InboundSa({
        ...common,
        suite: inbound.suite,
        keys: inbound,
        spi: inbound.spi,
        replayWindow: this.replayWindow,
        ...inwards(agreement, action.dscpInside),
      });
      this.outbound = buildBeside(
        this.inbound,
        () => new OutboundSa({ ...common, suite: outbound.suite, keys: outbound, spi: outbound.spi, rng, ...front }),
      );
    } finally {
      wipeKeys(inbound);
      wipeKeys(outbound);
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

  /** Whether this is where the peer is known to be. */
  isPeer({ address, port }: Endpoint): boolean {
    const { destination } = this.#path;
    return destination.port === port && destination.address === address;
  }

  /** Whether an IP packet from this port comes from where the peer is known to be. */
  isSourceOf(packet: Uint8Array, sourcePort: number): boolean {
    return this.#path.destination.port === sourcePort && ip.isFrom(packet, 0, this.#remoteAddress);
  }

  /** Whether the packet that is told of is one of these SAs. */
  isTold({ source, destination, ports, spi }: PathNews): boolean {
    const path = this.#path;
    return (
      spi === (this.name.outbound | 0) &&
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
    if (this.path !== undefined) return;
    if (this.mode === 'transport') this.outbound.redirectUdp(this.#ports());
    else this.outbound.redirect(this.#outer());
  }

  wipe(): void {
    this.inbound.wipe();
    this.outbound.wipe();
  }

  /** What goes in front of the ESP header. */
  #front(): { readonly outer?: OuterHeaderOptions; readonly udp?: UdpPorts } {
    if (this.mode === 'tunnel') return { outer: this.#outer() };
    return this.inUdp ? { udp: this.#ports() } : {};
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

/** How what an SA brings is delivered: checksums mended behind a NAT (RFC 3948 §3.1.2), or the DSCP of a tunnel. */
function inwards(
  { mode, inUdp, originalAddresses }: SaAgreement,
  dscp: 'keep' | 'copy' | undefined,
): Pick<InboundSaOptions, 'originalAddresses' | 'dscp'> {
  if (mode === 'tunnel') return dscp === undefined ? {} : { dscp };
  if (!inUdp) return {};
  if (originalAddresses === undefined) return { originalAddresses: 'unknown' };
  const { local, remote } = originalAddresses;
  return { originalAddresses: { source: remote, destination: local } };
}

function buildBeside(first: InboundSa, build: () => OutboundSa): OutboundSa {
  try {
    return build();
  } catch (error) {
    first.wipe();
    throw error;
  }
}

function random32(rng: Rng): number {
  const octets = new Uint8Array(4);
  rng.fill(octets);
  return readU32(octets, 0);
}

/** Overwrites the keys of a child of which nothing is built. */
export function wipeChild({ protections }: NegotiatedChild): void {
  for (const { inbound, outbound } of protections) {
    wipeKeys(inbound);
    wipeKeys(outbound);
  }
}

/** Undefined where a child is protected otherwise than by ESP alone. */
export function espAlone({ protections }: NegotiatedChild): EspProtection | undefined {
  const [first] = protections;
  return protections.length === 1 && first?.protocol === 'esp' ? first : undefined;
}

function wipeKeys({ encryption, salt, integrity }: ChildKeys): void {
  wipe(encryption, salt, integrity);
}
