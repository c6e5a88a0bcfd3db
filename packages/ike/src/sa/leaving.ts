import { DELETES_REPEATED } from '../limits.ts';
import type { Environment } from '../runtime/environment.ts';
import { Retransmission } from '../runtime/retransmission.ts';

/** Has a peer that may still use an SA told that it goes, now and `DELETES_REPEATED` times again; then it is `over`. */
export function leave(environment: Environment, tell: () => void, over: () => void): Retransmission {
  tell();
  return new Retransmission(environment, tell, over, DELETES_REPEATED);
}
