import {
  type Answer,
  type AnswerResult,
  type Endpoint,
  IkeEndpoint,
  type IkeEndpointConfig,
  type IkeSaInfo,
  type Question,
  RecordedEndpoint,
  type SasOfOld,
} from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import { requireFunction, requireInteger, requireObject } from './arguments.ts';
import { Audit, type GatewayAuditEvent } from './audit.ts';
import { checkConfig } from './check-config.ts';
import type { GatewayPeer, ManualSnapshot, PolicyConfig } from './config.ts';
import type { GatewayEvent } from './events.ts';
import { InboundProcessing } from './inbound/inbound.ts';
import { Opening } from './inbound/opening.ts';
import { SasByHand } from './manual/by-hand.ts';
import type { GatewayOptions } from './options.ts';
import { OutboundProcessing } from './outbound/outbound.ts';
import { DatagramCarrier } from './packets/carrier.ts';
import {
  type Datagram,
  Doors,
  type GatewayTransmit,
  type InsideTransmit,
  type InsideView,
  type TransmitView,
} from './packets/doors.ts';
import { Intake, taken } from './packets/intake.ts';
import { RunPool } from './packets/run-pool.ts';
import { ikePeers } from './policy/ike-peers.ts';
import { LocalAddresses } from './policy/local-addresses.ts';
import { Management } from './policy/management.ts';
import { Policies } from './policy/policies.ts';
import { ACCEPTED, type Outcome, RefusalCounter, type Refusals } from './refusals.ts';
import { FiledPairs } from './sas/filed-pairs.ts';
import { type GatewayTimeout, KeyManagement } from './sas/key-management.ts';
import type { IpsecSaInfo } from './sas/sa-info.ts';
import type { IpsecStatistics } from './sas/statistics.ts';
import type { LiveTunnelInfo } from './tunnels/live-tunnel-info.ts';
import type { Protector } from './tunnels/live-tunnels.ts';
import { Tunnels } from './tunnels/tunnels.ts';

const PACKET_SLOTS = 256;

/**
 * A security gateway without I/O: IKE, the SPD, the SAD and ESP behind two doors for packets and one for time.
 *
 * Every input takes `now` and returns what became of it; then the caller drains the outputs for the outside, the inside
 * and events, and calls `handleTimeout` when the clock reaches `pollTimeout().at`. An earlier `now` counts as the latest
 * seen. Nothing that the network sends throws, and what is refused changes nothing but a counter.
 *
 * Packets are handed in as they queue up, many at once or one alone: what there is goes through its SAs together, in
 * order, and nothing waits. They come out by `pollTransmit` and `pollInside`, which hand over copies, or by
 * `drainTransmit` and `drainInside`, which show them where they lie and allocate nothing.
 */
export class Gateway {
  readonly #ike: IkeEndpoint;
  readonly #keys: KeyManagement;
  readonly #byHand: SasByHand;
  readonly #tunnels: Tunnels;
  readonly #management: Management;
  readonly #outbound: OutboundProcessing;
  readonly #inbound: InboundProcessing;
  readonly #outside: 'ip' | 'udp';
  readonly #refusals = new RefusalCounter();
  readonly #audit: Audit;
  readonly #carrier = new DatagramCarrier();
  readonly #pool: RunPool;
  readonly #doors: Doors;
  /** For callers who do not ask. */
  readonly #outcomes: Outcome[] = [];
  readonly #intake: Intake;

