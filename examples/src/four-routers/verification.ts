import type { Instant } from '@espalier/wire';
import type { Operator } from '../routers/operator.ts';
import type { Topology } from '../routers/topology.ts';
import { type GatewayViews, type Verified, viewGateways } from './evidence.ts';

const R1_ADDRESS = '10.1.12.2';
export const R4_ADDRESS = '10.1.56.2';

/**
 * What the document does to see that all is well: a ping, what the gateways show at the time that `untilShow` waits for, a
 * ping the other way, and a traceroute. `alsoShow`: what else is asked of a gateway.
 */
export function verifyAsDocumented(
  operator: Operator,
  { r1, r4, gateways, ospf }: Topology,
  untilShow: () => Instant,
  alsoShow: (router: string) => void = () => {},
): Verified {
  const there = operator.ping(r1, R4_ADDRESS, 5);
  const verification = viewGateways(untilShow(), gateways);
  const show = (router: string, { text }: GatewayViews) => {
    operator.show(router, 'services ipsec-vpn ike security-associations', text.ikeSecurityAssociations);
    operator.show(router, 'services ipsec-vpn ipsec security-associations detail', text.ipsecSecurityAssociations);
    operator.show(router, 'services ipsec-vpn ipsec statistics', text.ipsecStatistics);
    alsoShow(router);
  };
  show('R2', verification.r2);
  show('R3', verification.r3);
  const back = operator.ping(r4, R1_ADDRESS, 6);
  const hops = operator.traceroute(r4, R1_ADDRESS);
  const neighbors = ospf.map(({ name, state }) => ({ on: name, state }));
  return { pings: [there, back], neighbors, verification, traceroute: hops };
}
