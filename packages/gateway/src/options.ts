import type { Engine, Rng } from '@espalier/crypto';
import type { AuditLimits } from '@espalier/esp';
import type { IkeEndpointConfig, RecordingOptions } from '@espalier/ike';
import type { GatewayConfig } from './config.ts';

/** What a `Gateway` is, and what it runs on. */
export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Computes; its arena holds the packets and keys. */
  readonly engine: Engine;
  /** Source of all that must be unpredictable: keys, nonces, cookies, SPIs, IVs. */
  readonly rng: Rng;
  /**
   * What leaves the gateway: `ip`, whole IP packets, or `udp`, payloads of datagrams for the caller's own sockets on
   * ports 500 and 4500 (see `handleDatagrams`). With `udp`, ESP goes in UDP whether there is a NAT or not; with a peer
   * that does not speak of NAT traversal there can be no SAs then: `ipsec-failed` says `no-nat-traversal`. Default `ip`.
   */
  readonly outside?: 'ip' | 'udp';
  /** DES, MD5 and group 1 are a RangeError at construction unless named here. */
  readonly allowLegacy?: NonNullable<IkeEndpointConfig['allowLegacy']>;
  /** How long before the hard lifetime to rekey. Default: as Junos, 135 s as initiator and 90 s as responder. */
  readonly softLifetime?: NonNullable<IkeEndpointConfig['softLifetime']>;
  /** Is handed every key that is agreed on, for the eyes of a protocol analyser. What it throws reaches the caller. */
  readonly keyLog?: NonNullable<IkeEndpointConfig['keyLog']>;
  /** Writes down what IKE is given and what it says, to be replayed (see `RecordedEndpoint` of `@espalier/ike`). */
  readonly record?: RecordingOptions;
  /**
   * How many packets, in slots of 2112 octets of the engine's arena, may be on their way through the gateway without
   * being copied once more. `close` gives them back. Default 256.
   */
  readonly packetSlots?: number;
  /** How many auditable events are told, and wait: see `pollAudit`. Default: 10 a second, 50 at once, 256 that wait. */
  readonly audit?: AuditLimits;
}
