import type { ChildFailedEvent, ChildFailure, DeleteReason, IkeEvent, Role } from '@espalier/ike';
import type { Instant, Spi } from '@espalier/wire';
import type { SaName } from './config.ts';
import type { LiveTunnelInfo } from './tunnels/live-tunnel-info.ts';
import type { TunnelRefusal } from './tunnels/live-tunnels.ts';

/**
 * Why there are no SAs: what IKE says; the engine's arena has no room for them; the outside is UDP sockets, and the peer
 * does not speak of NAT traversal (RFC 3947), so that its ESP would have to go outside of UDP; or no tunnel of a live peer
 * can take them.
 */
export type IpsecFailure = ChildFailure | 'engine-exhausted' | 'no-nat-traversal' | TunnelRefusal;

/** What happened to the SAs, for the caller to log or act upon. */
export type GatewayEvent =
  | Extract<
      IkeEvent,
      {
        readonly kind:
          | 'ike-established'
          | 'ike-deleted'
          | 'ike-failed'
          | 'negotiation-refused'
          | 'redirected'
          | 'group-agreed'
          | 'group-failed'
          | 'configured'
          | 'configuration-ended'
          | 'peer-moved'
          | 'notified'
          | 'tolerated'
          | 'implementation-known';
      }
    >
  /** A pair of SAs sends and receives; `replaces` is the inbound SPI of the pair that it renews. */
  | {
      readonly kind: 'ipsec-established';
      readonly sa: SaName;
      /** Name of the peer; of a template's peers each has its identity in its name. */
      readonly peer: string;
      readonly role: Role;
      readonly suite: string;
      readonly replaces: Spi | undefined;
    }
  | { readonly kind: 'ipsec-deleted'; readonly sa: SaName; readonly peer: string; readonly reason: DeleteReason }
  /** A live peer of a template has got a tunnel: packets for its `remote` are to be routed into this gateway. */
  | { readonly kind: 'tunnel-added'; readonly tunnel: LiveTunnelInfo }
  /** Its last SA is gone, and so is the tunnel. */
  | { readonly kind: 'tunnel-removed'; readonly tunnel: LiveTunnelInfo }
  /** There is no pair of SAs for a policy; `dropped` packets had waited for it. */
  | {
      readonly kind: 'ipsec-failed';
      /** Name of the policy. */
      readonly policy: string;
      /** Name of the peer. */
      readonly peer: string;
      readonly reason: IpsecFailure;
      /** What IKE says of it, for `formatFailure`; undefined where it was not IKE that failed. */
      readonly failure?: ChildFailedEvent | undefined;
      readonly dropped: number;
    }
  /**
   * Packets have gone out for 10 s, without a pause as long as that, and none has come back since the first of them: told
   * once, until one comes. The peer may be gone or have lost its SAs; or the traffic is of one direction only.
   */
  | {
      readonly kind: 'ipsec-silent';
      /** Name of the policy. */
      readonly policy: string;
      /** Name of the peer. */
      readonly peer: string;
      /** When the first packet left that nothing came back after. */
      readonly since: Instant;
    };