  /**
   * @throws RangeError for a configuration that cannot work, naming the argument, and when the engine's arena is spent.
   * @throws TypeError for an argument of the wrong type, naming it, and for a suite that the engine does not support.
   */
  constructor(options: GatewayOptions) {
    requireObject(options, 'options');
    this.#audit = new Audit(options.audit);
    const { config, engine, rng, outside = 'ip', allowLegacy, softLifetime, keyLog, record } = options;
    requireObject(engine, 'engine');
    requireFunction(rng?.fill, 'rng.fill');
    const manual = { engine, outside, allowLegacy: allowLegacy ?? [] };
    checkConfig(config, manual);
    const ikeConfig: IkeEndpointConfig = {
      engine,
      rng,
      peers: ikePeers(config, outside),
      ...(allowLegacy === undefined ? {} : { allowLegacy }),
      ...(softLifetime === undefined ? {} : { softLifetime }),
      ...(keyLog === undefined ? {} : { keyLog }),
    };
    const ike = record === undefined ? new IkeEndpoint(ikeConfig) : new RecordedEndpoint(ikeConfig, record);
    const { establish = 'on-traffic' } = config;
    const refusals = this.#refusals;
    this.#ike = ike;
    const policies = new Policies<Protector>();
    const localAddresses = new LocalAddresses();
    const tunnels = new Tunnels(policies);
    const pairs = new FiledPairs();
    const keys = new KeyManagement({ ike, tunnels, pairs, engine, rng, refusals, outside, establish });
    const byHand = new SasByHand({ keys, pairs, engine, rng, outside });
    this.#tunnels = tunnels;
    this.#keys = keys;
    this.#byHand = byHand;
    this.#management = new Management({ ike, keys, byHand, pairs, tunnels, policies, localAddresses, outside, manual });
    this.#pool = new RunPool(engine, options.packetSlots ?? PACKET_SLOTS);
    this.#doors = new Doors(this.#pool);
    try {
      this.#management.fill(config);
    } catch (error) {
      byHand.removeAll();
      this.#pool.release();
      throw error;
    }
    const opening = new Opening(this.#keys, refusals, this.#doors, this.#pool, this.#audit);
    this.#outbound = new OutboundProcessing(policies, this.#keys, refusals, this.#doors, this.#pool, this.#audit);
    this.#inbound = new InboundProcessing(
      localAddresses,
      policies,
      this.#keys,
      pairs,
      refusals,
      this.#doors,
      opening,
      this.#audit,
    );
    this.#intake = new Intake(this.#pool, this.#doors, this.#keys, refusals);
    this.#outside = outside;
  }

  /** The IKE SAs as they are now, without keys. */
  ikeSas(): readonly IkeSaInfo[] {
    return this.#ike.ikeSas();
  }

