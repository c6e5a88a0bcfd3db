/** Attributes of a phase 1 transform and their values (RFC 2409 Appendix A and the registry of IANA). */

/** The transform of every phase 1 proposal (RFC 2407 §4.4.2). */
export const KEY_IKE = 1;

/** Attribute types of phase 1. */
export const OAKLEY_ATTRIBUTE = {
  encryption: 1,
  hash: 2,
  authentication: 3,
  groupDescription: 4,
  groupType: 5,
  groupPrime: 6,
  groupGeneratorOne: 7,
  groupGeneratorTwo: 8,
  groupCurveA: 9,
  groupCurveB: 10,
  lifeType: 11,
  lifeDuration: 12,
  prf: 13,
  keyLength: 14,
  fieldSize: 15,
  groupOrder: 16,
} as const;

/** Values of the attribute `encryption`. */
export const OAKLEY_ENCRYPTION = {
  desCbc: 1,
  ideaCbc: 2,
  blowfishCbc: 3,
  rc5Cbc: 4,
  tripleDesCbc: 5,
  castCbc: 6,
  aesCbc: 7,
  camelliaCbc: 8,
} as const;

/** Values of the attribute `hash`. */
export const OAKLEY_HASH = { md5: 1, sha1: 2, tiger: 3, sha2_256: 4, sha2_384: 5, sha2_512: 6 } as const;

/** Values of the attribute `prf`: IANA has assigned none, and from 65001 on they are for private use. */
export const OAKLEY_PRF = { aesXcbc: 65_001 } as const;

/** Values of the attribute `groupType`. */
export const OAKLEY_GROUP_TYPE = { modp: 1, ecp: 2, ec2n: 3 } as const;

/** Values of the attribute `authentication`. */
export const OAKLEY_AUTHENTICATION = {
  preSharedKey: 1,
  dssSignature: 2,
  rsaSignature: 3,
  rsaEncryption: 4,
  revisedRsaEncryption: 5,
  ecdsaSha256: 9,
  ecdsaSha384: 10,
  ecdsaSha512: 11,
  hybridInitiatorRsa: 64221,
  hybridResponderRsa: 64222,
  xauthInitiatorPreShared: 65001,
  xauthResponderPreShared: 65002,
  xauthInitiatorRsa: 65005,
  xauthResponderRsa: 65006,
} as const;

/** The same in phase 1 and in phase 2. */
export const LIFE_TYPE = { seconds: 1, kilobytes: 2 } as const;
