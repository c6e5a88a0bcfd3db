import type { DeletePayload, NotificationPayload, Spi } from '@espalier/wire';
import type { Path } from '../peer/path.ts';
import type { ChildPolicy } from '../types.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';

/** What a session tells the peer it belongs to. */
export interface IkeSaOwner<Session> {
  readonly name: string;
  readonly responder: QuickResponder;
  established(session: Session): void;
  /** Phase 1 was given up. */
  failed(session: Session, reason: string): void;
  softExpired(session: Session): void;
  hardExpired(session: Session): void;
  childNegotiated(session: Session, agreement: ChildAgreement): void;
  childEstablished(session: Session, agreement: ChildAgreement): void;
  /** A Quick Mode was given up; `inbound` is the SPI that was offered or chosen here. */
  childFailed(session: Session, policy: ChildPolicy, inbound: Spi, reason: string): void;
  /** Authenticated. */
  deleteReceived(session: Session, payload: DeletePayload): void;
  notified(notification: NotificationPayload, authenticated: boolean): void;
  /** Something new and authentic came. */
  alive(): void;
  /** R-U-THERE-ACK with this number came. */
  acknowledged(sequence: number): void;
  /** Something new and authentic came from elsewhere. */
  moved(ends: Path): void;
}
