import {
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  formatSecurityAssociations,
  type IpsecStatisticsView,
  type Show,
} from '@espalier/junos';
import type { Instant } from '@espalier/wire';
import type { NeighborState } from '../routers/ospf.ts';
import type { PingReport } from '../routers/ping.ts';
import type { Hop } from '../routers/traceroute.ts';

/** What the SAs are that are given by hand: those of a tunnel, or of OSPF. */
export type Part = 'esp' | 'ah' | 'bundle' | 'ospf';

/** What a run of one part has shown. */
export interface Evidence {
  readonly part: Part;
  readonly pings: readonly (PingReport & { readonly from: string; readonly to: string })[];
  /** What both ends of each adjacency know of the other. */
  readonly neighbors: readonly { readonly on: string; readonly state: NeighborState }[];
  readonly traceroute: readonly Hop[];
  readonly r2: GatewayViews;
  readonly r3: GatewayViews;
  /** How many packets of each kind there were on the link between R2 and R3, by `kindOf`. */
  readonly wire: ReadonlyMap<string, number>;
}

/** What a gateway shows of itself. */
export interface GatewayViews {
  readonly statistics: readonly IpsecStatisticsView[];
  readonly text: {
    readonly brief: string;
    readonly detail: string;
    readonly statistics: string;
    /** `show ipsec security-associations detail`: of routing protocols. */
    readonly ofProtocols: string;
  };
}

export function viewGateway(now: Instant, show: Show): GatewayViews {
  const sas = show.ipsecSecurityAssociations(now);
  const statistics = show.ipsecStatistics();
  return {
    statistics,
    text: {
      brief: formatIpsecSecurityAssociations(sas, { level: 'brief' }),
      detail: formatIpsecSecurityAssociations(sas),
      statistics: formatIpsecStatistics(statistics),
      ofProtocols: formatSecurityAssociations(show.securityAssociations(now)),
    },
  };
}
