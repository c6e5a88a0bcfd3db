import type { EspRefusal } from '@espalier/esp';
import { type Instant, ip, packetTooBig, Reassembler } from '@espalier/wire';
import type { Audit } from '../audit.ts';
import { type Doors, transmitOf } from '../packets/doors.ts';
import { octetsOf, wholePacket } from '../packets/ip-packet.ts';
import { OpenRun } from '../packets/open-run.ts';
import { NO_ORIGIN, type PacketRun } from '../packets/packet-run.ts';
import type { RunPool } from '../packets/run-pool.ts';
import type { Policies } from '../policy/policies.ts';
import type { SpdAction } from '../policy/spd.ts';
import { ACCEPTED, type Outcome, type RefusalCounter } from '../refusals.ts';
import type { KeyManagement } from '../sas/key-management.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import type { Protector } from '../tunnels/live-tunnels.ts';
import { Tunnel } from '../tunnels/tunnel.ts';
import { fitToMtu, fragmentOuter, letFragment, mtuFor } from './path-mtu.ts';

/**
 * Outbound IP traffic processing, from the inside to the outside (RFC 4301 §5.1). The packets of one input gather in a
 * run, whatever their SAs, which is sealed when it is full, at the end of the input, and before something happens that may
 * end an SA.
 */
export class OutboundProcessing {
  readonly #policies: Policies<Protector>;
  readonly #keys: KeyManagement;
  readonly #refusals: RefusalCounter;
  readonly #doors: Doors;
  readonly #pool: RunPool;
  readonly #open: OpenRun;
  readonly #audit: Audit;
  /** Of packets that are to be whole before they are protected. */
  readonly #reassembler = new Reassembler();
  /** Of the present input, by the index of its packets. */
  #outcomes: Outcome[] = [];

  constructor(
    policies: Policies<Protector>,
    keys: KeyManagement,
    refusals: RefusalCounter,
    doors: Doors,
    pool: RunPool,
    audit: Audit,
  ) {
    this.#policies = policies;
    this.#audit = audit;
    this.#keys = keys;
    this.#refusals = refusals;
    this.#doors = doors;
    this.#pool = pool;
    this.#open = new OpenRun(pool, doors);
  }

  /** Writes what becomes of each packet into `outcomes`, and returns how many there were. */
  take(now: Instant, packets: Iterable<Uint8Array>, insideInterface: string | undefined, outcomes: Outcome[]): number {
    this.#outcomes = outcomes;
    let index = 0;
    try {
      for (const packet of packets) {
        outcomes[index] = this.#takeOne(now, packet, insideInterface, index);
        index += 1;
      }
    } finally {
      this.#sealAll(now);
    }
    return index;
  }

  /** Sends what waited for an SA of `tunnel`. */
  release(now: Instant, tunnel: Tunnel): void {
    for (const packet of tunnel.waiting.take()) this.#protect(now, tunnel, packet, NO_ORIGIN);
    this.#sealAll(now);
  }

  /** Sends a dummy by `tunnel`; false where it has no SA that carries one. */
  sendDummy(now: Instant, tunnel: Tunnel, octets: number): boolean {
    const pair = tunnel.sending;
    const sealed = pair?.sealDummy(now, octets);
    if (pair === undefined || sealed === undefined) return false;
    for (const piece of this.#piecesOf(now, pair, sealed)) this.#doors.outside.push(transmitOf(pair, piece));
    if (pair.outboundState(now) === 'soft') this.#keys.renew(now, tunnel, pair);
    return true;
  }

  #takeOne(now: Instant, octets: Uint8Array, insideInterface: string | undefined, origin: number): Outcome {
    const packet = wholePacket(octetsOf('packet', octets));
    if (packet === undefined) return this.#refusals.refuse('malformed-packet');
    const action = this.#actionOn(now, packet, insideInterface);
    switch (action?.kind) {
      case undefined:
        return this.#refusals.refuse('no-policy');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        this.#doors.outside.push({ kind: 'packet', octets: packet.slice() });
        return ACCEPTED.bypassed;
      case 'protect': {
        const { target } = action;
        const tunnel = target instanceof Tunnel ? target : this.#keys.populate(now, target, this.#policies.fields);
        if (tunnel === undefined) return this.#refusals.refuse('no-security-association');
        return this.#protectWhole(now, tunnel, packet, origin);
      }
    }
  }

