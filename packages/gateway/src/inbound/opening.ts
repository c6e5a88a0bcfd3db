import type { EspRefusal } from '@espalier/esp';
import type { Endpoint } from '@espalier/ike';
import { espSequence, type Instant, ip, PROTOCOL } from '@espalier/wire';
import type { Audit } from '../audit.ts';
import type { Doors } from '../packets/doors.ts';
import { quotedAt } from '../packets/icmp-error.ts';
import { OpenRun } from '../packets/open-run.ts';
import type { PacketRun } from '../packets/packet-run.ts';
import type { RunPool } from '../packets/run-pool.ts';
import { ACCEPTED, type Outcome, type RefusalCounter } from '../refusals.ts';
import type { InboundEntry } from '../sas/filed-pairs.ts';
import type { KeyManagement } from '../sas/key-management.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import { FragmentMemory } from '../selectors/fragments.ts';
import { PacketFields } from '../selectors/packet-fields.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';

/**
 * Packets of ESP and AH on their way through their SAs. Those of one input gather in a run, whatever their SAs, which is
 * opened when it is full, when other protocols are around the next one, at the end of the input, and before something
 * happens that may end an SA.
 */
export class Opening {
  readonly #keys: KeyManagement;
  readonly #refusals: RefusalCounter;
  readonly #doors: Doors;
  readonly #pool: RunPool;
  readonly #open: OpenRun;
  readonly #audit: Audit;
  readonly #fields = new PacketFields();
  readonly #fragments = new FragmentMemory();
  /** Of the present input, by the index of its packets. */
  #outcomes: Outcome[] = [];

  constructor(keys: KeyManagement, refusals: RefusalCounter, doors: Doors, pool: RunPool, audit: Audit) {
    this.#keys = keys;
    this.#audit = audit;
    this.#refusals = refusals;
    this.#doors = doors;
    this.#pool = pool;
    this.#open = new OpenRun(pool, doors);
  }

  /** A new input, of whose packets `outcomes` is to tell. */
  begin(outcomes: Outcome[]): void {
    this.#outcomes = outcomes;
  }

  /**
   * Takes a packet of which ESP begins at `espAt`. `accepted` is what becomes of it unless the SA or its policy refuses
   * it later, when the run is opened.
   *
   * @param origin Which packet of the input it is.
   * @param from Where it came from if that is elsewhere than where the peer is known to be.
   */
  take(
    now: Instant,
    entry: InboundEntry,
    packet: Uint8Array,
    espAt: number,
    tos: number,
    origin: number,
    from?: Endpoint,
  ): Outcome {
    if (this.#add(entry, packet, espAt, tos, origin, from)) return ACCEPTED.accepted;
    this.openAll(now);
    if (!entry.tunnel.has(entry.pair)) return this.#refusals.refuse('unknown-spi');
    if (this.#add(entry, packet, espAt, tos, origin, from)) return ACCEPTED.accepted;
    return this.#openAlone(now, entry, packet, espAt, tos, from);
  }

  /**
   * Takes a packet of which AH begins at `ahAt`, likewise. What AH carries may be ESP, for which there is an SA of the same
   * agreement (RFC 4301 §4.5.1); alone that is not received.
   */
  takeAh(now: Instant, entry: InboundEntry, packet: Uint8Array, ahAt: number, origin: number): Outcome {
    const tos = ip.tos(packet, 0);
    if (this.#add(entry, packet, ahAt, tos, origin, undefined)) return ACCEPTED.accepted;
    this.openAll(now);
    if (!entry.tunnel.has(entry.pair)) return this.#refusals.refuse('unknown-spi');
    if (this.#add(entry, packet, ahAt, tos, origin, undefined)) return ACCEPTED.accepted;
    return this.#openAhAlone(now, entry, packet, ahAt, tos);
  }

  openAll(now: Instant): void {
    const run = this.#open.take();
    if (run === undefined) return;
    run.open(now);
    this.#settle(now, run);
  }

  #add(
    { tunnel, pair }: InboundEntry,
    packet: Uint8Array,
    headOctets: number,
    tos: number,
    origin: number,
    from: Endpoint | undefined,
  ): boolean {
    if (pair.comesBy === undefined || packet.length - headOctets > this.#pool.packetOctets) return false;
    const run = this.#open.get();
    if (!run.add(tunnel, pair, pair.comesBy, packet, origin, tos, headOctets)) return false;
    if (from !== undefined) run.cameFrom(from, espSequence(packet, headOctets));
    return true;
  }

  #settle(now: Instant, run: PacketRun): void {
    const { batch } = run;
    let admitted = 0;
    for (let i = 0; i < run.size; i++) {
      const packet = batch.at(i);
      if (!packet.ok) {
        this.#settleRefused(now, run, i, packet.reason);
        continue;
      }
      if (run.isBare(i)) {
        this.#settleWithheld(now, run, i, 'unprotected');
        continue;
      }
      run.passed(i);
      const tunnel = run.tunnel(i);
      if (this.#admits(now, tunnel, packet.memory, packet.offset, packet.length)) {
        countReceived(tunnel, run.pair(i), packet.length);
        tunnel.clampMss(now, run.pair(i), packet.memory, packet.offset, packet.length);
        admitted += 1;
      } else {
        this.#settleWithheld(now, run, i, 'selector-mismatch');
      }
    }
    for (const { index, sequence, from } of run.arrivals) {
      if (batch.at(index).ok) this.#followNewest(now, run.pair(index), sequence, from);
    }
    for (let k = 0; k < run.pairs; k++) this.#heardFrom(now, run.tunnel(run.firstOf(k)), run.pair(run.firstOf(k)));
    if (admitted > 0) this.#doors.inside.push(run);
    else this.#pool.end(run);
  }

  /** RFC 4301 §5.2: what an SA carries must be what it is for. */
  #admits(now: Instant, tunnel: Tunnel, octets: Uint8Array, at: number, length: number): boolean {
    const fields = this.#fields.inbound(octets, at, at + length);
    if (tunnel.asksUpper && fields.isFragment) this.#fragments.apply(now, fields, tunnel);
    return tunnel.admits(fields) || this.#admitsError(tunnel, octets, at, at + length);
  }

  /** RFC 4301 §6: of an error the packet that it quotes counts, which went the other way. */
  #admitsError(tunnel: Tunnel, octets: Uint8Array, at: number, end: number): boolean {
    const quoted = tunnel.readsErrors ? quotedAt(octets, at, end) : -1;
    return quoted >= 0 && tunnel.admits(this.#fields.outbound(octets, quoted, end));
  }

  /** What its SAs have found good, but may not come out of them. */
  #settleWithheld(now: Instant, run: PacketRun, index: number, reason: 'unprotected' | 'selector-mismatch'): void {
    run.withhold(index);
    this.#outcomes[run.origin(index)] = this.#refusals.refuse(reason);
    this.#audit.ofSa(now, reason, 'inbound', run.pair(index));
  }

  #settleRefused(now: Instant, run: PacketRun, index: number, reason: EspRefusal | undefined): void {
    if (reason === undefined) return;
    const { statistics } = run.tunnel(index);
    const byAh = run.isRefusedByAh(index);
    if (byAh) statistics.refusedByAh(reason);
    else statistics.refused(reason);
    const outcome = byAh ? this.#refusals.refuseByAh(reason) : this.#refusals.refuseByEsp(reason);
    this.#outcomes[run.origin(index)] = outcome;
    this.#audit.inRun(now, outcome, run, index);
  }

