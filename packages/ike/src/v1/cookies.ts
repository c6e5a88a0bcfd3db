import { COOKIE_OCTETS } from '@espalier/wire';

/** What names an IKE SA: 8 octets each (RFC 2408 §2.5.3). */
export interface Cookies {
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
}

/** Stands for a cookie that is not known yet. */
export const NO_COOKIE: Uint8Array = new Uint8Array(COOKIE_OCTETS);