  /** Where no SA is for an ICMP error itself, the one is that carries what it quotes (RFC 4301 §6). */
  #actionOn(now: Instant, packet: Uint8Array, insideInterface: string | undefined): SpdAction<Protector> | undefined {
    const action = this.#policies.lookUpOutbound(now, packet, insideInterface);
    if (action?.kind === 'protect') return action;
    const quoted = this.#policies.lookUpQuoted(packet, insideInterface);
    return quoted?.kind === 'protect' && quoted.target.readsErrors ? quoted : action;
  }

  /** In transport mode what is protected is a whole packet, never a fragment (RFC 4303 §3.1.1). */
  #protectWhole(now: Instant, tunnel: Tunnel, packet: Uint8Array, origin: number): Outcome {
    const isPiece = tunnel.mode === 'transport' && ip.isFragment(packet, 0, packet.length);
    if (!isPiece) return this.#protect(now, tunnel, packet, origin);
    const result = this.#reassembler.accept(now, packet);
    if (result.kind === 'pending') return ACCEPTED.held;
    return result.kind === 'whole'
      ? this.#protect(now, tunnel, result.packet, origin)
      : this.#refusals.refuse('bad-fragment');
  }

  /** `protected` is what becomes of the packet, unless its SA refuses it when the run is sealed. */
  #protect(now: Instant, tunnel: Tunnel, packet: Uint8Array, origin: number): Outcome {
    const pair = tunnel.sendingFor(packet);
    if (pair === undefined) return this.#wait(now, tunnel, packet);
    if (pair.outboundState(now) === 'hard') return this.#replace(now, tunnel, pair, packet, origin);
    const fitting = pair.pathMtu.inner(now);
    pair.outbound?.limitPadding(fitting);
    if (packet.length <= fitting) return this.#enter(now, tunnel, pair, packet, origin);
    return this.#protectLarge(now, tunnel, pair, packet, origin);
  }

  #protectLarge(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array, origin: number): Outcome {
    const fitting = pair.pathMtu.inner(now);
    const mtu = mtuFor(packet, fitting);
    const fragmentation = tunnel.fragmentation(pair);
    const isAfter = fragmentation === 'after' && tunnel.mayFragmentOuter(pair, packet);
    if (isAfter) return this.#enterInPieces(now, tunnel, pair, packet, origin);
    if (fragmentation !== 'before' && packet.length > mtu) return this.#answerTooLarge(tunnel, packet, mtu);
    const pieces = fitToMtu(packet, mtu, tunnel.clearDontFragment);
    if (pieces === 'malformed-packet') return this.#refusals.refuse(pieces);
    if (pieces === 'fragmentation-needed') return this.#answerTooLarge(tunnel, packet, mtu);
    let outcome: Outcome = ACCEPTED.protected;
    for (const piece of pieces) {
      outcome =
        piece.length <= fitting
          ? this.#enter(now, tunnel, pair, piece, origin)
          : this.#enterInPieces(now, tunnel, pair, piece, origin);
    }
    return outcome;
  }

  /** `pair` may carry no more: another one takes the packet, or it waits for another one. */
  #replace(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array, origin: number): Outcome {
    this.#sealAll(now);
    if (tunnel.sendingFor(packet) === pair) this.#keys.end(now, { tunnel, pair });
    return tunnel.sendingFor(packet) === pair
      ? this.#refuse(tunnel, 'expired', pair.outbound === undefined)
      : this.#protect(now, tunnel, packet, origin);
  }

  /** With others, or by itself where it cannot go with others. */
  #enter(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array, origin: number): Outcome {
    const fits = packet.length <= this.#pool.packetOctets;
    if (fits && this.#add(now, tunnel, pair, packet, origin)) return ACCEPTED.protected;
    this.#sealAll(now);
    if (tunnel.sendingFor(packet) !== pair) return this.#protect(now, tunnel, packet, origin);
    if (fits && this.#add(now, tunnel, pair, packet, origin)) return ACCEPTED.protected;
    return this.#sealAlone(now, tunnel, pair, packet);
  }

  /** By itself: its outer packet may be one that is fragmented, see `fragmentOuter`. */
  #enterInPieces(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array, origin: number): Outcome {
    this.#sealAll(now);
    if (tunnel.sendingFor(packet) !== pair) return this.#protect(now, tunnel, packet, origin);
    return this.#sealAlone(now, tunnel, pair, packet);
  }

  #add(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array, origin: number): boolean {
    if (pair.leavesBy === undefined) return false;
    const run = this.#open.get();
    if (!run.add(tunnel, pair, pair.leavesBy, packet, origin)) return false;
    if (tunnel.alters) {
      const { memory, offset, length } = run.batch.at(run.size - 1);
      this.#alter(now, tunnel, pair, memory, offset, length);
    }
    return true;
  }

  /** What a policy changes in packets as they enter. */
  #alter(now: Instant, tunnel: Tunnel, pair: SaPair, octets: Uint8Array, at: number, length: number): void {
    if (tunnel.clearDontFragment) letFragment(octets, at);
    tunnel.clampMss(now, pair, octets, at, length);
  }

  #sealAll(now: Instant): void {
    for (let run = this.#open.take(); run !== undefined; run = this.#open.take()) {
      run.seal(now);
      this.#settle(now, run);
    }
  }

  #settle(now: Instant, run: PacketRun): void {
    const { batch } = run;
    for (let i = 0; i < run.size; i++) {
      const packet = batch.at(i);
      if (packet.ok) {
        run.passed(i);
        countSent(run.tunnel(i), run.pair(i), run.addedOctets(i));
      } else if (packet.reason !== undefined) this.#settleRefused(now, run, i, packet.reason);
    }
    const { pairs } = run;
    for (let k = 0; k < pairs; k++) this.#hasSent(now, run.tunnel(run.firstOf(k)), run.pair(run.firstOf(k)));
    if (pairs > 0) this.#doors.outside.push(run);
    else this.#pool.end(run);
  }

  #hasSent(now: Instant, tunnel: Tunnel, pair: SaPair): void {
    this.#keys.sent(now, tunnel);
    if (pair.outboundState(now) === 'soft') this.#keys.renew(now, tunnel, pair);
  }

  /** What the SA could carry no more, another one takes. */
  #settleRefused(now: Instant, run: PacketRun, index: number, reason: EspRefusal): void {
    const tunnel = run.tunnel(index);
    const origin = run.origin(index);
    const isAh = run.isRefusedByAh(index);
    // What ESP has sealed already cannot be sealed by another pair.
    const isWhole = !isAh || run.pair(index).leavesBy === 'ah';
    const isOver = isWhole && (reason === 'expired' || reason === 'sequence-exhausted');
    if (reason === 'sequence-exhausted') this.#audit.ofSa(now, reason, 'outbound', run.pair(index));
    const outcome = isOver
      ? this.#replace(now, tunnel, run.pair(index), run.batch.at(index).octets, origin)
      : this.#refuse(tunnel, reason, isAh);
    if (origin !== NO_ORIGIN) this.#outcomes[origin] = outcome;
  }

  /** Sockets have a stack beneath that fragments. */
  #piecesOf(now: Instant, pair: SaPair, sealed: Uint8Array): readonly Uint8Array[] {
    const { path, pathMtu } = pair;
    return path === undefined ? fragmentOuter(sealed, pathMtu.piece(now, pair), pathMtu.identify()) : [sealed];
  }

  /** A packet that no slot has room for, or that leaves in pieces. */
  #sealAlone(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array): Outcome {
    const entering = packet.slice();
    this.#alter(now, tunnel, pair, entering, 0, entering.length);
    const sealed = pair.seal(now, entering);
    if (!sealed.ok) return this.#refuse(tunnel, sealed.reason, pair.outbound === undefined);
    countSent(tunnel, pair, packet.length);
    for (const piece of this.#piecesOf(now, pair, sealed.octets)) this.#doors.outside.push(transmitOf(pair, piece));
    this.#hasSent(now, tunnel, pair);
    return ACCEPTED.protected;
  }

  #wait(now: Instant, tunnel: Tunnel, packet: Uint8Array): Outcome {
    if (!tunnel.isNegotiating) this.#sealAll(now);
    const result = this.#keys.wait(now, tunnel, packet);
    return result === 'queued' ? ACCEPTED.queued : this.#refusals.refuse(result);
  }

  #answerTooLarge(tunnel: Tunnel, packet: Uint8Array, mtu: number): Outcome {
    const answer = packetTooBig(packet, mtu, tunnel.localAddress);
    if (answer !== undefined) this.#doors.inside.push({ packet: answer, insideInterface: tunnel.insideInterface });
    return this.#refusals.refuse('fragmentation-needed');
  }

  #refuse(tunnel: Tunnel, reason: EspRefusal, byAh: boolean): Outcome {
    if (byAh) tunnel.statistics.refusedByAh(reason);
    else tunnel.statistics.refused(reason);
    return byAh ? this.#refusals.refuseByAh(reason) : this.#refusals.refuseByEsp(reason);
  }
}

function countSent({ statistics }: Tunnel, pair: SaPair, innerOctets: number): void {
  if (pair.outbound !== undefined) statistics.encrypted(innerOctets);
  if (pair.outboundAh !== undefined) statistics.ahOutput(innerOctets);
}
