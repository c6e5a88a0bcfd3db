/** Transforms of phase 2, their attributes and values (RFC 2407 §4.4 and §4.5 and the registry of IANA). */

/** RFC 2407 §4.4.3. */
export const AH_TRANSFORM = {
  md5: 2,
  sha1: 3,
  des: 4,
  sha2_256: 5,
  sha2_384: 6,
  sha2_512: 7,
  ripemd: 8,
  aesXcbcMac: 9,
  aes128Gmac: 11,
  aes192Gmac: 12,
  aes256Gmac: 13,
} as const;

/** RFC 2407 §4.4.4. */
export const ESP_TRANSFORM = {
  desIv64: 1,
  des: 2,
  tripleDes: 3,
  rc5: 4,
  idea: 5,
  cast: 6,
  blowfish: 7,
  tripleIdea: 8,
  desIv32: 9,
  rc4: 10,
  null: 11,
  aesCbc: 12,
  aesCtr: 13,
  aesCcm8: 14,
  aesCcm12: 15,
  aesCcm16: 16,
  aesGcm8: 18,
  aesGcm12: 19,
  aesGcm16: 20,
  seedCbc: 21,
  camellia: 22,
  nullAuthAesGmac: 23,
} as const;

/** RFC 2407 §4.4.5. */
export const IPCOMP_TRANSFORM = { oui: 1, deflate: 2, lzs: 3, lzjh: 4 } as const;

/** Attribute types of phase 2 (RFC 2407 §4.5). */
export const IPSEC_ATTRIBUTE = {
  lifeType: 1,
  lifeDuration: 2,
  groupDescription: 3,
  encapsulationMode: 4,
  authenticationAlgorithm: 5,
  keyLength: 6,
  keyRounds: 7,
  compressDictionarySize: 8,
  compressPrivateAlgorithm: 9,
  ecnTunnel: 10,
  /** RFC 4304 §2; its one value is 1, 64-bit sequence numbers. */
  extendedSequenceNumber: 11,
} as const;

/** RFC 2407 §4.5, RFC 3947 §5.1 and its drafts. */
export const ENCAPSULATION_MODE = {
  tunnel: 1,
  transport: 2,
  udpTunnel: 3,
  udpTransport: 4,
  udpTunnelDraft: 61443,
  udpTransportDraft: 61444,
} as const;

/** RFC 2407 §4.5. */
export const AUTH_ALGORITHM = {
  hmacMd5: 1,
  hmacSha1: 2,
  desMac: 3,
  kpdk: 4,
  hmacSha2_256: 5,
  hmacSha2_384: 6,
  hmacSha2_512: 7,
  hmacRipemd: 8,
  aesXcbcMac: 9,
  aes128Gmac: 11,
  aes192Gmac: 12,
  aes256Gmac: 13,
} as const;
