import {
  formatIkeSecurityAssociations,
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  type Show,
} from '@espalier/junos';
import type { Instant } from '@espalier/wire';
import type { CertificateTexts } from '../common/certificate-holder.ts';

/** The `show services ipsec-vpn` views, one under the other; with those of certificates, where there are any. */
export function viewsText(now: Instant, show: Show, certificates?: CertificateTexts): string {
  return [
    '> show services ipsec-vpn ike security-associations',
    formatIkeSecurityAssociations(show.ikeSecurityAssociations(now)),
    '> show services ipsec-vpn ipsec security-associations detail',
    formatIpsecSecurityAssociations(show.ipsecSecurityAssociations(now)),
    '> show services ipsec-vpn ipsec statistics',
    formatIpsecStatistics(show.ipsecStatistics()),
    ...(certificates === undefined
      ? []
      : [
          '> show services ipsec-vpn certificates detail',
          certificates.ofServices,
          '> show security pki ca-certificate',
          certificates.authorities,
          '> show security pki local-certificate detail',
          certificates.own,
          '> show security pki crl detail',
          certificates.crls,
        ]),
  ].join('\n');
}