  /** The IPsec SAs as they are now, without keys: of one policy or of all, in the order of the policies. */
  ipsecSas(policy?: string): readonly IpsecSaInfo[] {
    if (policy !== undefined) return this.#keys.ipsecSas(policy);
    const names = new Set([...this.#management.policyNames, ...this.#tunnels.retiredPolicies]);
    return [...names].flatMap((name) => this.#keys.ipsecSas(name));
  }

  /** What was counted under a label (see `Protection.statistics`); undefined where no policy has it. */
  statistics(label: string): IpsecStatistics | undefined {
    return this.#management.statistics.find(label)?.snapshot();
  }

  /** The tunnels of the live peers of templates, as they are now. */
  liveTunnels(): readonly LiveTunnelInfo[] {
    return this.#tunnels.live;
  }

  /**
   * Adds a peer, or a template of peers (RFC 4301 §4.4.3). Until a policy protects by it nothing comes of it.
   * @throws TypeError or RangeError, naming the argument, with nothing changed: for what cannot work, and for a peer that
   * cannot be told from another.
   */
  addPeer(now: Instant, peer: GatewayPeer): void {
    this.#manage(now, (at) => this.#management.addPeer(at, peer));
  }

  /**
   * Puts a peer in the place of the one of its name; its policies stay. `sas`: whether what was agreed on before is
   * deleted at both ends, or lasts as long as it lasts and is renewed as it is configured now; where this end has another
   * address, nothing can last.
   * @throws as `addPeer`; RangeError where no peer has the name.
   */
  replacePeer(now: Instant, peer: GatewayPeer, sas: SasOfOld = 'delete'): void {
    this.#manage(now, (at) => this.#management.replacePeer(at, peer, sas));
  }

  /**
   * Removes a peer that no policy protects by any more, and overwrites its key. `sas`: whether what was agreed on is
   * deleted at both ends, or lasts as long as it lasts.
   * @throws RangeError where no peer has the name, and while policies protect by it.
   */
  removePeer(now: Instant, peerName: string, sas: SasOfOld = 'delete'): void {
    this.#manage(now, (at) => this.#management.removePeer(at, peerName, sas));
  }

  /**
   * Adds a policy (RFC 4301 §4.4.1) in front of the one named `before`, or behind all others.
   * @throws TypeError or RangeError, naming the argument, with nothing changed.
   */
  addPolicy(now: Instant, policy: PolicyConfig, before?: string): void {
    this.#manage(now, (at) => this.#management.addPolicy(at, policy, before));
  }

  /**
   * Puts a policy in the place of the one of its name. `sas`: whether its SAs are deleted at both ends, or last as long as
   * they last and are renewed as it is configured now.
   * @throws as `addPolicy`; RangeError where there is none of the name, and where others share the SAs of one that is
   * to protect no more.
   */
  replacePolicy(now: Instant, policy: PolicyConfig, sas: SasOfOld = 'delete'): void {
    this.#manage(now, (at) => this.#management.replacePolicy(at, policy, sas));
  }

  /**
   * Removes a policy: the next one that takes its packets decides, so where that lets pass what was protected, put one
   * that discards in front of it first. `sas`: whether its SAs are deleted at both ends, or go on receiving as long as they
   * last.
   * @throws RangeError where there is none of the name, and while others share its SAs.
   */
  removePolicy(now: Instant, policyName: string, sas: SasOfOld = 'delete'): void {
    this.#manage(now, (at) => this.#management.removePolicy(at, policyName, sas));
  }

  /** How many packets and messages were refused so far, for each reason: a copy. */
  get refusals(): Refusals {
    return { ...this.#refusals.snapshot(), ike: this.#keys.ikeRefusals() };
  }

  /** NAT keepalives that came (RFC 3948 §4): no sign of life, and nothing to do. */
  get keepalivesReceived(): number {
    return this.#inbound.keepalives;
  }

  /** Takes one packet as `handleInsideBatch` takes many. */
  handleInside(now: Instant, packet: Uint8Array, insideInterface?: string): Outcome {
    const outcome: [Outcome] = [ACCEPTED.held];
    this.handleInsideBatch(now, [packet], insideInterface, outcome);
    return outcome[0];
  }

  /**
   * Takes whole IP packets that are to leave the inside. Octets behind their total lengths are ignored; what is kept of
   * them is copied.
   *
   * @param insideInterface The interface whose policies decide (see `PolicyConfig.interface`). Default: that of the
   *   first policy that names one, or none.
   * @param outcomes Is told at the index of each packet what became of it.
   * @returns How many were not refused.
   */
  handleInsideBatch(
    now: Instant,
    packets: Iterable<Uint8Array>,
    insideInterface?: string,
    outcomes: Outcome[] = this.#outcomes,
  ): number {
    const at = this.#intake.advance(now);
    const refusal = this.#intake.refusal;
    if (refusal !== undefined) return this.#intake.refuseAll(packets, outcomes, refusal);
    const count = this.#outbound.take(at, packets, insideInterface, outcomes);
    this.#drainKeys(at);
    return taken(outcomes, count);
  }

  /**
   * Sends a dummy by each tunnel of a policy that has an SA with ESP (RFC 4303 §2.6): it looks like a packet from the inside,
   * and the other end discards it. When to send them, and how many, hides how much there is to say; that is the caller's to
   * know. They count for lifetimes and sequence numbers, and in no statistics.
   *
   * @param octets Of the packet that it looks like, 1 to 65535; as many as fit are taken.
   * @returns How many were sent.
   * @throws RangeError where no policy with SAs has the name, and for octets out of bounds.
   */
  sendDummies(now: Instant, policyName: string, octets: number): number {
    requireInteger(octets, 1, 65_535, 'octets');
    this.#management.requireTunnels(policyName);
    const at = this.#intake.advance(now);
    if (this.#intake.refusal !== undefined) return 0;
    const sent = this.#tunnels.of(policyName).filter((tunnel) => this.#outbound.sendDummy(at, tunnel, octets)).length;
    this.#drainKeys(at);
    return sent;
  }

  /**
   * What is to be kept of the outbound SAs of a policy, which are given by hand, before `keptByHand` lets `ahead` more packets
   * go out: see `ManualProtection.keepAhead`. A policy that resumes from the newest that was kept repeats no number and no IV.
   *
   * @param ahead A whole number to 2^32: what is not used of it is skipped when the SAs resume. Default 0.
   * @throws RangeError where no policy has SAs by hand and the name; TypeError where they are not kept.
   */
  snapshotByHand(policyName: string, ahead?: number): ManualSnapshot {
    return this.#byHand.of(policyName).snapshot(ahead);
  }

  /**
   * This snapshot is kept: packets that it covers may go out.
   * @throws as `snapshotByHand`; TypeError for what is no snapshot, RangeError for one of other SAs.
   */
  keptByHand(policyName: string, snapshot: ManualSnapshot): void {
    requireObject(snapshot, 'snapshot');
    this.#byHand.of(policyName).kept(snapshot);
  }

  /** Takes one packet as `handleOutsideBatch` takes many. */
  handleOutside(now: Instant, packet: Uint8Array): Outcome {
    const outcome: [Outcome] = [ACCEPTED.held];
    this.handleOutsideBatch(now, [packet], outcome);
    return outcome[0];
  }

  /**
   * Takes whole IP packets from the outside: ESP, ESP or IKE in UDP, or in the clear what the policy lets pass.
   *
   * @param outcomes Is told at the index of each packet what became of it.
   * @returns How many were not refused.
   */
  handleOutsideBatch(now: Instant, packets: Iterable<Uint8Array>, outcomes: Outcome[] = this.#outcomes): number {
    const at = this.#intake.advance(now);
    const refusal = this.#intake.refusal;
    if (refusal !== undefined) return this.#intake.refuseAll(packets, outcomes, refusal);
    const count = this.#inbound.take(at, packets, outcomes);
    this.#drainKeys(at);
    return taken(outcomes, count);
  }

  /** Takes the payload of one UDP datagram as `handleDatagrams` takes many. */
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array): Outcome {
    const outcome: [Outcome] = [ACCEPTED.held];
    this.handleDatagrams(now, [{ source: from, destination: to, octets: payload }], outcome);
    return outcome[0];
  }

  /**
   * Takes the payloads of UDP datagrams that reached the caller's own sockets: port 500 is for IKE, port 4500 for IKE,
   * ESP and keepalives (RFC 3948 §2).
   *
   * @param outcomes Is told at the index of each datagram what became of it.
   * @returns How many were not refused.
   */
  handleDatagrams(now: Instant, datagrams: Iterable<Datagram>, outcomes: Outcome[] = this.#outcomes): number {
    const at = this.#intake.advance(now);
    const refusal = this.#intake.refusal;
    if (refusal !== undefined) return this.#intake.refuseAll(datagrams, outcomes, refusal);
    const count = this.#inbound.takeDatagrams(at, datagrams, outcomes);
    this.#drainKeys(at);
    return taken(outcomes, count);
  }

  /** Does what is due at `now`; too early a call does nothing, and a late one catches up. */
  handleTimeout(now: Instant): void {
    const at = this.#intake.advance(now);
    if (this.#intake.isClosed) return;
    this.#keys.handleTimeout(at);
    this.#drainKeys(at);
  }

  /**
   * Answers a question of `pollQuestion`. Too late, or twice, it changes nothing.
   * @throws TypeError or RangeError, naming the argument, for an answer that is none.
   */
  answer(now: Instant, id: number, answer: Answer): AnswerResult {
    const at = this.#intake.advance(now);
    const result = this.#keys.answer(at, id, answer);
    this.#drainKeys(at);
    return result;
  }

  /** Deletes all SAs, telling the peers, and wipes their keys. Every later packet is refused. */
  close(now: Instant): void {
    if (this.#intake.isClosed) return;
    const at = this.#intake.advance(now);
    this.#keys.close(at);
    this.#byHand.removeAll();
    this.#drainKeys(at);
    this.#intake.close();
    this.#doors.leavePool();
    this.#pool.reclaim();
    this.#pool.release();
  }

  /** The next packet or datagram for the outside: a copy, for the caller to keep. */
  pollTransmit(): GatewayTransmit | undefined {
    return this.#doors.pollTransmit();
  }

  /** The next packet for the inside: a copy, for the caller to keep. */
  pollInside(): InsideTransmit | undefined {
    return this.#doors.pollInside();
  }

  /**
   * Shows everything for the outside, where it lies. The view is the same each time: valid until the next one. What it
   * shows stays in its place until the gateway's next input, be it time.
   */
  drainTransmit(visit: (out: TransmitView) => void): void {
    for (let out = this.#doors.viewTransmit(); out !== undefined; out = this.#doors.viewTransmit()) visit(out);
  }

  /** Shows everything for the inside, as `drainTransmit` does for the outside. */
  drainInside(visit: (inner: InsideView) => void): void {
    for (let inner = this.#doors.viewInside(); inner !== undefined; inner = this.#doors.viewInside()) visit(inner);
  }

  /** The next event, in the order in which they happened; undefined when none waits. */
  pollEvent(): GatewayEvent | undefined {
    return this.#keys.pollEvent();
  }

  /**
   * The next auditable event (RFC 4303 §3.4, RFC 4302 §3.4, RFC 4301 §5.2): a packet of no SA, replayed, forged, a fragment,
   * in the clear, or not what its SA is for. Undefined when none waits. They hold no keys, and need not be fetched.
   */
  pollAudit(): GatewayAuditEvent | undefined {
    return this.#audit.poll();
  }

  /** Auditable events since the last one that was kept that were too many to be told (see `GatewayOptions.audit`). */
  get auditsSuppressed(): number {
    return this.#audit.suppressed;
  }

  /** The next question to the caller, such as for the key of a peer whose `preSharedKey` is 'ask': see `answer`. */
  pollQuestion(): Question | undefined {
    return this.#ike.pollQuestion();
  }

  /** When to call `handleTimeout` next; undefined while nothing is to come, and once the gateway is closed. */
  pollTimeout(): GatewayTimeout | undefined {
    if (this.#intake.isClosed) return undefined;
    return this.#keys.pollTimeout();
  }

  /** Does what the caller asks for, and what follows from it. Once the gateway is closed nothing does. */
  #manage(now: Instant, command: (at: Instant) => void): void {
    const at = this.#intake.advance(now);
    if (this.#intake.isClosed) return;
    command(at);
    this.#keys.settle(at);
    this.#drainKeys(at);
  }

  /** Sends what IKE has to send, and what waited for the SAs that it made. */
  #drainKeys(now: Instant): void {
    this.#drainIke();
    for (let tunnel = this.#keys.pollReady(); tunnel !== undefined; tunnel = this.#keys.pollReady()) {
      this.#outbound.release(now, tunnel);
    }
    this.#drainIke();
    this.#management.sweep();
  }

  #sendPackets(packets: readonly Uint8Array[]): void {
    for (const octets of packets) this.#doors.outside.push({ kind: 'packet', octets });
  }

  #drainIke(): void {
    for (let message = this.#keys.pollTransmit(); message !== undefined; message = this.#keys.pollTransmit()) {
      if (this.#outside === 'udp') this.#doors.outside.push({ kind: 'datagram', ...message });
      else this.#sendPackets(this.#carrier.wrap(message));
    }
  }
}
