export { createDhKeyPair, DH_GROUPS, dhGroup, dhKeyPairFrom } from './dh/groups.ts';
export type { ModpGroup } from './dh/modp.ts';
export type { ModpNumber } from './dh/modp-groups.ts';
export {
  checkPrivateGroup,
  createPrivateGroupKeyPair,
  isPrivateGroupValue,
  type PrivateGroup,
} from './dh/private-group.ts';
export type { DhGroup, DhGroupNumber, DhKeyPair, DhSide } from './dh/types.ts';
export {
  type Engine,
  type EspJobs,
  type EspKeys,
  type EspTransform,
  type EspTransformOptions,
  type IcvTransform,
  type IcvTransformOptions,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from './engine.ts';
export { HASH_OCTETS, type HashName, hash } from './hash/hash.ts';
export { createHmac, type Hmac } from './hash/hmac.ts';
export { expandKey, type PrfName, prf } from './hash/prf.ts';
export { openMany, sealMany } from './many.ts';
export { type CbcCipher, createCbc } from './modes/cbc.ts';
export type { CbcName } from './modes/cbc-blocks.ts';
export { nobleEngine } from './noble/engine.ts';
export { withOwnSuites } from './noble/own.ts';
export { cbcOf } from './noble/own-cbc.ts';
export { copyOctets, copySecret, type OwnOctets, octetsView, secretOctets } from './octets.ts';
export type { Rng } from './rng.ts';
export { equalConstantTime, wipe } from './secrets.ts';
export { signEcdsa, verifyEcdsa } from './signatures/ecdsa.ts';
export {
  modulusBits,
  type PrivateKeyFault,
  type PublicKeyFault,
  privateKeyFault,
  publicKeyFault,
} from './signatures/faults.ts';
export type {
  EcdsaPrivateKey,
  EcdsaPublicKey,
  PrivateKey,
  PublicKey,
  RsaPrivateKey,
  RsaPublicKey,
  SignatureCurve,
} from './signatures/keys.ts';
export { signedByRsa, signRsaPkcs1Bare, verifyRsaPkcs1Bare } from './signatures/rsa.ts';
export { decryptRsaPkcs1, encryptRsaPkcs1 } from './signatures/rsa-encryption.ts';
export type { Signatures } from './signatures/signatures.ts';
export type { EspAead } from './suites/aeads.ts';
export { AH_SUITES, type AhGmac, type AhSuite, ahSuite } from './suites/ah.ts';
export type { EspCipher, IvSource } from './suites/ciphers.ts';
export { defineSuite, type OwnSuiteDefinition } from './suites/define.ts';
export { type KeyLimits, keyLimits, SP_800_67_OCTETS } from './suites/limits.ts';
export type { EspIntegrity, EspMac } from './suites/macs.ts';
export type {
  KeyedOwnAead,
  KeyedOwnBlockCipher,
  KeyedOwnCipher,
  KeyedOwnMac,
  OwnAead,
  OwnBlockCipher,
  OwnCipher,
  OwnKeys,
  OwnMac,
  OwnPart,
  OwnSuite,
  OwnTransformNumbers,
} from './suites/own.ts';
export { isOwnSuite } from './suites/own-registry.ts';
export type { KeyUse, SuiteParts } from './suites/parts.ts';
export {
  type AeadSuite,
  type CipherMacSuite,
  ESP_SUITES,
  type EspEncryption,
  type EspSuite,
  espSuite,
  type TableSuite,
  UNAUTHENTICATED_SUITES,
} from './suites/suites.ts';
export { desKeyFrom, isWeakDesKey } from './symmetric/des/weak-keys.ts';
