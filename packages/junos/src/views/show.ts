import type { Gateway, IpsecSaInfo, LiveTunnelInfo, SaInfo } from '@espalier/gateway';
import { formatIdentification, type Instant } from '@espalier/wire';
import type { JunosDynamicEndpoints } from '../dynamic-endpoints.ts';
import type { JunosSecurityAssociation } from '../security-associations.ts';
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
import { type ReverseRouteView, viewReverseRoute } from './reverse-routes.ts';
import type { SecurityAssociationView } from './security-associations.ts';

/** What the views are of. */
export type ShownGateway = Pick<Gateway, 'ikeSas' | 'ipsecSas' | 'statistics' | 'liveTunnels'>;

/** A part of `JunosConfiguration`. */
export interface ShownConfiguration {
  readonly serviceSets: readonly JunosServiceSet[];
  readonly securityAssociations?: readonly JunosSecurityAssociation[];
}

/** The `show services ipsec-vpn` commands of a gateway, as data; `format...` makes Junos' text of it. */
export class Show {
  readonly #gateway: ShownGateway;
  readonly #serviceSets: readonly JunosServiceSet[];
  readonly #securityAssociations: readonly JunosSecurityAssociation[];

  /** `configuration`: what the gateway was made from. */
  constructor(gateway: ShownGateway, configuration: ShownConfiguration) {
    const { serviceSets, securityAssociations = [] } = configuration;
    this.#gateway = gateway;
    this.#serviceSets = serviceSets;
    this.#securityAssociations = securityAssociations;
  }

  /** `show ipsec security-associations`: of routing protocols, one or all. */
  securityAssociations(now: Instant, association?: string): readonly SecurityAssociationView[] {
    return this.#securityAssociations
      .filter(({ name }) => association === undefined || name === association)
      .map(({ name, policy }) => ({
        name,
        securityAssociations: this.#gateway.ipsecSas(policy).flatMap((sa) => viewPair(now, sa)),
      }));
  }

  /** `ike security-associations`. */
  ikeSecurityAssociations(now: Instant): readonly IkeSecurityAssociationView[] {
    return this.#gateway.ikeSas().map((sa) => viewIkeSecurityAssociation(now, sa));
  }

  /** `ipsec security-associations`, of one service set or of all. */
  ipsecSecurityAssociations(now: Instant, serviceSet?: string): readonly IpsecSecurityAssociationsView[] {
    return this.#named(serviceSet).map(({ name, terms, dynamic }) => ({
      serviceSet: name,
      tunnels: [
        ...terms.flatMap((term) => viewTunnel(now, term, this.#gateway.ipsecSas(term.policy))),
        ...(dynamic === undefined ? [] : this.#dynamicTunnels(now, dynamic)),
      ],
    }));
  }

