import type { EspSuite } from '@espalier/crypto';
import { IPV6_HEADER_OCTETS, ipv4, UDP_HEADER_OCTETS } from '@espalier/wire';
import { layoutOf } from './layout.ts';

/** What is around ESP. */
export interface OuterForm {
  /** Of the outer addresses. */
  readonly family: 4 | 6;
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly udp: boolean;
}

/** Octets of the headers in front of the SPI. */
export function outerOctets({ family, udp }: OuterForm): number {
  return (family === 4 ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS) + (udp ? UDP_HEADER_OCTETS : 0);
}

/**
 * Octets of the longest inner packet that a tunnel of this suite and form seals into no more than `outerMtu` octets
 * (RFC 4301 §8.2).
 */
export function innerMtu(suite: EspSuite, form: OuterForm, outerMtu: number): number {
  return layoutOf(suite).mostPayloadOctets(outerMtu - outerOctets(form));
}
