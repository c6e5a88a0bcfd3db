import type { DeleteReason, IkeEvent, Role } from '@espalier/ike';
import type { Spi } from '@espalier/wire';
import type { SaName } from './config.ts';

/** What happened to the tunnels, for the caller to log or act upon. */
export type GatewayEvent =
  | Extract<IkeEvent, { readonly kind: 'ike-established' | 'ike-deleted' | 'ike-failed' | 'peer-moved' | 'notified' }>
  /** A pair of SAs sends and receives; `replaces` is the inbound SPI of the pair that it renews. */
  | {
      readonly kind: 'ipsec-established';
      readonly sa: SaName;
      readonly role: Role;
      readonly suite: string;
      readonly replaces: Spi | undefined;
    }
  | { readonly kind: 'ipsec-deleted'; readonly sa: SaName; readonly reason: DeleteReason }
  /** A negotiation failed; `dropped` packets had waited for it. */
  | {
      readonly kind: 'ipsec-failed';
      readonly serviceSet: string;
      readonly rule: string;
      readonly term: string;
      readonly reason: string;
      readonly dropped: number;
    };
