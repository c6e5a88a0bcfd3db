import type { DeletePayload, Duration, NotificationPayload, Spi } from '@espalier/wire';
import type { PrivateGroupNumber } from '../configuration/private-groups.ts';
import type { FailureDetail } from '../explain/detail.ts';
import type { ChildFailure, GroupFailure, IkeFailure, Refused } from '../failures.ts';
import type { Path } from '../path.ts';
import type { Tolerance } from '../tolerances.ts';
import type { AssignedConfiguration, ChildPolicy, Role } from '../types.ts';
import type { UnknownSpi } from '../v1/informational/invalid-spi.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';

/**
 * What happened under an IKE SA, for its owner to act upon. Effects wait in one queue and are applied in the order in
 * which they happened, when whatever made them is done.
 */
export type IkeSaEffect =
  /** Both sides are authenticated, and the user of one too where there is one. */
  | { readonly kind: 'established' }
  /** Mode Config, which was to be passed, is. */
  | { readonly kind: 'stages-passed' }
  /** As client, what the gateway has told; as gateway, what the client is told. */
  | { readonly kind: 'configured'; readonly configuration: AssignedConfiguration }
  /** Phase 1 came to nothing. */
  | { readonly kind: 'failed'; readonly reason: IkeFailure; readonly detail: FailureDetail | undefined }
  /** A message with which the peer negotiates was refused; what it negotiates may still succeed. */
  | { readonly kind: 'refused'; readonly phase: 1 | 2; readonly refusal: Refused }
  /** A responder's phase 1 came to nothing, which was told when what it refused was refused. */
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'soft-expired' }
  | { readonly kind: 'hard-expired' }
  /** It was retired, and nothing can be on its way under it any more. */
  | { readonly kind: 'outlived' }
  /** As responder: the child is settled and may receive. */
  | { readonly kind: 'child-negotiated'; readonly agreement: ChildAgreement }
  /** Both directions may be used. */
  | { readonly kind: 'child-established'; readonly agreement: ChildAgreement }
  /** The peer has what was agreed on (RFC 2408 §3.1, the commit bit): authenticated. */
  | { readonly kind: 'connected' }
  /** The peer has repeated message 2: it has not heard message 3, and does not receive by the child yet. */
  | { readonly kind: 'child-unheard'; readonly inbound: Spi }
  /** Who received with this SPI has no SA for it (RFC 2408 §3.14.1); unless authenticated, anybody may say so. */
  | {
      readonly kind: 'spi-unknown';
      readonly protocol: UnknownSpi['protocol'];
      readonly spi: Spi;
      readonly authenticated: boolean;
    }
  /** A Quick Mode was given up; `inbound` is the SPI that was offered or chosen here. */
  | {
      readonly kind: 'child-failed';
      readonly policy: ChildPolicy;
      readonly inbound: Spi;
      readonly reason: ChildFailure;
      readonly detail: FailureDetail | undefined;
    }
  /** Both sides know a group by this number; `role`: who this side was. */
  | { readonly kind: 'group-agreed'; readonly number: PrivateGroupNumber; readonly role: Role }
  | { readonly kind: 'group-failed'; readonly number: PrivateGroupNumber; readonly reason: GroupFailure }
  /** Authenticated. */
  | { readonly kind: 'delete-received'; readonly payload: DeletePayload }
  | {
      readonly kind: 'notified';
      readonly notification: NotificationPayload;
      readonly authenticated: boolean;
    }
  /** The peer has no SA with us from before this one (RFC 2407 §4.6.3.3). */
  | { readonly kind: 'initial-contact' }
  /** The peer uses a shorter lifetime of the child that it names (RFC 2407 §4.6.3.1). */
  | {
      readonly kind: 'child-shortened';
      /** Number of the protocol whose SPI it is. */
      readonly protocol: number;
      readonly spi: Uint8Array;
      readonly lifetime: Duration;
    }
  /** Of a peer that is authenticated, something was taken that an RFC has otherwise. */
  | { readonly kind: 'tolerated'; readonly tolerance: Tolerance }
  /** Something new and authentic came. */
  | { readonly kind: 'alive' }
  /** R-U-THERE-ACK with this number came. */
  | { readonly kind: 'acknowledged'; readonly sequence: number }
  /** Something new and authentic came from elsewhere. */
  | { readonly kind: 'moved'; readonly path: Path };

/** What happened to a child by itself. */
export type ChildEffect =
  | { readonly kind: 'child-soft-expired'; readonly inbound: Spi }
  | { readonly kind: 'child-hard-expired'; readonly inbound: Spi }
  /** As initiator: the peer may be taken to have it. */
  | { readonly kind: 'child-taken-up'; readonly inbound: Spi }
  /** It was superseded, and is about to go: the peer, which may still send by it, is to hear of that. */
  | { readonly kind: 'child-leaving'; readonly inbound: Spi }
  /** It was superseded, and nothing can be on its way under it any more. */
  | { readonly kind: 'child-outlived'; readonly inbound: Spi };
