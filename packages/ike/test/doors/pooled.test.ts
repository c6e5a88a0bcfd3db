/**
 * What the other files say of an endpoint, once more with datagrams, keys and identities in buffers of a pool that are
 * overwritten when the call is over (regression: a Buffer's slice is a view, and what was kept of it changed).
 */
import { isThorough } from '../../../../test/support/thorough.ts';
import { handPooled } from '../support/handing.ts';

handPooled();
await import('../rekeying.test.ts');
await import('../nat-traversal.test.ts');
if (isThorough) {
  await import('../handshake.test.ts');
  await import('../hostile/mutation.test.ts');
}
await import('../children/client-identities.test.ts');
