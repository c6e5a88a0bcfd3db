import { instant, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile } from '../../../test/shared.ts';
import {
  formatIkeSecurityAssociations,
  type IkeSecurityAssociationView,
  viewIkeSecurityAssociation,
} from '../src/views/ike-security-associations.ts';
import {
  formatIpsecSecurityAssociations,
  type IpsecSaView,
  type IpsecSecurityAssociationsView,
} from '../src/views/ipsec-security-associations.ts';
import { formatIpsecStatistics, type IpsecStatisticsView } from '../src/views/ipsec-statistics.ts';

/** The two gateways of the seed, with the values that its document shows. */
const R2 = {
  local: '10.1.15.1',
  remote: '10.1.15.2',
  localNet: '10.1.12.0/24',
  remoteNet: '10.1.56.0/24',
  inbound: 2666326758,
  outbound: 684772754,
  soft: 26863,
  hard: 26998,
  encrypted: [2248, 27],
  decrypted: [2120, 25],
} as const;
const R3 = {
  local: '10.1.15.2',
  remote: '10.1.15.1',
  localNet: '10.1.56.0/24',
  remoteNet: '10.1.12.0/24',
  inbound: 684772754,
  outbound: 2666326758,
  soft: 26598,
  hard: 26688,
  encrypted: [2120, 25],
  decrypted: [2248, 27],
} as const;
type Router = typeof R2 | typeof R3;

const serviceSet = 'service-set-dynamic-BiEspsha3des';

describe.skipIf(!hasShared).each([
  ['R2', R2],
  ['R3', R3],
] as const)('the views of %s', (name, router) => {
  const document = hasShared ? words(new TextDecoder().decode(sharedFile('seed/junos-as-pic-ike-dynamic-sa.txt'))) : '';
  const shown = (command: string, text: string) => words(`user@${name}> show services ipsec-vpn ${command} ${text}`);

  it('of IKE SAs are word for word the seed’s', () => {
    expect(document).toContain(shown('ike security-associations', formatIkeSecurityAssociations([ikeView(router)])));
  });

  it('of IPsec SAs are word for word the seed’s', () => {
    const text = formatIpsecSecurityAssociations([saView(router)]);
    expect(document).toContain(shown('ipsec security-associations detail', text));
  });

  it('of the statistics are word for word the seed’s', () => {
    expect(document).toContain(shown('ipsec statistics', formatIpsecStatistics([statisticsView(router)])));
  });
});

describe('the layout of the views', () => {
  it('aligns the columns of IKE SAs', () => {
    expect(formatIkeSecurityAssociations([ikeView(R2)])).toBe(
      [
        'Remote Address  State         Initiator cookie  Responder cookie  Exchange type',
        '10.1.15.2       Matured       03075bd3a0000003  4bff26a5c7000003  Main',
        '',
      ].join('\n'),
    );
  });

  it('gives an IKE SA in detail all that Junos tells of it', () => {
    expect(formatIkeSecurityAssociations([ikeView(R2)], { detail: true })).toBe(
      `IKE peer 10.1.15.2
  Role: Initiator, State: Matured
  Initiator cookie: 03075bd3a0000003, Responder cookie: 4bff26a5c7000003
  Exchange type: Main, Authentication method: Pre-shared-keys
  Local: 10.1.15.1:500, Remote: 10.1.15.2:500
  Lifetime: Expires in 3000 seconds
  Algorithms:
   Authentication        : hmac-sha1-96
   Encryption            : 3des-cbc
   Pseudo random function: hmac-sha1
   Diffie-Hellman group  : 2
  Traffic statistics:
   Input  bytes  :                 1000
   Output bytes  :                 1280
   Input  packets:                    5
   Output packets:                    9
  Flags: IKE SA created
  IPSec security associations: 2 created, 0 deleted
  Phase 2 negotiations in progress: 0
`,
    );
  });

  it('sets the SAs of a tunnel below its identities', () => {
    expect(formatIpsecSecurityAssociations([saView(R2)])).toBe(
      `Service set: ${serviceSet}

  Rule: rule-ike, Term: term-ike, Tunnel index: 1
  Local gateway: 10.1.15.1, Remote gateway: 10.1.15.2
  Local identity: ipv4_subnet(any:0,[0..7]=10.1.12.0/24)
  Remote identity: ipv4_subnet(any:0,[0..7]=10.1.56.0/24)

    Direction: inbound, SPI: 2666326758, AUX-SPI: 0
    Mode: tunnel, Type: dynamic, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: 3des-cbc
    Soft lifetime: Expires in 26863 seconds
    Hard lifetime: Expires in 26998 seconds
    Anti-replay service: Enabled, Replay window size: 64

    Direction: outbound, SPI: 684772754, AUX-SPI: 0
    Mode: tunnel, Type: dynamic, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: 3des-cbc
    Soft lifetime: Expires in 26863 seconds
    Hard lifetime: Expires in 26998 seconds
    Anti-replay service: Enabled, Replay window size: 64
`,
    );
  });

  it('says so when a lifetime has passed and when anti-replay is off', () => {
    const view = saView(R2);
    const worn = view.tunnels.map((tunnel) => ({
      ...tunnel,
      securityAssociations: tunnel.securityAssociations.map((sa) => ({
        ...sa,
        softLifetime: 0,
        replayWindow: 'off' as const,
      })),
    }));
    const text = formatIpsecSecurityAssociations([{ ...view, tunnels: worn }]);
    expect(text).toContain('    Soft lifetime: Expired\n');
    expect(text).toContain('    Anti-replay service: Disabled\n');
  });

  it('separates service sets by an empty line', () => {
    const text = formatIpsecStatistics([statisticsView(R2), statisticsView(R3)]);
    expect(text.split('\n\nPIC: ')).toHaveLength(2);
    expect(text.endsWith('Bad trailers: 0\n')).toBe(true);
  });
});

