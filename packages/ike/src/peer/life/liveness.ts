import { after, type Duration, type Instant, milliseconds, type Spi } from '@espalier/wire';
import type { DeleteReason } from '../../failures.ts';
import { ASKED_BY_PHASE_1_PAUSE, MESSAGE_3_ON_ITS_WAY, UNKNOWN_SPI_PAUSE } from '../../limits.ts';
import type { ChildPolicy } from '../../types.ts';
import { invalidSpi, type UnknownSpi } from '../../v1/informational/invalid-spi.ts';
import { probeNotification } from '../../v1/informational/probe.ts';
import { ASKED_PACE, DeadPeerDetector, type Watched } from '../path/dead-peer.ts';
import type { Living } from './living.ts';

/** Whose signs of life are looked for. */
export interface Watchable extends Living {
  /** Whether there is any SA with the peer. */
  readonly isInUse: boolean;
  readonly calls: { readonly mayConnect: boolean; connect(): void };
  readonly endings: { endChild(inbound: Spi, reason: DeleteReason): boolean };
  readonly negotiations: { renew(policy: ChildPolicy | undefined, inbound: Spi): void };
  /** It has given none. */
  dead(): void;
}

/** Whether a peer is there, and still has what this side sends by. */
export class Liveness implements Watched {
  readonly #of: Watchable;
  #detector: DeadPeerDetector | undefined;
  /** When it was told last of an SPI that is nobody's. */
  #spiToldAt: Instant | undefined;
  /** When, and how long after the last time, it may be asked for a sign of life by a new phase 1. */
  #askAgain: Instant | undefined;
  #askPause: Duration = ASKED_BY_PHASE_1_PAUSE;

  constructor(of: Watchable) {
    this.#of = of;
  }

  get isInUse(): boolean {
    return this.#of.isInUse;
  }

  /** Something authentic came. */
  alive(): void {
    this.#detector?.alive();
  }

  acknowledged(sequence: number): void {
    this.#detector?.acknowledged(sequence);
  }

  /** A packet came. */
  noteTraffic(): void {
    this.#askPause = ASKED_BY_PHASE_1_PAUSE;
    this.#detector?.alive();
  }

  /** Asks for a sign of life, be the peer watched or not. Of one that does not speak of this phase 1 is the question. */
  ask(): void {
    const { ikeSas, environment, entry } = this.#of;
    const answersProbes = ikeSas.established().some(({ sa }) => sa?.deadPeerDetection === true);
    if (!answersProbes && !this.#mayAskByPhase1()) return;
    const pace = entry.config.deadPeerDetection ?? ASKED_PACE;
    this.#detector ??= new DeadPeerDetector(environment, pace, this);
    this.#detector.ask();
  }

  /** As configured: not at all unless it is. */
  watch(): void {
    const { environment, entry } = this.#of;
    const { deadPeerDetection } = entry.config;
    if (deadPeerDetection === undefined) return;
    this.#detector ??= new DeadPeerDetector(environment, deadPeerDetection, this);
    this.#detector.watch();
  }

  stop(): void {
    this.#detector?.stop();
  }

  /** Without an IKE SA to ask with, a new one is the question. */
  probe(sequence: number): void {
    const { ikeSas, calls } = this.#of;
    const ikeSa = ikeSas.current();
    if (ikeSa?.sa?.deadPeerDetection !== true) calls.connect();
    else ikeSa.inform([probeNotification(ikeSa.cookies, { kind: 'R-U-THERE', sequence })]);
  }

  dead(): void {
    this.#of.dead();
  }

  /** Packets came whose SPI is nobody's: the peer is told, seldom, if there is an IKE SA to tell it under. */
  tellUnknownSpi(unknown: UnknownSpi): void {
    const { ikeSas, environment } = this.#of;
    const ikeSa = ikeSas.current();
    const { now } = environment;
    if (ikeSa === undefined || (this.#spiToldAt !== undefined && now < after(this.#spiToldAt, UNKNOWN_SPI_PAUSE)))
      return;
    this.#spiToldAt = now;
    ikeSa.inform([invalidSpi(unknown)]);
  }

  /**
   * The peer has no SA with an SPI that it is sent to with (RFC 2408 §3.14.1). Obeyed if it is the peer that says so, unless
   * it may not have message 3 yet; else a reason to ask.
   */
  heed(unknown: UnknownSpi, authenticated: boolean): void {
    const { children, environment, endings, negotiations } = this.#of;
    const child = children.sendingWith(unknown);
    if (child === undefined) return;
    const isYoung = environment.now < after(child.establishedAt, MESSAGE_3_ON_ITS_WAY);
    if (isYoung) return;
    if (!authenticated) {
      this.ask();
      return;
    }
    const policy = children.policyOf(child.inbound);
    const wasSending = children.isSending(child.inbound);
    if (endings.endChild(child.inbound, 'unknown-to-peer') && wasSending) negotiations.renew(policy, child.inbound);
  }

  /** What a phase 1 costs is not spent on traffic of one direction again and again. */
  #mayAskByPhase1(): boolean {
    const { environment, calls } = this.#of;
    const { now } = environment;
    if (!calls.mayConnect || !this.isInUse || (this.#askAgain !== undefined && now < this.#askAgain)) return false;
    this.#askAgain = after(now, this.#askPause);
    this.#askPause = milliseconds(2 * this.#askPause);
    return true;
  }
}
