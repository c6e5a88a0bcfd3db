import type { Instant } from '@espalier/wire';

/** A tunnel of a live peer, for the caller: where the router must send packets for `remote`. */
export interface LiveTunnelInfo {
  /** Name of the policy. */
  readonly policy: string;
  /** Name of the live peer. */
  readonly peer: string;
  /** Prefixes that were agreed on. */
  readonly local: string;
  readonly remote: string;
  readonly insideInterface: string | undefined;
  /** Counts the live tunnels of a gateway as they come, from 1. */
  readonly number: number;
  /** When it came. */
  readonly since: Instant;
}
