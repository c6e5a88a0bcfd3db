export { aesCbcOpen, aesCbcSeal, aesEcb } from './aes-cbc';
export { aesKey } from './aes-key';
export { chachaOpen, chachaSeal } from './chacha20-poly1305';
export { desKey, desOpen, desSeal } from './des-cbc';
export { forget } from './forget';
export { gatherOpen, gatherSeal, scatterOpen, scatterSeal } from './gather';
export { gcmCounters, gcmKey, gcmOpen, gcmSeal } from './gcm';
export { hmacKey, hmacOpen, hmacSeal } from './hmac';
export { placeIvs, placeSequenceIvs } from './ivs';
export { JOB_CAPACITY, jobTable } from './jobs';

/** Where the memory that the host hands out begins. */
export function heapBase(): usize {
  return __heap_base;
}
