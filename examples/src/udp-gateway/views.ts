import {
  formatIkeSecurityAssociations,
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  type Show,
} from '@espalier/junos';
import type { Instant } from '@espalier/wire';

/** The three `show services ipsec-vpn` views, one under the other. */
export function viewsText(now: Instant, show: Show): string {
  return [
    '> show services ipsec-vpn ike security-associations',
    formatIkeSecurityAssociations(show.ikeSecurityAssociations(now)),
    '> show services ipsec-vpn ipsec security-associations detail',
    formatIpsecSecurityAssociations(show.ipsecSecurityAssociations(now)),
    '> show services ipsec-vpn ipsec statistics',
    formatIpsecStatistics(show.ipsecStatistics()),
  ].join('\n');
}
