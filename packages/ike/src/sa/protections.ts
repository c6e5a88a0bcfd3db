import type { AhSuite, EspSuite } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';

/** The keys of one direction of a protection: the receiver of the event that brings them wipes them. */
export interface ChildKeys {
  /** Chosen by the receiver of this direction. Of IPComp it is a CPI, of 16 bits (RFC 3173 §3.3). */
  readonly spi: Spi;
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
  readonly integrity: Uint8Array;
}

/** How payloads are compressed. */
export interface IpcompSuite {
  /** RFC 2394. */
  readonly name: 'deflate';
}

/** RFC 3173: it has no keys. */
export interface IpcompProtection {
  readonly protocol: 'ipcomp';
  readonly suite: IpcompSuite;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
}

/** RFC 4303. */
export interface EspProtection {
  readonly protocol: 'esp';
  readonly suite: EspSuite;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
}

/** RFC 4302: of its keys only `integrity` has octets. */
export interface AhProtection {
  readonly protocol: 'ah';
  readonly suite: AhSuite;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
}

/** One of the SAs of a child, in both directions: an SPI says which only beside its protocol (RFC 4301 §4.1). */
export type ChildProtection = IpcompProtection | EspProtection | AhProtection;

/** What a child's packets are protected by. */
export type ProtectionProtocol = ChildProtection['protocol'];

/**
 * In the order in which a packet that leaves goes through them: what is encrypted cannot be compressed (RFC 3173 §2), and
 * AH covers what ESP made (RFC 2401 §4.3).
 */
export const PROTECTION_PROTOCOLS: readonly ProtectionProtocol[] = ['ipcomp', 'esp', 'ah'];

/** A protection by its SPIs. */
export interface ProtectionSpis {
  readonly protocol: ProtectionProtocol;
  readonly inbound: Spi;
  readonly outbound: Spi;
}

export function spisOf({ protocol, inbound, outbound }: ChildProtection): ProtectionSpis {
  return { protocol, inbound: inbound.spi, outbound: outbound.spi };
}
