import type { ChildIdentities, IpsecMode } from '@espalier/ike';
import { type Instant, ip, parseAddress } from '@espalier/wire';
import type { TunnelPolicy } from '../manual/policy.ts';
import { PacketQueue } from '../packets/packet-queue.ts';
import { clampTcpMss, headerOctets } from '../packets/tcp-mss.ts';
import type { SequenceChecks } from '../sas/agreement.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import type { StatisticsCounter } from '../sas/statistics.ts';
import type { PacketFields } from '../selectors/packet-fields.ts';
import { SelectorMatcher } from '../selectors/selectors.ts';
import { BackOff } from './back-off.ts';
import type { LiveTunnelInfo } from './live-tunnel-info.ts';
import { Silence } from './silence.ts';
import type { TunnelForm, TunnelPeer } from './tunnel-form.ts';

/** Packets that may wait for the first SA of a tunnel, and their octets. */
const WAITING_LIMITS = { packets: 64, octets: 128 * 1024 };

/** A segment that no path is too small for: below it TCP makes no headway (as Linux has it). */
const LEAST_MSS = 88;

/** A policy that protects, at work: its SAs, and what waits for the first of them. */
export class Tunnel {
  readonly waiting: PacketQueue = new PacketQueue(WAITING_LIMITS);
  readonly backOff: BackOff = new BackOff();
  /** Between renewals for the sake of octets. */
  readonly renewals: BackOff = new BackOff();
  /** Of a live peer's tunnel, see `LiveTunnelInfo`. */
  readonly number: number | undefined;
  readonly silence: Silence = new Silence();
  /** Whether this side has begun a negotiation for want of an SA. */
  seeking = false;
  /**
   * Called as soon as it has no SA: then it is no more. Undefined for one that waits for its next SA. Of a live peer's
   * tunnel, it tells what that was.
   */
  atEnd: (() => LiveTunnelInfo | undefined) | undefined;
  /** What IKE is told to begin it for, where its policy leaves that open. */
  beginsFor: ChildIdentities | undefined;
  #form: ReadyForm;
  /** The one that sends comes first. */
  #established: readonly SaPair[] = [];
  /** Whether those are for different parts of what the policy is for. */
  #haveParts = false;
  /** Those that the peer may already use, but this side not yet. */
  #negotiated: readonly SaPair[] = [];

  constructor(form: TunnelForm, number?: number) {
    this.number = number;
    this.#form = ready(form);
  }

  /** It is configured otherwise: what is there stays as it was agreed on. */
  configure(form: TunnelForm): void {
    this.#form = ready(form);
  }

  /** Whether it is a live peer's, of a template. */
  get isLive(): boolean {
    return this.number !== undefined;
  }

  get policy(): TunnelPolicy {
    return this.#form.policy;
  }

  get peer(): TunnelPeer {
    return this.#form.peer;
  }

  get statistics(): StatisticsCounter {
    return this.#form.statistics;
  }

  /** 4 or 16 octets: this end. */
  get localAddress(): Uint8Array {
    return this.#form.localAddress;
  }

  get clearDontFragment(): boolean {
    return this.#form.clearDontFragment;
  }

  /** What the policy says of the numbers of packets that come in. */
  get sequenceChecks(): SequenceChecks {
    const { action } = this.#form.policy;
    return action.kind === 'manual' ? { antiReplayWindow: 'off' } : action;
  }

  /** The name of the policy, and of the child that IKE negotiates for it. */
  get name(): string {
    return this.#form.policy.name;
  }

  /** The interface that its packets come out of; undefined where the policy names none. */
  get insideInterface(): string | undefined {
    return this.#form.policy.interface;
  }

  /** Whether this side may begin a negotiation for it. */
  get mayBegin(): boolean {
    return this.atEnd === undefined || this.beginsFor !== undefined;
  }

  /** The pair that packets leave by: the one established last, unless it is superseded. */
  get sending(): SaPair | undefined {
    return this.#established[0];
  }

  /**
   * The pair that a packet leaves by. A peer may have asked for pairs for parts of what the policy is for: of those the newest
   * one of the part that the packet is of, if there is one.
   */
  sendingFor(packet: Uint8Array): SaPair | undefined {
    return this.#haveParts ? (this.#established.find((pair) => pair.isFor(packet)) ?? this.sending) : this.sending;
  }

  /** Whether an SA is on its way, by whichever side's wish. */
  get isNegotiating(): boolean {
    return this.seeking || this.#negotiated.length > 0;
  }

