import type { IkeSaInfo } from '@espalier/ike';
import { formatIdentification, type Instant } from '@espalier/wire';
import type { ServiceSet } from '../policy/service-set.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../sas/tunnel.ts';
import { type IkeSecurityAssociationView, viewIkeSecurityAssociation } from './ike-security-associations.ts';
import {
  encryptionName,
  type IpsecSaView,
  type IpsecSecurityAssociationsView,
  type IpsecTunnelView,
} from './ipsec-security-associations.ts';
import type { IpsecStatisticsView } from './ipsec-statistics.ts';
import { secondsLeft } from './lifetime.ts';

/** The `show services ipsec-vpn` commands, as data; `format...` makes Junos' text of it. */
export class Show {
  readonly #serviceSets: readonly ServiceSet[];
  readonly #ikeSas: () => readonly IkeSaInfo[];

  constructor(serviceSets: readonly ServiceSet[], ikeSas: () => readonly IkeSaInfo[]) {
    this.#serviceSets = serviceSets;
    this.#ikeSas = ikeSas;
  }

  /** `ike security-associations`. */
  ikeSecurityAssociations(now: Instant): readonly IkeSecurityAssociationView[] {
    return this.#ikeSas().map((sa) => viewIkeSecurityAssociation(now, sa));
  }

  /** `ipsec security-associations`, of one service set or of all. */
  ipsecSecurityAssociations(now: Instant, serviceSet?: string): readonly IpsecSecurityAssociationsView[] {
    return this.#named(serviceSet).map(({ config, tunnels }) => ({
      serviceSet: config.name,
      tunnels: tunnels.flatMap((tunnel) => viewTunnel(now, tunnel)),
    }));
  }

  /** `ipsec statistics`, of one service set or of all. */
  ipsecStatistics(serviceSet?: string): readonly IpsecStatisticsView[] {
    return this.#named(serviceSet).map(({ config, statistics }) => ({
      pic: config.pic,
      serviceSet: config.name,
      ...statistics.snapshot(),
    }));
  }

  #named(serviceSet: string | undefined): readonly ServiceSet[] {
    return this.#serviceSets.filter(({ config }) => serviceSet === undefined || config.name === serviceSet);
  }
}

/** Nothing for a tunnel without SAs. */
function viewTunnel(now: Instant, tunnel: Tunnel): readonly IpsecTunnelView[] {
  const { established, negotiated, plan } = tunnel;
  const [first] = [...established, ...negotiated];
  if (first === undefined) return [];
  return [
    {
      rule: plan.rule.name,
      term: plan.term.name,
      tunnelIndex: plan.index,
      localGateway: plan.serviceSet.localGateway,
      remoteGateway: plan.term.remoteGateway,
      localIdentity: formatIdentification(first.localIdentity),
      remoteIdentity: formatIdentification(first.remoteIdentity),
      securityAssociations: [
        ...established.flatMap((pair) => viewPair(now, pair, 'Installed')),
        ...negotiated.flatMap((pair) => viewPair(now, pair, 'Not installed')),
      ],
    },
  ];
}

/** `outboundState`: a pair that is not yet established receives, but does not send. */
function viewPair(now: Instant, pair: SaPair, outboundState: IpsecSaView['state']): readonly IpsecSaView[] {
  const common = {
    auxSpi: 0,
    mode: 'tunnel',
    type: 'dynamic',
    protocol: 'ESP',
    authentication: pair.suite.integrity,
    encryption: encryptionName(pair.suite),
    softLifetime: secondsLeft(now, pair.softExpiry),
    hardLifetime: secondsLeft(now, pair.hardExpiry),
    replayWindow: pair.replayWindow,
  } as const;
  return [
    { direction: 'inbound', spi: pair.name.inbound, state: 'Installed', ...common },
    { direction: 'outbound', spi: pair.name.outbound, state: outboundState, ...common },
  ];
}
