import type { GatewayPeer } from '../config.ts';
import type { TunnelPolicy } from '../manual/policy.ts';
import type { StatisticsCounter } from '../sas/statistics.ts';

/** What a tunnel is told of the peer at its other end; of SAs given by hand its name is its address. */
export type TunnelPeer = Pick<GatewayPeer, 'name' | 'local' | 'outsideMtu'>;

/** What a tunnel is made from. */
export interface TunnelForm<Policy extends TunnelPolicy = TunnelPolicy> {
  readonly policy: Policy;
  readonly peer: TunnelPeer;
  /** Under the policy's label. */
  readonly statistics: StatisticsCounter;
}
