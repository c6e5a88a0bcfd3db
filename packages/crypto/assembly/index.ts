export { aesCbcOpen, aesCbcSeal, aesEcb } from './aes-cbc';
export { aesKey } from './aes-key';
export { desKey, desOpen, desSeal } from './des-cbc';
export { forget } from './forget';
export { hmacKey, hmacOpen, hmacSeal } from './hmac';
export { placeIvs } from './ivs';
export { JOB_CAPACITY, jobTable } from './jobs';

/** Where the memory that the host hands out begins. */
export function heapBase(): usize {
  return __heap_base;
}
