import { concat, DOI_IPSEC, NOTIFY, type NotificationPayload, PROTOCOL_ID, readU32, writeU32 } from '@espalier/wire';
import type { Cookies } from '../cookies.ts';

/** R-U-THERE or R-U-THERE-ACK. */
export interface Probe {
  readonly kind: 'R-U-THERE' | 'R-U-THERE-ACK';
  /** Unsigned 32-bit. */
  readonly sequence: number;
}

const SEQUENCE_OCTETS = 4;

/** RFC 3706 §5.3. */
export function probeNotification({ initiator, responder }: Cookies, { kind, sequence }: Probe): NotificationPayload {
  const data = new Uint8Array(SEQUENCE_OCTETS);
  writeU32(data, 0, sequence);
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol: PROTOCOL_ID.isakmp,
    notifyType: NOTIFY[kind],
    spi: concat(initiator, responder),
    data,
  };
}

/**
 * Undefined for any other notification, and for a probe without its number. Which SA it is about is said by HASH(1): the
 * SPI, which peers send in either order, of zeros or not at all, is passed over (RFC 2408 §3.14, RFC 3706 §5.3).
 */
export function readProbe({ notifyType, protocol, data }: NotificationPayload): Probe | undefined {
  const kind = kindOf(notifyType);
  if (kind === undefined || protocol !== PROTOCOL_ID.isakmp || data.length !== SEQUENCE_OCTETS) return undefined;
  return { kind, sequence: readU32(data, 0) };
}

function kindOf(notifyType: number): Probe['kind'] | undefined {
  if (notifyType === NOTIFY['R-U-THERE']) return 'R-U-THERE';
  return notifyType === NOTIFY['R-U-THERE-ACK'] ? 'R-U-THERE-ACK' : undefined;
}