function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function ikeView(router: Router): IkeSecurityAssociationView {
  const established = instant(0);
  return viewIkeSecurityAssociation(instant(600_000), {
    peer: 'peer',
    role: router === R2 ? 'initiator' : 'responder',
    local: { address: router.local, port: 500 },
    remote: { address: router.remote, port: 500 },
    initiatorCookie: '03075bd3a0000003',
    responderCookie: '4bff26a5c7000003',
    state: 'ready',
    exchange: 'main',
    proposal: { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' },
    remoteIdentity: undefined,
    user: undefined,
    establishedAt: established,
    softExpiry: instant(seconds(3465)),
    hardExpiry: instant(seconds(3600)),
    octetsIn: 1000,
    octetsOut: 1280,
    packetsIn: 5,
    packetsOut: 9,
    childrenCreated: 2,
    childrenDeleted: 0,
    quickModesInProgress: 0,
  });
}

function saView(router: Router): IpsecSecurityAssociationsView {
  const common = {
    auxSpi: 0,
    mode: 'tunnel',
    type: 'dynamic',
    state: 'Installed',
    protocol: 'ESP',
    authentication: 'hmac-sha1-96',
    encryption: '3des-cbc',
    softLifetime: router.soft,
    hardLifetime: router.hard,
    replayWindow: 64,
  } as const;
  const securityAssociations: readonly IpsecSaView[] = [
    { direction: 'inbound', spi: router.inbound, ...common },
    { direction: 'outbound', spi: router.outbound, ...common },
  ];
  return {
    serviceSet,
    tunnels: [
      {
        rule: 'rule-ike',
        term: 'term-ike',
        tunnelIndex: 1,
        localGateway: router.local,
        remoteGateway: router.remote,
        localIdentity: `ipv4_subnet(any:0,[0..7]=${router.localNet})`,
        remoteIdentity: `ipv4_subnet(any:0,[0..7]=${router.remoteNet})`,
        securityAssociations,
      },
    ],
  };
}

function statisticsView(router: Router): IpsecStatisticsView {
  return {
    pic: 'sp-1/2/0',
    serviceSet,
    espEncryptedBytes: router.encrypted[0],
    espEncryptedPackets: router.encrypted[1],
    espDecryptedBytes: router.decrypted[0],
    espDecryptedPackets: router.decrypted[1],
    ahInputBytes: 0,
    ahOutputBytes: 0,
    ahInputPackets: 0,
    ahOutputPackets: 0,
    ahAuthenticationFailures: 0,
    replayErrors: 0,
    espAuthenticationFailures: 0,
    espDecryptionFailures: 0,
    badHeaders: 0,
    badTrailers: 0,
  };
}
