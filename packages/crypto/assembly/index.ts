export { aesCbcOpen, aesCbcSeal } from './aes/aes-cbc';
export { macFirst, macNext, macRest } from './aes/aes-chains';
export { ctrCounters, ctrCrypt, ctrKey } from './aes/aes-ctr';
export { aesEcb, aesEcbMany } from './aes/aes-ecb';
export { aesKey } from './aes/aes-key';
export { gatherOpen, gatherSeal, scatterOpen, scatterSeal } from './aes/gather';
export { chachaOpen, chachaSeal } from './chacha20/chacha20-poly1305';
export { desKey, desOpen, desSeal } from './des/des-cbc';
export { forget } from './forget';
export { gcmCounters, gcmKey, gcmOpen, gcmSeal } from './gcm/gcm';
export { hmacKey, hmacOpen, hmacSeal } from './hash/hmac';
export { aesMacBegin, aesMacOpen, aesMacSeal, cmacKey, xcbcKey } from './mac/aes-mac';
export { ccmBegin, ccmCounters, ccmCrypt, ccmFinish, ccmKey } from './mac/ccm';
export { shapeAead } from './packets/aead';
export { placeIvs, placeSequenceIvs } from './packets/ivs';
export { JOB_CAPACITY, jobTable } from './packets/jobs';

/** Where the memory that the host hands out begins. */
export function heapBase(): usize {
  return __heap_base;
}
