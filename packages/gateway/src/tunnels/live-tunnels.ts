import type { IpsecMode, NegotiatedChild } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import type { Selectors } from '../config.ts';
import type { ProtectingPolicy } from '../policy/ike-peers.ts';
import type { Rank } from '../policy/order.ts';
import type { PlacedEntry, Policies } from '../policy/policies.ts';
import type { SpdEntry } from '../policy/spd.ts';
import type { PacketFields } from '../selectors/packet-fields.ts';
import { identitiesFor, Population } from '../selectors/populate.ts';
import { type AgreedSelectors, selectorsOf } from '../selectors/selectors-of.ts';
import type { LiveTunnelInfo } from './live-tunnel-info.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelForm } from './tunnel-form.ts';

/** Tunnels of one live peer by one policy, and of all its peers. */
const TUNNELS_PER_PEER = 64;
const TUNNELS_PER_POLICY = 16_384;
const FAILED_MOST = 256;
/** Of a whole rank: less than the next policy's. */
const BEHIND = 0.5;

/** Why a live peer gets no tunnel for what it asks for. */
export type TunnelRefusal =
  /** What it asks for is another peer's. */
  | 'overlapping-selectors'
  /** It is not addresses of one family, or ports of a protocol that has none. */
  | 'unsupported-selectors'
  /** Each interface of the policy has a tunnel. */
  | 'no-interface-left'
  /** There are as many as may be. */
  | 'limit';

/** What becomes of a child of a live peer. */
export type Admission =
  | { readonly tunnel: Tunnel; readonly isNew: false }
  | {
      readonly tunnel: Tunnel;
      readonly isNew: true;
      readonly info: LiveTunnelInfo;
      /** Those that have to make room for it. */
      readonly displaced: readonly Tunnel[];
    }
  | { readonly refused: TunnelRefusal };

/** What packets of a policy go into: its tunnel, or one of those that are made as packets ask for them. */
export type Protector = Tunnel | LiveTunnels;

/** A tunnel that is there. */
interface Live {
  readonly tunnel: Tunnel;
  readonly info: LiveTunnelInfo;
  readonly placed: PlacedEntry<Protector>;
}

/**
 * The tunnels that live peers of a template have by one policy: made as their children are negotiated, and gone with the
 * last SA of each. Every one has an entry of its own in the SPD, where its policy stands among the others.
 */
export class LiveTunnels {
  readonly #policies: Policies<Protector>;
  readonly #rank: Rank;
  readonly #drawNumber: () => number;
  #form: TunnelForm<ProtectingPolicy>;
  readonly #tunnels = new Map<string, Live>();
  readonly #countByPeer = new Map<string, number>();
  #over: (() => void) | undefined;
  #population: Population | undefined;
  #placed: PlacedEntry<Protector> | undefined;
  #guard: SpdEntry<Protector> | undefined;
  /** Those that packets asked for in vain, oldest first: they wait before they are sought again. */
  readonly #failed = new Set<Tunnel>();

  /** `drawNumber`: gives each tunnel one that no other has. */
  constructor(policies: Policies<Protector>, rank: Rank, form: TunnelForm<ProtectingPolicy>, drawNumber: () => number) {
    this.#policies = policies;
    this.#drawNumber = drawNumber;
    this.#rank = rank;
    this.#form = form;
    for (const name of interfacesOf(form.policy)) policies.keep(name);
    this.#offer();
  }

  /** What of a packet their SAs protect. */
  get mode(): IpsecMode {
    return this.policy.action.mode ?? 'tunnel';
  }

  get readsErrors(): boolean {
    return false;
  }

  /** The tunnel that is for a packet like this one, made where there is none; undefined where there cannot be one. */
  populate(
    now: Instant,
    fields: PacketFields,
  ): { readonly tunnel: Tunnel; readonly info?: LiveTunnelInfo } | undefined {
    const selectors = this.#population?.selectorsFor(fields);
    if (selectors === undefined) return undefined;
    const { policy, peer } = this.#form;
    const key = keyOf(selectors, peer.name);
    const known = this.#tunnels.get(key);
    if (known !== undefined) return { tunnel: known.tunnel };
    if (this.#tunnels.size >= TUNNELS_PER_POLICY) return undefined;
    const made = this.#make(key, { peer: peer.name, establishedAt: now }, selectors, policy.interface);
    made.tunnel.beginsFor = identitiesFor(selectors);
    return made;
  }

  /** A tunnel that a packet has asked for has failed. Gives one that is no longer to be remembered for that, if any. */
  failed(tunnel: Tunnel): Tunnel | undefined {
    this.#failed.delete(tunnel);
    this.#failed.add(tunnel);
    if (this.#failed.size <= FAILED_MOST) return undefined;
    const [oldest] = this.#failed;
    if (oldest !== undefined) this.#failed.delete(oldest);
    return oldest;
  }

  /**
   * Takes a place behind the tunnels, where packets for which there is none ask for one. What of this host is to be protected
   * is not taken in the clear, be there a tunnel already or not (RFC 4301 §5.2).
   */
  #offer(): void {
    const { policy } = this.#form;
    if (this.mode === 'transport')
      this.#guard = this.#policies.guard(policy, { kind: 'protect', target: this }, this.#rank);
    const { populate = [] } = policy.action;
    if (populate.length === 0) return;
    const rank = this.#rank;
    this.#population = new Population(policy.selectors ?? {}, populate);
    this.#placed = this.#policies.add(
      policy,
      { kind: 'protect', target: this },
      {
        get at() {
          return rank.at + BEHIND;
        },
      },
    );
  }

