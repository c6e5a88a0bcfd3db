import type { GatewayPeer } from '../config.ts';
import type { ProtectingPolicy } from '../policy/ike-peers.ts';
import type { StatisticsCounter } from './statistics.ts';

/** What a tunnel is told of the peer at its other end. */
export type TunnelPeer = Pick<GatewayPeer, 'name' | 'local' | 'outsideMtu'>;

/** What a tunnel is made from. */
export interface TunnelForm {
  readonly policy: ProtectingPolicy;
  readonly peer: TunnelPeer;
  /** Under the policy's label. */
  readonly statistics: StatisticsCounter;
}
