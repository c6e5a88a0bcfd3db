import type { GatewayConfig } from '@espalier/gateway';
import type { GivenCertificates } from './phase1.ts';
import type { JunosPki } from './pki.ts';
import { type Block, readTree } from './places/block.ts';
import { Definitions } from './places/definitions.ts';
import { reportUnusedGroups } from './places/groups.ts';
import { OTHER_HIERARCHIES, placed } from './places/hierarchy.ts';
import { type JunosSecurityAssociation, ospfProtections } from './security-associations.ts';
import { type AccessProfile, readAccess } from './statements/access.ts';
import { type JunosInterface, readInterfaces } from './statements/interfaces.ts';
import { type LegacyAlgorithm, legacyAlgorithms } from './statements/legacy.ts';
import {
  type JunosOspfArea,
  type JunosRoutingOptions,
  readProtocols,
  readRoutingOptions,
} from './statements/routing.ts';
import { NO_SECURITY, readSecurity } from './statements/security.ts';
import { readServices } from './statements/service-sets.ts';
import { JunosError, type JunosNotice } from './text/error.ts';
import { parseTree } from './text/tree.ts';
import { type JunosServiceSet, tunnelsOf } from './tunnels.ts';

/** What the text of one router says. */
export interface JunosConfiguration extends JunosRoutingOptions {
  readonly interfaces: readonly JunosInterface[];
  readonly ospfAreas: readonly JunosOspfArea[];
  readonly gateway: GatewayConfig;
  /** What Junos calls the gateway's policies, for `Show`. */
  readonly serviceSets: readonly JunosServiceSet[];
  /** Those that OSPF is protected by, for `Show`. */
  readonly securityAssociations: readonly JunosSecurityAssociation[];
  /** Authorities and certificates, by their names. */
  readonly pki: JunosPki;
  /** What the text asks for by name that a `Gateway` refuses unless it is allowed, see `GatewayOptions`. */
  readonly allowLegacy: readonly LegacyAlgorithm[];
}

/** What a text refers to and does not hold, as far as it is known. */
export type JunosReadingOptions = Partial<GivenCertificates>;

/** What `readJunos` makes of a text. */
export interface JunosReading {
  readonly configuration: JunosConfiguration;
  /** Every statement that was understood but has no effect, in the order of the text. */
  readonly notices: readonly JunosNotice[];
}

/**
 * Reads a configuration in the language of Junos, in the form with braces, as `set` lines, or mixed: `interfaces`,
 * `routing-options` (router-id, static routes), `protocols ospf`, `access profile` (dynamic endpoints), `services
 * service-set` and `services ipsec-vpn`. A policy that is nothing but a pre-shared key gets the AS PIC's defaults: main mode, 3DES-CBC, SHA-1, group 2, 3600 s;
 * then ESP with 3DES-CBC and HMAC-SHA1-96, 28 800 s, no PFS. Algorithms that RFC 8221 and RFC 9395 rule out (DES, MD5,
 * group 1) are read, and told in `allowLegacy`.
 *
 * What has nothing to do with the tunnels is passed over, with a notice. In `services service-set` and `services
 * ipsec-vpn` everything counts:
 *
 * @throws JunosError with line, column, the line itself and what was expected, for what is not understood there, cannot
 * be carried out, is incomplete, or refers to something that the text does not define.
 */
export function readJunos(
  text: string,
  { localCertificates = new Map(), authorities = new Map() }: JunosReadingOptions = {},
): JunosReading {
  if (typeof text !== 'string') throw new TypeError('text: must be a string');
  const notices: JunosNotice[] = [];
  try {
    const statements = placed(parseTree(text, notices), notices);
    reportUnusedGroups(statements, notices);
    const configuration = readTree(statements, notices, (block) =>
      readConfiguration(block, { localCertificates, authorities }),
    );
    return { configuration, notices: inOrder(notices) };
  } catch (error) {
    throw error instanceof JunosError ? error.shownIn(text) : error;
  }
}

/** In the order of the text, and each once: what a group says may be met in several places. */
function inOrder(notices: readonly JunosNotice[]): readonly JunosNotice[] {
  const each = new Map(notices.map((notice) => [`${notice.line} ${notice.column} ${notice.text}`, notice]));
  return [...each.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

function readConfiguration(block: Block, given: GivenCertificates): JunosConfiguration {
  const interfaces = block.section('interfaces', readInterfaces) ?? [];
  const routing = block.section('routing-options', (options) => readRoutingOptions(options, interfaces));
  const { associations, caProfiles } = block.section('security', readSecurity) ?? NO_SECURITY;
  const context = { interfaces, associations };
  const ospfAreas = block.section('protocols', (protocols) => readProtocols(protocols, context)) ?? [];
  associations.reportUnused(block);
  const access = block.section('access', readAccess) ?? new Definitions<AccessProfile>('an IKE access profile');
  const {
    gateway: tunnels,
    serviceSets,
    certificatePeers,
  } = block.section('services', (services) => readServices(services, { interfaces, access, caProfiles, given })) ??
  tunnelsOf([], undefined, given);
  caProfiles.reportUnused(block);
  const ospf = ospfProtections(ospfAreas, interfaces, (name) => associations.get(name));
  const gateway = { ...tunnels, policies: [...ospf.policies, ...tunnels.policies] };
  block.drop('groups');
  block.passOver(OTHER_HIERARCHIES);
  return {
    interfaces,
    routerId: routing?.routerId,
    staticRoutes: routing?.staticRoutes ?? [],
    ospfAreas,
    gateway,
    serviceSets,
    securityAssociations: ospf.associations,
    pki: { caProfiles: caProfiles.values, peers: certificatePeers },
    allowLegacy: legacyAlgorithms(gateway),
  };
}
