import { NOTIFY, notifyName } from '@espalier/wire';

/** An error that the peer told in a notification (RFC 2408 §3.14.1). */
export type PeerError =
  | Exclude<
      keyof typeof NOTIFY,
      | 'CONNECTED'
      | 'RESPONDER-LIFETIME'
      | 'REPLAY-STATUS'
      | 'INITIAL-CONTACT'
      | 'R-U-THERE'
      | 'R-U-THERE-ACK'
      | 'LOAD-BALANCE'
    >
  /** One that no RFC names. */
  | 'UNKNOWN-ERROR';

/** Notify types from here on tell a status, below an error (RFC 2408 §3.14.1). */
const STATUS = 16_384;

/** The name of an error; undefined for a status. */
export function peerError(notifyType: number): PeerError | undefined {
  if (notifyType >= STATUS) return undefined;
  const name = notifyName(notifyType);
  return isPeerError(name) ? name : 'UNKNOWN-ERROR';
}

function isPeerError(name: string): name is PeerError {
  return Object.hasOwn(NOTIFY, name);
}
