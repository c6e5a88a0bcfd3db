import type { ReplayVerdict } from '@espalier/replay';

/**
 * Why a packet was not sealed or not opened. The order is that of the checks of a packet that comes in, then those of
 * a packet that goes out: of several faults the first is named.
 */
export const ESP_REFUSALS = [
  /**
   * Transport mode, and AH: what is in front is no IP header that leads to it, or one whose options have no form
   * (RFC 4303 §3.1.1, RFC 4302 §3.1.1).
   */
  'bad-outer',
  /** Transport mode, and AH, take whole packets and no fragment of one (RFC 4303 §3.3.4, §3.4.1, RFC 4302 §3.4.1). */
  'fragment',
  /** Shorter than the least that the suite makes, or not whole cipher blocks (RFC 4303 §2); an AH of another length. */
  'malformed',
  /** The packet names another SA. */
  'wrong-spi',
  /** A hard lifetime is over (RFC 4301 §4.4.2.1). */
  'expired',
  /** Sequence number 0, which no sender uses (RFC 4303 §3.3.3). */
  'sequence-zero',
  /** The sequence number was taken before (RFC 4303 §3.4.3). */
  'replayed',
  /** The sequence number lies below the replay window. */
  'too-old',
  /** The SA uses only sequence numbers that a snapshot covers which is kept, and no kept one covers this number. */
  'not-kept',
  /** The ICV is wrong (RFC 4303 §3.4.4). Nobody learns more. */
  'bad-icv',
  /** The padding is not 1, 2, 3, ... or longer than the payload (RFC 4303 §2.4). */
  'bad-padding',
  /** Tunnel mode carries IPv4 or IPv6 and nothing else; transport mode no header that must come before ESP. */
  'bad-next-header',
  /** Traffic flow confidentiality: a dummy, to be discarded silently (RFC 4303 §2.6). No fault of anyone. */
  'dummy',
  /** What is to be sealed, or was opened, is not a whole IP packet, or one whose headers have no form. */
  'bad-inner',
  /** Marked as congested outside, and the inner packet cannot carry the mark (RFC 6040 §4.2). */
  'congested',
  /** The SA has no sequence number left (RFC 4303 §3.3.3). */
  'sequence-exhausted',
  /** Sealed, it would be longer than an IP packet may be. */
  'too-long',
] as const;

/** Why a packet was not sealed or not opened: one of `ESP_REFUSALS`. */
export type EspRefusal = (typeof ESP_REFUSALS)[number];

/** A packet that was not sealed or not opened. Frozen; one value for each reason. */
export interface Refused {
  readonly ok: false;
  readonly reason: EspRefusal;
}

/** The refusal of that reason: always the same frozen value. */
export function refused(reason: EspRefusal): Refused {
  return REFUSED.get(reason) ?? freeze(reason);
}

/** The refusal of a packet that the replay window does not take. */
export function replayRefusal(verdict: Exclude<ReplayVerdict, 'new'>): EspRefusal {
  return verdict === 'zero' ? 'sequence-zero' : verdict;
}

const REFUSED: ReadonlyMap<EspRefusal, Refused> = new Map(ESP_REFUSALS.map((reason) => [reason, freeze(reason)]));

function freeze(reason: EspRefusal): Refused {
  return Object.freeze({ ok: false, reason });
}
