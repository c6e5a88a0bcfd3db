// Working memory that may hold what keys and packets left behind.
import { forgetAes } from './aes-cbc';
import { forgetDes } from './des-cbc';
import { forgetHmac } from './hmac';

/** Overwrites all working memory; no context is in use afterwards. Call it when an SA is wiped. */
export function forget(): void {
  forgetAes();
  forgetDes();
  forgetHmac();
}
