import type { Gateway, IpsecSaInfo } from '@espalier/gateway';
import { formatIdentification, type Instant } from '@espalier/wire';
import type { JunosServiceSet, JunosTerm } from '../tunnels.ts';
import { type IkeSecurityAssociationView, viewIkeSecurityAssociation } from './ike-security-associations.ts';
import {
  encryptionName,
  type IpsecSaView,
  type IpsecSecurityAssociationsView,
  type IpsecTunnelView,
} from './ipsec-security-associations.ts';
import type { IpsecStatisticsView } from './ipsec-statistics.ts';
import { secondsLeft } from './lifetime.ts';

/** The `show services ipsec-vpn` commands of a gateway, as data; `format...` makes Junos' text of it. */
export class Show {
  readonly #gateway: Pick<Gateway, 'ikeSas' | 'ipsecSas' | 'statistics'>;
  readonly #serviceSets: readonly JunosServiceSet[];

  /** `serviceSets` of the same `JunosConfiguration` that the gateway was made from. */
  constructor(
    gateway: Pick<Gateway, 'ikeSas' | 'ipsecSas' | 'statistics'>,
    { serviceSets }: { readonly serviceSets: readonly JunosServiceSet[] },
  ) {
    this.#gateway = gateway;
    this.#serviceSets = serviceSets;
  }

  /** `ike security-associations`. */
  ikeSecurityAssociations(now: Instant): readonly IkeSecurityAssociationView[] {
    return this.#gateway.ikeSas().map((sa) => viewIkeSecurityAssociation(now, sa));
  }

  /** `ipsec security-associations`, of one service set or of all. */
  ipsecSecurityAssociations(now: Instant, serviceSet?: string): readonly IpsecSecurityAssociationsView[] {
    return this.#named(serviceSet).map(({ name, terms }) => ({
      serviceSet: name,
      tunnels: terms.flatMap((term) => viewTunnel(now, term, this.#gateway.ipsecSas(term.policy))),
    }));
  }

  /** `ipsec statistics`, of one service set or of all. */
  ipsecStatistics(serviceSet?: string): readonly IpsecStatisticsView[] {
    return this.#named(serviceSet).flatMap(({ pic, name }) => {
      const statistics = this.#gateway.statistics(name);
      return statistics === undefined ? [] : [{ pic, serviceSet: name, ...statistics }];
    });
  }

  #named(serviceSet: string | undefined): readonly JunosServiceSet[] {
    return this.#serviceSets.filter(({ name }) => serviceSet === undefined || name === serviceSet);
  }
}

/** Nothing for a tunnel without SAs. */
function viewTunnel(now: Instant, term: JunosTerm, sas: readonly IpsecSaInfo[]): readonly IpsecTunnelView[] {
  const [first] = sas;
  if (first === undefined) return [];
  return [
    {
      rule: term.rule,
      term: term.term,
      tunnelIndex: term.tunnelIndex,
      localGateway: term.localGateway,
      remoteGateway: term.remoteGateway,
      localIdentity: formatIdentification(first.localIdentity),
      remoteIdentity: formatIdentification(first.remoteIdentity),
      securityAssociations: sas.flatMap((sa) => viewPair(now, sa)),
    },
  ];
}

/** A pair that is not yet established receives, but does not send. */
function viewPair(now: Instant, sa: IpsecSaInfo): readonly IpsecSaView[] {
  const common = {
    auxSpi: 0,
    mode: sa.mode,
    type: 'dynamic',
    protocol: 'ESP',
    authentication: sa.suite.integrity,
    encryption: encryptionName(sa.suite),
    softLifetime: secondsLeft(now, sa.softExpiry),
    hardLifetime: secondsLeft(now, sa.hardExpiry),
    replayWindow: sa.antiReplayWindow,
  } as const;
  return [
    { direction: 'inbound', spi: sa.inbound, state: 'Installed', ...common },
    {
      direction: 'outbound',
      spi: sa.outbound,
      state: sa.state === 'established' ? 'Installed' : 'Not installed',
      ...common,
    },
  ];
}
