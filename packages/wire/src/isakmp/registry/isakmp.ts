/** Numbers of ISAKMP itself (RFC 2408 §3.1, RFC 3947 §3.2 and §5.2, draft-dukes-ike-mode-cfg-02 §3.2). */

/** Payload types (RFC 2408 §3.1). */
export const PAYLOAD = {
  none: 0,
  sa: 1,
  proposal: 2,
  transform: 3,
  ke: 4,
  id: 5,
  cert: 6,
  certRequest: 7,
  hash: 8,
  signature: 9,
  nonce: 10,
  notification: 11,
  delete: 12,
  vendorId: 13,
  configuration: 14,
  natD: 20,
  natOa: 21,
  natDDraft: 130,
  natOaDraft: 131,
  /** A piece of another message, as Cisco numbered it. */
  fragment: 132,
} as const;

/** Exchange types (RFC 2408 §3.1, RFC 2409 Appendix A). */
export const EXCHANGE = {
  base: 1,
  main: 2,
  authenticationOnly: 3,
  aggressive: 4,
  informational: 5,
  transaction: 6,
  quick: 32,
  newGroup: 33,
} as const;

/** Bits of the flags octet. */
export const FLAG = { encryption: 1, commit: 2, authenticationOnly: 4 } as const;

/** RFC 2407 §4.4.1. */
export const PROTOCOL_ID = { isakmp: 1, ah: 2, esp: 3, ipcomp: 4 } as const;

/** RFC 2407 §4.2. */
export const SITUATION = { identityOnly: 1, secrecy: 2, integrity: 4 } as const;

/** The Domain of Interpretation of IPsec (RFC 2407). */
export const DOI_IPSEC = 1;

/** RFC 2407 §4.6.2.1. */
export const ID_TYPE = {
  ipv4Address: 1,
  fqdn: 2,
  userFqdn: 3,
  ipv4Subnet: 4,
  ipv6Address: 5,
  ipv6Subnet: 6,
  ipv4Range: 7,
  ipv6Range: 8,
  derAsn1Dn: 9,
  derAsn1Gn: 10,
  keyId: 11,
} as const;

/** RFC 2408 §3.9. */
export const CERT_ENCODING = {
  none: 0,
  pkcs7: 1,
  pgp: 2,
  dnsSignedKey: 3,
  x509Signature: 4,
  x509KeyExchange: 5,
  kerberosTokens: 6,
  crl: 7,
  arl: 8,
  spki: 9,
  x509Attribute: 10,
} as const;
