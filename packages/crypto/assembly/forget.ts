// Working memory that may hold what keys and packets left behind.
import { forgetAes } from './aes/aes-cbc';
import { forgetChacha } from './chacha20/chacha20-poly1305';
import { forgetDes } from './des/des-cbc';
import { forgetGcm } from './gcm/gcm';
import { forgetGhash } from './gcm/ghash';
import { forgetGhashLanes } from './gcm/ghash-lanes';
import { forgetGhashOne } from './gcm/ghash-one';
import { forgetHmac } from './hash/hmac';
import { forgetMac } from './mac/cbc-mac';

/** Overwrites all working memory; no context is in use afterwards. Call it when an SA is wiped. */
export function forget(): void {
  forgetAes();
  forgetChacha();
  forgetDes();
  forgetGcm();
  forgetGhash();
  forgetGhashLanes();
  forgetGhashOne();
  forgetHmac();
  forgetMac();
}