  #withdraw(): void {
    if (this.#guard !== undefined) this.#policies.unguard(this.#guard);
    this.#guard = undefined;
    if (this.#placed !== undefined) this.#policies.delete(this.#placed);
    this.#placed = undefined;
    this.#population = undefined;
  }

  get policy(): ProtectingPolicy {
    return this.#form.policy;
  }

  get tunnels(): readonly Tunnel[] {
    return [...this.#tunnels.values()].map(({ tunnel }) => tunnel);
  }

  get infos(): readonly LiveTunnelInfo[] {
    return [...this.#tunnels.values()].map(({ info }) => info);
  }

  /** The policy is another: tunnels that are there stay as they are. */
  configure(form: TunnelForm<ProtectingPolicy>): void {
    for (const name of interfacesOf(form.policy)) this.#policies.keep(name);
    for (const name of interfacesOf(this.#form.policy)) this.#policies.release(name);
    this.#withdraw();
    this.#form = form;
    this.#offer();
  }

  /** No more tunnels are made; those that are there receive as long as they have SAs. `over`: when none is left. */
  retire(over: () => void): void {
    this.#withdraw();
    for (const { placed, tunnel } of [...this.#tunnels.values()]) {
      this.#policies.delete(placed);
      if (tunnel.isBare) tunnel.atEnd?.();
    }
    this.#over = over;
    this.#releaseIfOver();
  }

  /** The tunnel of a child, made where there is none. */
  admit(child: NegotiatedChild): Admission {
    const selectors = selectorsOf(child);
    if (selectors === undefined) return { refused: 'unsupported-selectors' };
    const key = keyOf(selectors, child.peer);
    const known = this.#tunnels.get(key);
    if (known !== undefined) return { tunnel: known.tunnel, isNew: false };
    const { policy } = this.#form;
    const own = policy.action.ownInterfaces;
    const insideInterface = own === undefined ? policy.interface : this.#freeInterface(own);
    if (own !== undefined && insideInterface === undefined) return { refused: 'no-interface-left' };
    const isFull = this.#tunnels.size >= TUNNELS_PER_POLICY || this.#countOf(child.peer) >= TUNNELS_PER_PEER;
    if (isFull) return { refused: 'limit' };
    const displaced = own === undefined ? this.#others(child.peer, insideInterface, selectors) : [];
    if (displaced.length > 0 && policy.action.overlap !== 'replace') return { refused: 'overlapping-selectors' };
    return { ...this.#make(key, child, selectors, insideInterface), isNew: true, displaced };
  }

  #make(
    key: string,
    { peer, establishedAt: since }: Pick<NegotiatedChild, 'peer' | 'establishedAt'>,
    selectors: AgreedSelectors,
    insideInterface: string | undefined,
  ): Live {
    const { policy, statistics, peer: template } = this.#form;
    const { interface: _, ...rest } = policy;
    const own: ProtectingPolicy = {
      ...rest,
      selectors,
      ...(insideInterface === undefined ? {} : { interface: insideInterface }),
    };
    const number = this.#drawNumber();
    const tunnel = new Tunnel({ policy: own, peer: { ...template, name: peer }, statistics }, number);
    const isRoutedInto = policy.action.ownInterfaces !== undefined;
    const place = {
      ...(insideInterface === undefined ? {} : { interface: insideInterface }),
      selectors: isRoutedInto ? {} : selectors,
    };
    const placed = this.#policies.add(place, { kind: 'protect', target: tunnel }, this.#rank);
    const info = { policy: policy.name, peer, ...selectors, insideInterface, number, since };
    const live = { tunnel, info, placed };
    this.#tunnels.set(key, live);
    this.#countByPeer.set(peer, this.#countOf(peer) + 1);
    tunnel.atEnd = () => {
      this.#failed.delete(tunnel);
      this.#forget(key, peer);
      this.#policies.delete(placed);
      return info;
    };
    return live;
  }

  #forget(key: string, peer: string): void {
    this.#tunnels.delete(key);
    const left = this.#countOf(peer) - 1;
    if (left > 0) this.#countByPeer.set(peer, left);
    else this.#countByPeer.delete(peer);
    this.#releaseIfOver();
  }

  #releaseIfOver(): void {
    const over = this.#over;
    if (over === undefined || this.#tunnels.size > 0) return;
    this.#over = undefined;
    for (const name of interfacesOf(this.#form.policy)) this.#policies.release(name);
    over();
  }

  #countOf(peer: string): number {
    return this.#countByPeer.get(peer) ?? 0;
  }

  #freeInterface(own: readonly string[]): string | undefined {
    return own.find((name) => this.#policies.isFree(name));
  }

  /** Tunnels of other live peers that packets for these selectors could go into. */
  #others(peer: string, insideInterface: string | undefined, selectors: Selectors): readonly Tunnel[] {
    return this.#policies
      .overlapping(insideInterface, selectors)
      .flatMap(({ action }) => (action.kind === 'protect' && action.target instanceof Tunnel ? [action.target] : []))
      .filter((tunnel) => tunnel.isLive && tunnel.peer.name !== peer);
  }
}

function keyOf(selectors: AgreedSelectors, peer: string): string {
  const { local, remote, protocol = 0, localPort = 0, remotePort = 0 } = selectors;
  return `${local} ${remote} ${protocol} ${localPort} ${remotePort} ${peer}`;
}

function interfacesOf({ interface: own, action }: ProtectingPolicy): readonly string[] {
  return action.ownInterfaces ?? (own === undefined ? [] : [own]);
}
