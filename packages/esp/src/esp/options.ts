import type { Engine, EspKeys, EspSuite, KeyLimits, Rng } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';
import type { OriginalAddresses } from '../modes/checksum-repair.ts';
import type { Mode } from '../modes/mode.ts';
import type { OuterHeaderOptions } from '../modes/outer.ts';
import type { DscpInside } from '../modes/tos.ts';
import type { UdpPorts } from '../modes/udp.ts';
import type { Lifetime } from '../sa/lifetime.ts';
import type { Resynchronisation } from '../sa/resynchronisation.ts';
import type { SaSnapshot } from '../sa/snapshot.ts';
import type { TrafficFlow } from './traffic-flow.ts';

/** One outbound SA: what was agreed on for the direction towards the other end (RFC 4301 §4.4.2.1). */
export interface OutboundSaOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The suite, or its name. */
  readonly suite: EspSuite | string;
  /** Taken over by the engine: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  /** The SPI that the other end chose. */
  readonly spi: Spi;
  /** Source of IVs and of the first IPv4 identification. */
  readonly rng: Rng;
  /** What of a packet is protected (RFC 4301 §4.1). Default `tunnel`. */
  readonly mode?: Mode;
  /** The tunnel's outer header. Without it packets begin at their SPI, ready for UDP encapsulation (RFC 3948). */
  readonly outer?: OuterHeaderOptions;
  /** Transport mode in UDP between these ports (RFC 3948); a tunnel's are a part of `outer`. Default: not in UDP. */
  readonly udp?: UdpPorts;
  /** In tunnel mode: padding that hides lengths (RFC 4303 §2.7). Default: none, packets of equal length are of equal length. */
  readonly trafficFlow?: TrafficFlow;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Default: no bound but those of the sequence numbers and of the key. */
  readonly lifetime?: Lifetime;
  /** What the key protects at most. Default: what `keyLimits` of @espalier/crypto says of the suite. */
  readonly keyLimits?: KeyLimits;
  /** Sequence number of the first packet. Default 1. Never one that these keys were used with before. */
  readonly firstSequence?: bigint;
  /** For an SA that is to outlive its program: it sends nothing that a kept snapshot does not cover. Default false. */
  readonly keepAhead?: boolean;
  /**
   * The newest snapshot that was kept of an SA with these keys, whose program has ended: this one goes on behind all that
   * it covers. Implies `keepAhead`.
   */
  readonly resume?: SaSnapshot;
  /**
   * Take a suite that encrypts and authenticates nothing, because AH stands around it, or because the caller knows what that
   * means (RFC 8221 §4). Default false.
   */
  readonly allowUnauthenticated?: boolean;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** One inbound SA: what was agreed on for the direction towards this end (RFC 4301 §4.4.2.1). */
export interface InboundSaOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The suite, or its name. */
  readonly suite: EspSuite | string;
  /** Taken over by the engine: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  /** The SPI that this end chose: packets with another one are refused. */
  readonly spi: Spi;
  /** What of a packet is protected (RFC 4301 §4.1). Default `tunnel`. */
  readonly mode?: Mode;
  /**
   * Transport mode behind a NAT: the addresses that the other end sent its packets between, as it told by NAT-OA, so that
   * their TCP and UDP checksums can be mended (RFC 3948 §3.1.2), or `unknown`: then a UDP checksum becomes zero, none,
   * over IPv4, and the others are computed. Default: there is no NAT.
   */
  readonly originalAddresses?: OriginalAddresses | 'unknown';
  /** In tunnel mode the DSCP of what is delivered: its own, or that of the outer header (RFC 2983 §3). Default `keep`. */
  readonly dscp?: DscpInside;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /**
   * Packets that the anti-replay window spans, 32 to 4096, or none. Default 64 (RFC 4303 §3.4.3); without authentication
   * there can be none.
   */
  readonly replayWindow?: number | 'off';
  /**
   * With ESN: how to go on after 2^32 lost packets or more, whose high half the window cannot tell (RFC 4303 Appendix A3).
   * Default: not at all, such packets have a wrong ICV.
   */
  readonly resynchronise?: Resynchronisation;
  /** For an SA that is to outlive its program: it takes nothing that a kept snapshot does not cover. Default false. */
  readonly keepAhead?: boolean;
  /**
   * The newest snapshot that was kept of this SA, whose program has ended: all that it covers counts as seen. Implies
   * `keepAhead`.
   */
  readonly resume?: SaSnapshot;
  /** Default: no bound, but that of the key calls for a successor. */
  readonly lifetime?: Lifetime;
  /**
   * What the key protects at most, default as of `OutboundSa`. That is for the other end to obey; here the soft limits make
   * `lifetimeState` say so.
   */
  readonly keyLimits?: KeyLimits;
  /**
   * Take a suite that encrypts and authenticates nothing, because AH stands around it, or because the caller knows what that
   * means (RFC 8221 §4). Default false.
   */
  readonly allowUnauthenticated?: boolean;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}
