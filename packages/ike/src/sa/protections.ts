import type { EspSuite } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';

/** The keys of one direction of a protection: the receiver of the event that brings them wipes them. */
export interface ChildKeys {
  /** Chosen by the receiver of this direction. */
  readonly spi: Spi;
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
  readonly integrity: Uint8Array;
}

/** One of the SAs of a child, in both directions: an SPI says which only beside its protocol (RFC 4301 §4.1). */
export interface EspProtection {
  readonly protocol: 'esp';
  readonly suite: EspSuite;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
}

export type ChildProtection = EspProtection;

/** What a child's packets are protected by. */
export type ProtectionProtocol = ChildProtection['protocol'];

/** A protection by its SPIs. */
export interface ProtectionSpis {
  readonly protocol: ProtectionProtocol;
  readonly inbound: Spi;
  readonly outbound: Spi;
}

export function spisOf({ protocol, inbound, outbound }: ChildProtection): ProtectionSpis {
  return { protocol, inbound: inbound.spi, outbound: outbound.spi };
}