  #openAhAlone(now: Instant, { tunnel, pair }: InboundEntry, packet: Uint8Array, ahAt: number, tos: number): Outcome {
    const { inbound: esp, inboundAh: ah } = pair;
    if (ah === undefined) return this.#refusals.refuse('unknown-spi');
    const verified = ah.openInto(now, packet, new Uint8Array(packet.length), tos, ahAt);
    if (!verified.ok) {
      tunnel.statistics.refusedByAh(verified.reason);
      return this.#refusals.refuseByAh(verified.reason);
    }
    const { octets } = verified;
    if (esp === undefined) return this.#deliver(now, tunnel, pair, octets);
    if (ip.protocol(octets, 0, octets.length) !== PROTOCOL.esp) return this.#refusals.refuse('unprotected');
    return this.#openAlone(now, { tunnel, pair }, octets, ip.payloadAt(octets, 0, octets.length), tos, undefined);
  }

  /** A packet that no slot has room for, or that was compressed. */
  #openAlone(
    now: Instant,
    entry: InboundEntry,
    arrived: Uint8Array,
    espAt: number,
    tos: number,
    from: Endpoint | undefined,
  ): Outcome {
    const { tunnel, pair } = entry;
    const opened = pair.inbound?.openInto(now, arrived, new Uint8Array(arrived.length), tos, espAt);
    if (opened === undefined) return this.#refusals.refuse('unknown-spi');
    if (!opened.ok) {
      tunnel.statistics.refused(opened.reason);
      return this.#refusals.refuseByEsp(opened.reason);
    }
    if (from !== undefined) this.#followNewest(now, pair, espSequence(arrived, espAt), from);
    return this.#deliver(now, tunnel, pair, opened.octets);
  }

  /** What all SAs of a pair have found good. */
  #deliver(now: Instant, tunnel: Tunnel, pair: SaPair, carried: Uint8Array): Outcome {
    this.#heardFrom(now, tunnel, pair);
    const packet = pair.decompress(carried);
    if (packet === undefined) return this.#refusals.refuse('bad-compression');
    if (!this.#admits(now, tunnel, packet, 0, packet.length)) return this.#refusals.refuse('selector-mismatch');
    countReceived(tunnel, pair, packet.length);
    tunnel.clampMss(now, pair, packet, 0, packet.length);
    this.#doors.inside.push({ packet, insideInterface: tunnel.insideInterface });
    return ACCEPTED.accepted;
  }

  /**
   * Follows a peer that has moved, if this packet is the newest: one that was held up on its way tells nothing, and
   * without an anti-replay window none does, for anyone could send an old packet from anywhere.
   */
  #followNewest(now: Instant, pair: SaPair, sequence: number, from: Endpoint): void {
    const highestSequence = pair.inbound?.highestSequence;
    if (highestSequence !== undefined && BigInt.asUintN(32, highestSequence) === BigInt(sequence)) {
      this.#keys.follow(now, pair, from);
    }
  }

  /** Good packets came through this pair. */
  #heardFrom(now: Instant, tunnel: Tunnel, pair: SaPair): void {
    this.#keys.confirm(now, tunnel, pair);
    if (pair.inboundState(now) === 'soft') this.#keys.renew(now, tunnel, pair);
  }
}

function countReceived({ statistics }: Tunnel, pair: SaPair, innerOctets: number): void {
  if (pair.inbound !== undefined) statistics.decrypted(innerOctets);
  if (pair.inboundAh !== undefined) statistics.ahInput(innerOctets);
}
