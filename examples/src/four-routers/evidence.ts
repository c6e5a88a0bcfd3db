import {
  formatIkeSecurityAssociations,
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  type IkeSecurityAssociationView,
  type IpsecSecurityAssociationsView,
  type IpsecStatisticsView,
  type Show,
} from '@espalier/junos';
import type { Duration, Instant } from '@espalier/wire';
import type { NeighborState } from '../routers/ospf.ts';
import type { PingReport } from '../routers/ping.ts';
import type { Rekeys } from '../routers/story.ts';
import type { Hop } from '../routers/traceroute.ts';
import type { DocumentedViews } from './document.ts';

/** What the verification of the document has shown. */
export interface Verified {
  readonly pings: readonly (PingReport & { readonly from: string; readonly to: string })[];
  /** What both ends of each adjacency know of the other. */
  readonly neighbors: readonly { readonly on: string; readonly state: NeighborState }[];
  readonly traceroute: readonly Hop[];
  /** The gateways at the moment of the verification. */
  readonly verification: GatewayEvidence;
}

/** All that a run has shown. */
export interface Evidence extends Verified {
  readonly day: DayEvidence;
}

export interface GatewayEvidence {
  readonly r2: GatewayViews;
  readonly r3: GatewayViews;
}

/** What the three `show` commands tell of a gateway: as data, and as the text that is printed. */
export interface GatewayViews {
  readonly ike: readonly IkeSecurityAssociationView[];
  readonly ipsec: readonly IpsecSecurityAssociationsView[];
  readonly statistics: readonly IpsecStatisticsView[];
  readonly text: DocumentedViews;
}

export interface DayEvidence extends PingReport {
  readonly duration: Duration;
  readonly rekeys: Rekeys;
  /** OSPF neighbours that went down. */
  readonly lostNeighbors: number;
  /** Why negotiations failed, each reason once. */
  readonly failures: readonly string[];
  /** The gateways when it was over. */
  readonly gateways: GatewayEvidence;
}

export function viewGateways(now: Instant, gateways: { readonly r2: Show; readonly r3: Show }): GatewayEvidence {
  return { r2: viewGateway(now, gateways.r2), r3: viewGateway(now, gateways.r3) };
}

function viewGateway(now: Instant, show: Show): GatewayViews {
  const ike = show.ikeSecurityAssociations(now);
  const ipsec = show.ipsecSecurityAssociations(now);
  const statistics = show.ipsecStatistics();
  return {
    ike,
    ipsec,
    statistics,
    text: {
      ikeSecurityAssociations: formatIkeSecurityAssociations(ike),
      ipsecSecurityAssociations: formatIpsecSecurityAssociations(ipsec),
      ipsecStatistics: formatIpsecStatistics(statistics),
    },
  };
}
