// Working memory that may hold what keys and packets left behind.
import { forgetAes } from './aes/aes';
import { forgetMac } from './aes/aes-chains';
import { forgetPlanes } from './aes/aes-planes';
import { forgetChacha } from './chacha20/chacha20-poly1305';
import { forgetDes } from './des/des-cbc';
import { forgetGcm } from './gcm/gcm';
import { forgetGhash } from './gcm/ghash';
import { forgetGhashKeys } from './gcm/ghash-keys';
import { forgetGhashOne } from './gcm/ghash-one';
import { forgetHmac } from './hash/hmac';

/** Overwrites all working memory; no context is in use afterwards. Call it when an SA is wiped. */
export function forget(): void {
  forgetAes();
  forgetPlanes();
  forgetChacha();
  forgetDes();
  forgetGcm();
  forgetGhash();
  forgetGhashKeys();
  forgetGhashOne();
  forgetHmac();
  forgetMac();
}
