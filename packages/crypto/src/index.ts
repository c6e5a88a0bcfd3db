export { type CbcCipher, createCbc } from './cbc.ts';
export type { CbcName } from './cbc-blocks.ts';
export { desKeyFrom, isWeakDesKey } from './des/weak-keys.ts';
export { DH_GROUPS, type DhGroup } from './dh/groups.ts';
export { createDhKeyPair, dhKeyPairFrom } from './dh/key-pair.ts';
export type { DhGroupNumber, DhKeyPair } from './dh/types.ts';
export {
  type Engine,
  type EspJobs,
  type EspKeys,
  type EspTransform,
  type EspTransformOptions,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from './engine.ts';
export { HASH_OCTETS, type HashName, hash } from './hash.ts';
export { createHmac, expandKey, type Hmac, prf } from './hmac.ts';
export { nobleEngine } from './noble/engine.ts';
export type { Rng } from './rng.ts';
export { equalConstantTime, wipe } from './secrets.ts';
export { ESP_SUITES, type EspEncryption, type EspIntegrity, type EspSuite, espSuite } from './suites.ts';
