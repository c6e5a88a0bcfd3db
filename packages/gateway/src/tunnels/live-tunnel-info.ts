import type { Instant } from '@espalier/wire';
import type { AgreedSelectors } from '../selectors/selectors-of.ts';

/** A tunnel of a live peer, for the caller: where the router must send packets for `remote`, and what was agreed on. */
export interface LiveTunnelInfo extends AgreedSelectors {
  /** Name of the policy. */
  readonly policy: string;
  /** Name of the live peer. */
  readonly peer: string;
  readonly insideInterface: string | undefined;
  /** Counts the live tunnels of a gateway as they come, from 1. */
  readonly number: number;
  /** When it came. */
  readonly since: Instant;
}
