// Working memory that may hold what keys and packets left behind.
import { forgetAes } from './aes-cbc';
import { forgetChacha } from './chacha20-poly1305';
import { forgetDes } from './des-cbc';
import { forgetGcm } from './gcm';
import { forgetGhash } from './ghash';
import { forgetGhashOne } from './ghash-one';
import { forgetHmac } from './hmac';

/** Overwrites all working memory; no context is in use afterwards. Call it when an SA is wiped. */
export function forget(): void {
  forgetAes();
  forgetChacha();
  forgetDes();
  forgetGcm();
  forgetGhash();
  forgetGhashOne();
  forgetHmac();
}