  /** `show route protocol static`: the routes that dynamic tunnels brought with them, of one service set or of all. */
  reverseRoutes(now: Instant, serviceSet?: string): readonly ReverseRouteView[] {
    const live = this.#gateway.liveTunnels();
    return this.#named(serviceSet).flatMap(({ dynamic }) =>
      live
        .filter(({ policy }) => dynamic?.policies.includes(policy) === true)
        .flatMap((tunnel) => reverseRoute(now, tunnel, dynamic?.routePreference)),
    );
  }

  /** Under the implicit rule that Junos makes for each. */
  #dynamicTunnels(now: Instant, { policies, termsBefore }: JunosDynamicEndpoints): readonly IpsecTunnelView[] {
    const byTunnel = new Map<number, IpsecSaInfo[]>();
    for (const sa of policies.flatMap((policy) => this.#gateway.ipsecSas(policy))) {
      const { liveTunnel = 0 } = sa;
      byTunnel.set(liveTunnel, [...(byTunnel.get(liveTunnel) ?? []), sa]);
    }
    return [...byTunnel]
      .sort(([a], [b]) => a - b)
      .flatMap(([number, sas]) => viewTunnel(now, dynamicTerm(termsBefore + number), sas));
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

/** What a tunnel is called. */
type TunnelNames = Pick<JunosTerm, 'rule' | 'term' | 'tunnelIndex'> & Partial<JunosTerm>;

function dynamicTerm(tunnelIndex: number): TunnelNames {
  return { rule: '_junos_', term: `tunnel${tunnelIndex}`, tunnelIndex };
}

/** None where everything is behind the peer: then a routing protocol is to say what is. */
function reverseRoute(
  now: Instant,
  tunnel: LiveTunnelInfo,
  preference: number | undefined,
): readonly ReverseRouteView[] {
  const { remote, insideInterface, since } = tunnel;
  if (preference === undefined || insideInterface === undefined || remote.endsWith('/0')) return [];
  return [viewReverseRoute(now, { prefix: remote, interface: insideInterface, preference }, since)];
}

/** Nothing for a tunnel without SAs. Of a dynamic one the gateways are where they are now. */
function viewTunnel(now: Instant, term: TunnelNames, sas: readonly IpsecSaInfo[]): readonly IpsecTunnelView[] {
  const [first] = sas;
  if (first === undefined) return [];
  return [
    {
      rule: term.rule,
      term: term.term,
      tunnelIndex: term.tunnelIndex,
      localGateway: term.localGateway ?? first.local,
      remoteGateway: term.remoteGateway ?? first.remote,
      ...(term.tunnelMtu !== undefined && { tunnelMtu: term.tunnelMtu }),
      ...(term.outer !== undefined && { outerHeader: outerHeaderOf(term.outer) }),
      localIdentity: formatIdentification(first.localIdentity),
      remoteIdentity: formatIdentification(first.remoteIdentity),
      securityAssociations: sas.flatMap((sa) => viewPair(now, sa)),
    },
  ];
}

function outerHeaderOf({
  ttl = 64,
  dscp = 'copy',
}: NonNullable<JunosTerm['outer']>): NonNullable<IpsecTunnelView['outerHeader']> {
  return { tos: dscp === 'copy' ? dscp : dscp << 2, ttl };
}

/** A pair that is not yet established receives, but does not send. */
function viewPair(now: Instant, sa: IpsecSaInfo): readonly IpsecSaView[] {
  const common = {
    mode: sa.mode,
    type: sa.role === undefined ? 'manual' : 'dynamic',
    softLifetime: leftUntil(now, sa.softExpiry),
    hardLifetime: leftUntil(now, sa.hardExpiry),
    replayWindow: sa.antiReplayWindow,
  } as const;
  return [
    { direction: 'inbound', state: 'Installed', ...viewSas(sa.sas.inbound), ...common },
    {
      direction: 'outbound',
      state: sa.state === 'established' ? 'Installed' : 'Not installed',
      ...viewSas(sa.sas.outbound),
      ...common,
    },
  ];
}

/** Of AH and ESP together the SPI is AH's, and the auxiliary one ESP's. */
function viewSas(
  sas: readonly SaInfo[],
): Pick<IpsecSaView, 'spi' | 'auxSpi' | 'protocol' | 'authentication' | 'encryption'> {
  const esp = sas.find((sa) => sa.protocol === 'esp');
  const ah = sas.find((sa) => sa.protocol === 'ah');
  const encryption = esp === undefined ? 'None' : encryptionName(esp.suite);
  if (ah === undefined) {
    const integrity = esp?.suite.integrity ?? 'none';
    const authentication = integrity === 'none' ? 'None' : integrity;
    return { spi: esp?.spi ?? 0, auxSpi: 0, protocol: 'ESP', authentication, encryption };
  }
  const protocol = esp === undefined ? 'AH' : 'BUNDLE';
  return { spi: ah.spi, auxSpi: esp?.spi ?? 0, protocol, authentication: ah.suite.name, encryption };
}

function leftUntil(now: Instant, expiry: Instant | undefined): number | undefined {
  return expiry === undefined ? undefined : secondsLeft(now, expiry);
}
