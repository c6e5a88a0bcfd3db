/** Vendor IDs with a meaning here, in hexadecimal. */
export const VENDOR_ID = {
  /** MD5("RFC 3947") (RFC 3947 §3.1). */
  natTraversal: '4a131c81070358455c5728f20e95452f',
  /** draft-ietf-ipsec-nat-t-ike-00 and -01. */
  natTraversalDraft00: '4485152d18b6bbcd0be8a8469579ddcc',
  natTraversalDraft01: '16f6ca16e4a4066d83821a0f0aeaa862',
  /** draft-ietf-ipsec-nat-t-ike-02, with and without the line feed that some hashed along. */
  natTraversalDraft02: 'cd60464335df21f87cfdb2fc68b6a448',
  natTraversalDraft02LineFeed: '90cb80913ebb696e086381b5ec427b1f',
  natTraversalDraft03: '7d9419a65310ca6f2c179d9215529d56',
  natTraversalDraft04: '9909b64eed937c6573de52ace952fa6b',
  natTraversalDraft05: '80d0bb3def54565ee84645d4c85ce3ee',
  natTraversalDraft06: '4d1e0e136deafa34c4f3ea9f02ec7285',
  natTraversalDraft07: '439b59f8ba676c4c7737ae22eab8f582',
  natTraversalDraft08: '8f8d83826d246b6fc7a8a6a428c11de8',
  /** Version 1.0 (RFC 3706 §5.1). */
  deadPeerDetection: 'afcad71368a1f1c96b8696fc77570100',
  xauth: '09002689dfd6b712',
  ciscoUnity: '12f5f28c457168a9702d9fe274cc0100',
  /** Takes fragments. Alone, or with 4 octets of flags, of which the highest says so. */
  ciscoFragmentation: '4048b7d56ebce88525e7de7f00d6c2d3',
} as const;
