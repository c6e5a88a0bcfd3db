import type { Descriptors } from '../batch/descriptors.ts';
import type { EspRefusal } from '../sa/refusals.ts';

/**
 * What of an IP packet an SA protects (RFC 4301 §4.1): the whole of it, behind an outer header, or what is behind its IP
 * headers.
 */
export type Mode = (typeof MODES)[number];

export const MODES = ['tunnel', 'transport'] as const;

/** What is done around ESP on the way out. There are two shapes of it, so that V8 still inlines what it does. */
export interface OutboundMode {
  /** Octets that it writes in front of the ESP header and that were not in the packet. */
  readonly frontOctets: number;
  /** A packet that has no more octets is never too long. */
  readonly safeOctets: number;
  /** Whether `cover` has something to do. */
  readonly coversPayload: boolean;
  /** Why the packet at `at` is not one to be sealed. */
  fault(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined;
  /** Whether the packet, sealed, would be longer than one of IP may be. */
  isTooLong(memory: Uint8Array, at: number, octets: number): boolean;
  /** Octets of the headers that the packet begins with and that stay in clear. */
  clearOctets(memory: Uint8Array, at: number, octets: number): number;
  /** What the ESP trailer calls what lies at `payloadAt`. */
  nextHeader(memory: Uint8Array, at: number, payloadAt: number): number;
  /**
   * Writes what goes in front of the ESP header, which will be at `espAt`. The packet at `at` lies there as it came: its
   * payload stays, and its first `clearOctets` have been read for the last time when this returns.
   */
  write(memory: Uint8Array, at: number, espAt: number, espOctets: number): void;
  /** Writes the checksum of the UDP datagram in the packet at `at`, whose payload is sealed by now. */
  cover(memory: Uint8Array, at: number, octets: number): void;
}

/** What is done around ESP on the way in, with the packet at `index` of `packets`. */
export interface InboundMode {
  /** Whether what is carried is the IP packet, as it lies, where the outer header bears no mark of ECN. */
  readonly leavesUnmarked: boolean;
  /** Why what lies in front of the ESP header does not lead to it. */
  fault(memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined;
  /** Octets of what the opened payload carries, but for TFC padding; below 0 for what `refusalOf` tells. */
  carriedOctets(memory: Uint8Array, payloadAt: number, payloadOctets: number, nextHeader: number): number;
  /** Whether what is carried cannot bear the mark of an outer header with this TOS or traffic class (RFC 6040 §4.2). */
  isCongested(memory: Uint8Array, payloadAt: number, tos: number): boolean;
  /** Makes an IP packet of what is carried, all checks done. Returns where it begins; it ends where the other does. */
  deliver(
    memory: Uint8Array,
    packets: Descriptors,
    index: number,
    payloadAt: number,
    carriedOctets: number,
    nextHeader: number,
  ): number;
}

/** What `ip.packetOctets` says as well. */
export const BAD_INNER = -1;
export const BAD_NEXT_HEADER = -2;

/** The refusal that a negative number of octets stands for. */
export function refusalOf(code: number): EspRefusal {
  return code === BAD_NEXT_HEADER ? 'bad-next-header' : 'bad-inner';
}
