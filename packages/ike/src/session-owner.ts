import type { DeletePayload, NotificationPayload, Spi } from '@espalier/wire';
import type { ChildAgreement } from './quick-mode/quick.ts';
import type { QuickResponder } from './quick-mode/responder.ts';
import type { IkeSession } from './session.ts';
import type { ChildPolicy, Endpoint } from './types.ts';

/** What a session tells the peer it belongs to. */
export interface SessionOwner {
  readonly name: string;
  readonly responder: QuickResponder;
  established(session: IkeSession): void;
  /** Phase 1 was given up. */
  failed(session: IkeSession, reason: string): void;
  softExpired(session: IkeSession): void;
  hardExpired(session: IkeSession): void;
  childNegotiated(session: IkeSession, agreement: ChildAgreement): void;
  childEstablished(session: IkeSession, agreement: ChildAgreement): void;
  /** A Quick Mode was given up; `inbound` is the SPI that was offered or chosen here. */
  childFailed(session: IkeSession, policy: ChildPolicy, inbound: Spi, reason: string): void;
  /** Authenticated. */
  deleteReceived(session: IkeSession, payload: DeletePayload): void;
  notified(notification: NotificationPayload, authenticated: boolean): void;
}

/** Where a session stands between two hosts. */
export interface SessionEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}
