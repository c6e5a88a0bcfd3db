/** Notify message types by the names that the RFCs give them. */
export const NOTIFY = {
  // RFC 2408 §3.14.1: errors.
  'INVALID-PAYLOAD-TYPE': 1,
  'DOI-NOT-SUPPORTED': 2,
  'SITUATION-NOT-SUPPORTED': 3,
  'INVALID-COOKIE': 4,
  'INVALID-MAJOR-VERSION': 5,
  'INVALID-MINOR-VERSION': 6,
  'INVALID-EXCHANGE-TYPE': 7,
  'INVALID-FLAGS': 8,
  'INVALID-MESSAGE-ID': 9,
  'INVALID-PROTOCOL-ID': 10,
  'INVALID-SPI': 11,
  'INVALID-TRANSFORM-ID': 12,
  'ATTRIBUTES-NOT-SUPPORTED': 13,
  'NO-PROPOSAL-CHOSEN': 14,
  'BAD-PROPOSAL-SYNTAX': 15,
  'PAYLOAD-MALFORMED': 16,
  'INVALID-KEY-INFORMATION': 17,
  'INVALID-ID-INFORMATION': 18,
  'INVALID-CERT-ENCODING': 19,
  'INVALID-CERTIFICATE': 20,
  'CERT-TYPE-UNSUPPORTED': 21,
  'INVALID-CERT-AUTHORITY': 22,
  'INVALID-HASH-INFORMATION': 23,
  'AUTHENTICATION-FAILED': 24,
  'INVALID-SIGNATURE': 25,
  'ADDRESS-NOTIFICATION': 26,
  'NOTIFY-SA-LIFETIME': 27,
  'CERTIFICATE-UNAVAILABLE': 28,
  'UNSUPPORTED-EXCHANGE-TYPE': 29,
  'UNEQUAL-PAYLOAD-LENGTHS': 30,
  // RFC 2408 §3.14.1: status.
  CONNECTED: 16384,
  // RFC 2407 §4.6.3: status of the IPsec DOI.
  'RESPONDER-LIFETIME': 24576,
  'REPLAY-STATUS': 24577,
  'INITIAL-CONTACT': 24578,
  // RFC 3706 §5.3.
  'R-U-THERE': 36136,
  'R-U-THERE-ACK': 36137,
  /** Cisco's: begin anew at the address of 4 octets. */
  'LOAD-BALANCE': 40501,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(NOTIFY).map(([name, type]) => [type, name]));

/** The RFC's name of a notify message type, or its number in decimal. */
export function notifyName(type: number): string {
  return NAMES.get(type) ?? String(type);
}
