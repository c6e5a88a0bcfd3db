import type { EspKeys, EspSuite } from '@espalier/crypto';
import type { OriginalAddresses } from '../modes/checksum-repair.ts';
import type { OuterHeaderOptions } from '../modes/outer.ts';
import type { UdpPorts } from '../modes/udp.ts';
import type { InboundOptions } from '../sa/inbound.ts';
import type { OutboundOptions } from '../sa/outbound.ts';
import type { TrafficFlow } from './traffic-flow.ts';

/** What is said of an SA of ESP in either direction. */
interface EspOptions {
  /** The suite, or its name. */
  readonly suite: EspSuite | string;
  /** Taken over by the engine: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  /**
   * Take a suite that encrypts and authenticates nothing, because AH stands around it, or because the caller knows what that
   * means (RFC 8221 §4). Default false.
   */
  readonly allowUnauthenticated?: boolean;
}

/** One outbound SA: what was agreed on for the direction towards the other end (RFC 4301 §4.4.2.1). */
export interface OutboundSaOptions extends OutboundOptions, EspOptions {
  /** The tunnel's outer header. Without it packets begin at their SPI, ready for UDP encapsulation (RFC 3948). */
  readonly outer?: OuterHeaderOptions;
  /** Transport mode in UDP between these ports (RFC 3948); a tunnel's are a part of `outer`. Default: not in UDP. */
  readonly udp?: UdpPorts;
  /** In tunnel mode: padding that hides lengths (RFC 4303 §2.7). Default: none, packets of equal length are of equal length. */
  readonly trafficFlow?: TrafficFlow;
}

/** One inbound SA: what was agreed on for the direction towards this end (RFC 4301 §4.4.2.1). */
export interface InboundSaOptions extends InboundOptions, EspOptions {
  /**
   * Transport mode behind a NAT: the addresses that the other end sent its packets between, as it told by NAT-OA, so that
   * their TCP and UDP checksums can be mended (RFC 3948 §3.1.2), or `unknown`: then a UDP checksum becomes zero, none,
   * over IPv4, and the others are computed. Default: there is no NAT.
   */
  readonly originalAddresses?: OriginalAddresses | 'unknown';
}