  /** Whether it has no SA at all. */
  get isBare(): boolean {
    return this.#established.length === 0 && this.#negotiated.length === 0;
  }

  get established(): readonly SaPair[] {
    return this.#established;
  }

  get negotiated(): readonly SaPair[] {
    return this.#negotiated;
  }

  has(pair: SaPair): boolean {
    return this.isEstablished(pair) || this.#negotiated.includes(pair);
  }

  isEstablished(pair: SaPair): boolean {
    return this.#established.includes(pair);
  }

  /** Whether a packet that comes in may come out of this tunnel (RFC 4301 §5.2). */
  admits(fields: PacketFields): boolean {
    return this.#form.selectors.matches(fields);
  }

  /** What of a packet its SAs protect. */
  get mode(): IpsecMode {
    return this.#form.mode;
  }

  /** Whether packets are changed as they enter. */
  get alters(): boolean {
    return this.#form.clearDontFragment || this.#form.tcpMss !== undefined;
  }

  /** Whether ICMP errors are told by what they quote. */
  get readsErrors(): boolean {
    return this.#form.readsErrors;
  }

  /** How packets that are too large for a pair become smaller. */
  fragmentation({ mode }: SaPair): 'before' | 'after' | 'refuse' {
    const { fragmentation = 'before' } = this.#form.policy.action;
    return mode === 'transport' && fragmentation === 'before' ? 'after' : fragmentation;
  }

  /** Whether the outer packet of the one at `at` may be fragmented. */
  mayFragmentOuter({ mode }: SaPair, octets: Uint8Array): boolean {
    // Of its own packets a host is the source (RFC 8200 §5).
    if (mode === 'transport')
      return ip.version(octets, 0) === 6 || this.clearDontFragment || !ip.dontFragment(octets, 0);
    const { df = this.clearDontFragment ? 'clear' : 'copy' } = this.#form.policy.action.outer ?? {};
    return df === 'copy' ? !ip.dontFragment(octets, 0) : df === 'clear';
  }

  /** Holds TCP connections of the packet to segments that fit, where the policy asks for it. */
  clampMss(now: Instant, { pathMtu }: SaPair, octets: Uint8Array, at: number, length: number): void {
    const { tcpMss } = this.#form;
    if (tcpMss === undefined) return;
    const most = tcpMss === 'path' ? Math.max(LEAST_MSS, pathMtu.inner(now) - headerOctets(octets, at)) : tcpMss;
    clampTcpMss(octets, at, at + length, most);
  }

  /** Whether what may come out depends on more than addresses, so that fragments matter (RFC 4301 §7). */
  get asksUpper(): boolean {
    return this.#form.selectors.upper !== undefined;
  }

  addNegotiated(pair: SaPair): void {
    this.#negotiated = this.#negotiated.concat(pair);
  }

  /** From now on `pair` sends; the older ones go on receiving. */
  establish(pair: SaPair): void {
    this.remove(pair);
    this.#arrange([pair].concat(this.#established));
  }

  /** From now on every other pair sends rather than `pair`, which goes on receiving. */
  supersede(pair: SaPair): void {
    if (!this.isEstablished(pair)) return;
    this.#arrange([...this.#established.filter((other) => other !== pair), pair]);
  }

  remove(pair: SaPair): void {
    this.#arrange(this.#established.filter((other) => other !== pair));
    this.#negotiated = this.#negotiated.filter((other) => other !== pair);
  }

  #arrange(established: readonly SaPair[]): void {
    const [first] = established;
    this.#established = established;
    this.#haveParts = first !== undefined && established.some((pair) => !pair.isOfPart(first));
  }
}

/** What is asked of it for every packet lies together: where many tunnels take turns, each object is a miss of the cache. */
interface ReadyForm extends TunnelForm {
  readonly selectors: SelectorMatcher;
  readonly mode: IpsecMode;
  readonly tcpMss: TunnelPolicy['action']['tcpMss'];
  readonly clearDontFragment: boolean;
  readonly readsErrors: boolean;
  readonly localAddress: Uint8Array;
}

function ready({ statistics, policy, peer }: TunnelForm): ReadyForm {
  const { selectors = {}, action } = policy;
  const { mode = 'tunnel', tcpMss, clearDontFragment = false } = action;
  return {
    statistics,
    selectors: new SelectorMatcher(action.admits === 'anything' ? {} : selectors),
    mode,
    tcpMss,
    clearDontFragment,
    readsErrors: action.icmpErrors === 'by-payload',
    policy,
    peer,
    localAddress: parseAddress(peer.local),
  };
}
