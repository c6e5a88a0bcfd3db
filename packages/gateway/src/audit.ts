import {
  type AuditableRefusal,
  type AuditEvent,
  type AuditLimits,
  AuditLog,
  espTraces,
  isAuditable,
  type PacketTraces,
  packetTraces,
} from '@espalier/esp';
import type { Instant } from '@espalier/wire';
import type { Datagram } from './packets/doors.ts';
import type { PacketRun } from './packets/packet-run.ts';
import type { GatewayRefusal, Outcome } from './refusals.ts';
import type { SaPair } from './sas/sa-pair.ts';

/**
 * What the gateway calls an auditable event: packets of no SA (RFC 4303 §3.4.2), what an SA was not negotiated for, and what
 * came in the clear and had to be protected (RFC 4301 §5.2).
 */
type GatewayAuditable = Extract<GatewayRefusal, 'unknown-spi' | 'selector-mismatch' | 'unprotected'>;

/** Why a packet is told of in the audit log. */
export type AuditReason = AuditableRefusal | GatewayAuditable;

/** An auditable event of the gateway. */
export type GatewayAuditEvent = AuditEvent<AuditReason>;

/** The auditable events of a gateway. What is refused is refused elsewhere: this only tells of it. */
export class Audit {
  readonly #log: AuditLog<AuditReason>;

  /** @throws RangeError, naming the option, for a limit that is none. */
  constructor(limits: AuditLimits | undefined) {
    this.#log = new AuditLog(limits);
  }

  get suppressed(): number {
    return this.#log.suppressed;
  }

  poll(): GatewayAuditEvent | undefined {
    return this.#log.poll();
  }

  /** What became of a whole IP packet. */
  packet(now: Instant, outcome: Outcome, packet: Uint8Array): void {
    const reason = reasonOf(outcome);
    if (reason !== undefined && this.#log.admits(now)) {
      this.#log.note(now, reason, packetTraces(packet, 0, packet.length));
    }
  }

  /** What became of the payload of a UDP datagram. */
  datagram(now: Instant, outcome: Outcome, { source, destination, octets }: Datagram): void {
    const reason = reasonOf(outcome);
    if (reason === undefined || !this.#log.admits(now)) return;
    const ends = { source: source.address, destination: destination.address };
    this.#log.note(now, reason, espTraces(octets, 0, octets.length, ends));
  }

  /** What became of a packet in a run, as it came and lies there still. */
  inRun(now: Instant, outcome: Outcome, run: PacketRun, index: number): void {
    const reason = reasonOf(outcome);
    if (reason === undefined || !this.#log.admits(now)) return;
    const { memory, offset, length } = run.batch.at(index);
    const head = run.headOctets(index);
    const { remote, local } = run.pair(index);
    const traces =
      head > 0
        ? packetTraces(memory, offset - head, offset + length)
        : espTraces(memory, offset, offset + length, { source: remote, destination: local });
    this.#log.note(now, reason, traces);
  }

  /** What came out of an SA, or was to go into one, and may not. */
  ofSa(now: Instant, reason: AuditReason, direction: 'inbound' | 'outbound', pair: SaPair): void {
    if (this.#log.admits(now)) this.#log.note(now, reason, tracesOf(direction, pair));
  }
}

function reasonOf(outcome: Outcome): AuditReason | undefined {
  if (outcome.ok || outcome.by === 'ike') return undefined;
  if (outcome.by !== 'gateway') return isAuditable(outcome.reason) ? outcome.reason : undefined;
  switch (outcome.reason) {
    case 'unknown-spi':
    case 'selector-mismatch':
    case 'unprotected':
      return outcome.reason;
    default:
      return undefined;
  }
}

function tracesOf(direction: 'inbound' | 'outbound', { name, local, remote }: SaPair): PacketTraces {
  const isInbound = direction === 'inbound';
  return {
    spi: name[direction],
    source: isInbound ? remote : local,
    destination: isInbound ? local : remote,
    sequence: undefined,
    flowLabel: undefined,
  };
}
