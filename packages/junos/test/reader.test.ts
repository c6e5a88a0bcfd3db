import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { fqdnId, fromAscii, ipv4AddressId, ipv6AddressId, keyId, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile } from '../../../test/shared.ts';
import { seededRng } from '../../../test/support/rng.ts';
import { type JunosConfiguration, JunosError, type JunosReading, readJunos } from '../src/index.ts';

const INTERFACES = `interfaces {
  so-0/0/1 { description "To R3"; unit 0 { family inet { address 10.1.15.1/30; } } }
  sp-1/2/0 {
    unit 0 { family inet; }
    unit 1 { family inet; service-domain inside; }
    unit 2 { family inet; service-domain outside; }
  }
}
`;

interface Parts {
  readonly options?: string;
  readonly style?: string;
  readonly rules?: string;
  readonly from?: string;
  readonly action?: string;
  readonly dynamic?: string;
  readonly key?: string;
  readonly ikePolicy?: string;
  readonly ikeProposals?: string;
  readonly ipsec?: string;
  readonly vpn?: string;
}

const NEXT_HOP = 'next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }';

/** A service set with nothing but a pre-shared key and a remote gateway, and what a test adds to it. */
function services(parts: Parts = {}): string {
  return `${INTERFACES}services {
  service-set s {
    ${parts.style ?? NEXT_HOP}
    ipsec-vpn-options { local-gateway 10.1.15.1; ${parts.options ?? ''} }
    ${parts.rules ?? 'ipsec-vpn-rules r;'}
  }
  ipsec-vpn {
    rule r {
      term t {
        ${parts.from ?? ''}
        then { remote-gateway 10.1.15.2; dynamic { ike-policy i; ${parts.dynamic ?? ''} } ${parts.action ?? ''} }
      }
      match-direction input;
    }
    ike { ${parts.ikeProposals ?? ''} policy i { ${parts.key ?? 'pre-shared-key ascii-text juniper;'} ${parts.ikePolicy ?? ''} } }
    ${parts.ipsec ?? ''}
    ${parts.vpn ?? ''}
  }
}
`;
}

function serviceSet(parts?: Parts) {
  const [set] = readJunos(services(parts)).configuration.serviceSets;
  if (!set) throw new Error('no service set was read');
  return set;
}

/** The first peer and the first policy of a text. */
function tunnelOf({ gateway }: JunosConfiguration) {
  const [peer] = gateway.peers;
  const [policy] = gateway.policies;
  if (!peer || policy?.action.kind !== 'protect') throw new Error('no tunnel was read');
  return { peer, policy, ipsec: policy.action };
}

const tunnel = (parts?: Parts) => tunnelOf(readJunos(services(parts)).configuration);

function notices({ notices }: JunosReading): string[] {
  return notices.map(({ text }) => text);
}

function refusal(text: string): JunosError {
  try {
    readJunos(text);
  } catch (error) {
    if (error instanceof JunosError) return error;
    throw error;
  }
  throw new Error('the configuration was read');
}

/** Where `mark` stands in `text`. */
function place(text: string, mark: string): { line: number; column: number } {
  const before = text.slice(0, text.lastIndexOf(mark)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

describe('nothing but a pre-shared key and a remote gateway', () => {
  it("gets the AS PIC's defaults", () => {
    const reading = readJunos(services());
    expect(reading.notices).toEqual([]);
    expect(reading.configuration.gateway).toEqual({
      establish: 'on-traffic',
      peers: [
        {
          name: '10.1.15.1 - 10.1.15.2',
          local: '10.1.15.1',
          remote: '10.1.15.2',
          mode: 'main',
          preSharedKey: fromAscii('juniper'),
          proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
          lifetime: seconds(3600),
        },
      ],
      policies: [
        {
          name: 's / r / t',
          interface: 'sp-1/2/0.1',
          selectors: {},
          action: {
            kind: 'protect',
            peer: '10.1.15.1 - 10.1.15.2',
            suites: [espSuite('3des-cbc/hmac-sha1-96')],
            lifetime: seconds(28_800),
            antiReplayWindow: 64,
            clearDontFragment: false,
            admits: 'anything',
            statistics: 's',
          },
        },
        { name: 's / r / t / rest', interface: 'sp-1/2/0.1', action: { kind: 'share', policy: 's / r / t' } },
      ],
    });
    expect(reading.configuration.serviceSets).toEqual([
      {
        name: 's',
        pic: 'sp-1/2/0',
        localGateway: '10.1.15.1',
        style: { kind: 'next-hop', insideInterface: 'sp-1/2/0.1', outsideInterface: 'sp-1/2/0.2' },
        terms: [
          {
            serviceSet: 's',
            rule: 'r',
            term: 't',
            tunnelIndex: 1,
            policy: 's / r / t',
            localGateway: '10.1.15.1',
            remoteGateway: '10.1.15.2',
          },
        ],
      },
    ]);
  });

  it('is nothing at all when the text is empty', () => {
    expect(readJunos('# nothing\n')).toEqual({
      configuration: {
        interfaces: [],
        routerId: undefined,
        staticRoutes: [],
        ospfAreas: [],
        securityAssociations: [],
        gateway: { peers: [], policies: [] },
        serviceSets: [],
        pki: { caProfiles: [], peers: [] },
        allowLegacy: [],
      },
      notices: [],
    });
  });
});

describe('interfaces and routing', () => {
  it('reads units with their descriptions, addresses and service domains', () => {
    expect(readJunos(INTERFACES).configuration.interfaces).toEqual([
      {
        name: 'so-0/0/1.0',
        device: 'so-0/0/1',
        unit: 0,
        description: 'To R3',
        addresses: ['10.1.15.1/30'],
        serviceDomain: undefined,
        service: { input: [], output: [] },
      },
      ...[undefined, 'inside', 'outside'].map((serviceDomain, unit) => ({
        name: `sp-1/2/0.${unit}`,
        device: 'sp-1/2/0',
        unit,
        description: undefined,
        addresses: [],
        serviceDomain,
        service: { input: [], output: [] },
      })),
    ]);
  });

  it('reads the router ID, static routes by address and by interface, and OSPF areas', () => {
    const text = `${INTERFACES}
      routing-options {
        router-id 10.0.0.2;
        static { route 10.1.56.0/30 next-hop sp-1/2/0.1; route 10.0.0.1 { next-hop 10.1.12.2; } }
      }
      protocols { ospf { area 0.0.0.0 {
        interface sp-1/2/0.1;
        interface so-0/0/1.0 { hello-interval 5; dead-interval 60; }
      } } }`;
    const { routerId, staticRoutes, ospfAreas } = readJunos(text).configuration;
    expect(routerId).toBe('10.0.0.2');
    expect(staticRoutes).toEqual([
      { prefix: '10.1.56.0/30', nextHop: { interface: 'sp-1/2/0.1' } },
      { prefix: '10.0.0.1/32', nextHop: { address: '10.1.12.2' } },
    ]);
    expect(ospfAreas).toEqual([
      {
        area: '0.0.0.0',
        interfaces: [
          { name: 'sp-1/2/0.1', helloInterval: 10, deadInterval: 40 },
          { name: 'so-0/0/1.0', helloInterval: 5, deadInterval: 60 },
        ],
      },
    ]);
  });
});

describe.runIf(hasShared)('the text of the example that the four routers follow', () => {
  const document = hasShared ? new TextDecoder().decode(sharedFile('seed/junos-as-pic-ike-dynamic-sa.txt')) : '';
  const text = (router: number) => document.match(new RegExp(`Router ${router}\\n\\[edit\\] (.*)`))?.[1] ?? '';

  it.each([
    [1, '10.1.12.2/30'],
    [4, '10.1.56.2/30'],
  ])('is read as it stands for Router %i', (router, address) => {
    const { configuration, notices } = readJunos(text(router));
    expect(notices).toEqual([]);
    expect(configuration.interfaces.map(({ addresses }) => addresses)).toEqual([[address], [`10.0.0.${router}/32`]]);
    expect(configuration.routerId).toBe(`10.0.0.${router}`);
    expect(configuration.ospfAreas[0]?.interfaces.map(({ name }) => name)).toEqual(['so-0/0/0.0', 'lo0.0']);
  });

  it.each([2, 3])(
    'is refused for Router %i, where unit 1 stands inside of unit 0, and read with that brace in its place',
    (router) => {
      const withoutComments = text(router).replace(/#+ [^.]*\.([\w/]+ [^.]*\.)?/g, '');
      expect(refusal(withoutComments).message).toContain('expected the end of unit 0: a closing brace is missing');

      const mended = withoutComments
        .replace('family inet { } unit 1', 'family inet { } } unit 1')
        .replace(/\}\s*$/, '');
      const { configuration, notices } = readJunos(mended);
      expect(notices.map(({ text }) => text)).toEqual(['syslog host local has no effect here']);
      const [serviceSet] = configuration.serviceSets;
      expect(serviceSet).toMatchObject({
        name: 'service-set-dynamic-BiEspsha3des',
        pic: 'sp-1/2/0',
        localGateway: `10.1.15.${router - 1}`,
        style: { kind: 'next-hop', insideInterface: 'sp-1/2/0.1', outsideInterface: 'sp-1/2/0.2' },
      });
      expect(serviceSet?.terms[0]).toMatchObject({ rule: 'rule-ike', term: 'term-ike' });
      expect(tunnelOf(configuration)).toMatchObject({
        policy: { selectors: {} },
        peer: { remote: `10.1.15.${4 - router}`, preSharedKey: fromAscii('$ABC123') },
      });
    },
  );
});

describe('every statement that a tunnel understands', () => {
  it.each<[string, Parts, object]>([
    [
      'from source-address',
      { from: 'from { source-address 10.1.12.0/24; }' },
      { policy: { selectors: { local: '10.1.12.0/24' } } },
    ],
    [
      'from destination-address',
      { from: 'from destination-address 10.1.56.1;' },
      { policy: { selectors: { remote: '10.1.56.1/32' } } },
    ],
    [
      'from ipsec-inside-interface',
      { from: 'from { ipsec-inside-interface sp-1/2/0.1; }' },
      { policy: { interface: 'sp-1/2/0.1' } },
    ],
    [
      'anti-replay-window-size of a term',
      { action: 'anti-replay-window-size 4096;' },
      { ipsec: { antiReplayWindow: 4096 } },
    ],
    [
      'anti-replay-window-size of a service set',
      { options: 'anti-replay-window-size 128;' },
      { ipsec: { antiReplayWindow: 128 } },
    ],
    [
      'a term before its service set',
      { options: 'no-anti-replay;', action: 'anti-replay-window-size 64;' },
      { ipsec: { antiReplayWindow: 64 } },
    ],
    [
      'no-anti-replay of a term',
      { options: 'anti-replay-window-size 128;', action: 'no-anti-replay;' },
      { ipsec: { antiReplayWindow: 'off' } },
    ],
    ['no-anti-replay of a service set', { options: 'no-anti-replay;' }, { ipsec: { antiReplayWindow: 'off' } }],
    [
      'initiate-dead-peer-detection',
      { action: 'initiate-dead-peer-detection;' },
      { peer: { deadPeerDetection: { idle: seconds(10), interval: seconds(2), retries: 2 } } },
    ],
    [
      'clear-dont-fragment-bit of a term',
      { action: 'clear-dont-fragment-bit;' },
      { ipsec: { clearDontFragment: true } },
    ],
    [
      'clear-dont-fragment-bit of a service set',
      { options: 'clear-dont-fragment-bit;' },
      { ipsec: { clearDontFragment: true } },
    ],
    ['respond-bad-spi', { ikePolicy: 'respond-bad-spi;' }, { peer: { unknownSpiResponses: 5 } }],
    ['respond-bad-spi of a number', { ikePolicy: 'respond-bad-spi 3;' }, { peer: { unknownSpiResponses: 3 } }],
    ['tunnel-mtu of a term', { options: 'tunnel-mtu 9192;', action: 'tunnel-mtu 1400;' }, { ipsec: { mtu: 1400 } }],
    ['tunnel-mtu of a service set', { options: 'tunnel-mtu 1300;' }, { ipsec: { mtu: 1300 } }],
  ])('reads %s', (_, parts, expected) => {
    expect(tunnel(parts)).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['mode main;', { mode: 'main' }],
    ['mode aggressive;', { mode: 'aggressive' }],
    ['version 1;', { mode: 'main' }],
    ['local-id ipv4_addr 10.0.0.2;', { localIdentity: ipv4AddressId('10.0.0.2') }],
    ['local-id { fqdn r2.example.net; }', { localIdentity: fqdnId('r2.example.net') }],
    ['local-id key-id blue;', { localIdentity: keyId(fromAscii('blue')) }],
    [
      'remote-id { ipv4_addr [ 10.0.0.3 10.0.0.4 ]; fqdn r3.example.net; }',
      { remoteIdentity: [fqdnId('r3.example.net'), ipv4AddressId('10.0.0.3'), ipv4AddressId('10.0.0.4')] },
    ],
    ['remote-id { ipv4_addr [ 10.0.0.3 ]; }', { remoteIdentity: ipv4AddressId('10.0.0.3') }],
    ['remote-id { fqdn r3.example.net; }', { remoteIdentity: fqdnId('r3.example.net') }],
    ['local-id key-id 00ff;', { localIdentity: keyId(Uint8Array.of(0, 0xff)) }],
    ['local-id ipv6-addr 2001:db8::1;', { localIdentity: ipv6AddressId('2001:db8::1') }],
    ['remote-id key_id "dark red";', { remoteIdentity: keyId(fromAscii('dark red')) }],
  ])('reads %s in an IKE policy', (ikePolicy, expected) => {
    expect(tunnel({ ikePolicy }).peer).toMatchObject(expected);
  });

  it.each([
    ['ascii-text "a \\"b\\""', fromAscii('a "b"')],
    ['hexadecimal 00ffA0', Uint8Array.of(0x00, 0xff, 0xa0)],
  ])('reads pre-shared-key %s', (key, octets) => {
    expect(tunnel({ key: `pre-shared-key ${key};` }).peer.preSharedKey).toEqual(octets);
  });

  it.each([
    ['authentication-algorithm md5', { hash: 'md5' }],
    ['authentication-algorithm sha1', { hash: 'sha1' }],
    ['authentication-algorithm sha256', { hash: 'sha2-256' }],
    ['authentication-algorithm sha-256', { hash: 'sha2-256' }],
    ['authentication-algorithm sha-384', { hash: 'sha2-384' }],
    ['authentication-algorithm sha-512', { hash: 'sha2-512' }],
    ['dh-group group15', { group: 15 }],
    ['dh-group group16', { group: 16 }],
    ['dh-group group17', { group: 17 }],
    ['dh-group group18', { group: 18 }],
    ['dh-group group19', { group: 19 }],
    ['dh-group group20', { group: 20 }],
    ['dh-group group21', { group: 21 }],
    ['dh-group group31', { group: 31 }],
    ['authentication-method pre-shared-keys', { authentication: 'pre-shared-key' }],
    ['dh-group group1', { group: 1 }],
    ['dh-group group2', { group: 2 }],
    ['dh-group group5', { group: 5 }],
    ['dh-group group14', { group: 14 }],
    ['encryption-algorithm 3des-cbc', { encryption: '3des-cbc' }],
    ['encryption-algorithm des-cbc', { encryption: 'des-cbc' }],
    ['encryption-algorithm aes-128-cbc', { encryption: 'aes-cbc', keyOctets: 16 }],
    ['encryption-algorithm aes-192-cbc', { encryption: 'aes-cbc', keyOctets: 24 }],
    ['encryption-algorithm aes-256-cbc', { encryption: 'aes-cbc', keyOctets: 32 }],
  ])('reads %s in an IKE proposal and keeps the defaults for the rest', (statement, expected) => {
    const parts = { ikeProposals: `proposal p { ${statement}; }`, ikePolicy: 'proposals p;' };
    expect(tunnel(parts).peer.proposals).toEqual([
      { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key', ...expected },
    ]);
  });

  it.each([
    ['protocol ah', { ah: ['hmac-sha1-96'] }],
    ['protocol ah; authentication-algorithm hmac-sha-256-128', { ah: ['hmac-sha2-256-128'] }],
    ['protocol bundle', { esp: ['3des-cbc/none'], ah: ['hmac-sha1-96'] }],
    ['protocol bundle; encryption-algorithm aes-256-cbc', { esp: ['aes-256-cbc/none'], ah: ['hmac-sha1-96'] }],
  ])('reads %s in an IPsec proposal as what has AH', (statements, expected) => {
    const ipsec = `ipsec { proposal p { ${statements}; } policy q { proposals [ p ]; } }`;
    const { suites, bundles } = tunnel({ dynamic: 'ipsec-policy q;', ipsec }).ipsec;
    expect(suites).toEqual([]);
    const named = bundles?.map(({ esp, ah }) => ({
      ...(esp && { esp: esp.map(({ name }) => name) }),
      ah: ah?.map(({ name }) => name),
    }));
    expect(named).toEqual([expected]);
    const { configuration } = readJunos(services({ dynamic: 'ipsec-policy q;', ipsec }));
    const { gateway: config, allowLegacy } = configuration;
    expect(() => new Gateway({ config, engine: nobleEngine(), rng: seededRng(1), allowLegacy })).not.toThrow();
  });

  it('refuses an encryption algorithm for AH in the words of Junos', () => {
    const ipsec = 'ipsec { proposal p { protocol ah; encryption-algorithm 3des-cbc; } policy q { proposals [ p ]; } }';
    expect(refusal(services({ dynamic: 'ipsec-policy q;', ipsec })).message).toContain(
      'Encryption algorithm must not be defined for AH',
    );
  });

  it.each([
    ['protocol esp', '3des-cbc/hmac-sha1-96'],
    ['authentication-algorithm hmac-md5-96', '3des-cbc/hmac-md5-96'],
    ['authentication-algorithm hmac-sha1-96', '3des-cbc/hmac-sha1-96'],
    ['authentication-algorithm hmac-sha-256-128', '3des-cbc/hmac-sha2-256-128'],
    ['authentication-algorithm hmac-sha2-256', '3des-cbc/hmac-sha2-256-128'],
    ['authentication-algorithm hmac-sha-384', '3des-cbc/hmac-sha2-384-192'],
    ['authentication-algorithm hmac-sha-512', '3des-cbc/hmac-sha2-512-256'],
    ['encryption-algorithm des-cbc', 'des-cbc/hmac-sha1-96'],
    ['encryption-algorithm 3des-cbc', '3des-cbc/hmac-sha1-96'],
    ['encryption-algorithm aes-128-cbc', 'aes-128-cbc/hmac-sha1-96'],
    ['encryption-algorithm aes-192-cbc', 'aes-192-cbc/hmac-sha1-96'],
    ['encryption-algorithm aes-256-cbc', 'aes-256-cbc/hmac-sha1-96'],
    ['encryption-algorithm aes-128-gcm', 'aes-128-gcm-16'],
    ['encryption-algorithm aes-192-gcm', 'aes-192-gcm-16'],
    ['encryption-algorithm aes-256-gcm', 'aes-256-gcm-16'],
  ])('reads %s in an IPsec proposal', (statement, suite) => {
    const ipsec = `ipsec { proposal p { ${statement}; } policy q { proposals [ p ]; } }`;
    expect(tunnel({ dynamic: 'ipsec-policy q;', ipsec }).ipsec).toMatchObject({
      suites: [espSuite(suite)],
      lifetime: seconds(28_800),
    });
  });

  it('refuses an authentication algorithm beside GCM, which has its own', () => {
    const ipsec = `ipsec {
      proposal p { encryption-algorithm aes-128-gcm; authentication-algorithm hmac-sha1-96; }
      policy q { proposals p; }
    }`;
    expect(() => tunnel({ dynamic: 'ipsec-policy q;', ipsec })).toThrow(/GCM authenticates by itself/);
  });

  it.each([1, 2, 5, 14, 15, 16, 19, 20, 21])('reads perfect-forward-secrecy keys group%i', (group) => {
    const ipsec = `ipsec { policy q { perfect-forward-secrecy { keys group${group}; } } }`;
    expect(tunnel({ dynamic: 'ipsec-policy q;', ipsec }).ipsec.pfsGroup).toBe(group);
  });

  it('gives proposals of different lifetimes the shortest of them, and says so', () => {
    const parts = {
      ikeProposals: 'proposal a { lifetime-seconds 7200; } proposal b { } proposal c { lifetime-seconds 7200; }',
      ikePolicy: 'proposals [ a b c ];',
    };
    expect(tunnel(parts).peer.lifetime).toBe(seconds(3600));
    expect(notices(readJunos(services(parts)))).toEqual([
      'the proposals have different lifetimes: 3600 s, the lifetime of b, holds for all of them',
    ]);
  });

  it.each([
    ['basic', ['des-cbc sha1 1', 'des-cbc md5 1'], ['des-cbc/hmac-sha1-96', 'des-cbc/hmac-md5-96'], undefined],
    [
      'compatible',
      ['3des-cbc sha1 2', '3des-cbc md5 2', 'des-cbc sha1 2', 'des-cbc md5 2'],
      ['3des-cbc/hmac-sha1-96', '3des-cbc/hmac-md5-96', 'des-cbc/hmac-sha1-96', 'des-cbc/hmac-md5-96'],
      undefined,
    ],
    ['standard', ['3des-cbc sha1 2', 'aes-cbc sha1 2'], ['3des-cbc/hmac-sha1-96', 'aes-128-cbc/hmac-sha1-96'], 2],
  ] as const)('reads proposal-set %s of both phases', (set, ike, suites, pfsGroup) => {
    const { peer, ipsec } = tunnel({
      ikePolicy: `proposal-set ${set};`,
      dynamic: 'ipsec-policy q;',
      ipsec: `ipsec { policy q { proposal-set ${set}; } }`,
    });
    expect(peer.proposals.map(({ encryption, hash, group }) => `${encryption} ${hash} ${group}`)).toEqual(ike);
    expect(ipsec.suites.map(({ name }) => name)).toEqual(suites);
    expect(ipsec.pfsGroup).toBe(pfsGroup);
  });

  it('gives each of several inside interfaces the tunnels of its own terms', () => {
    const text = services({ from: 'from ipsec-inside-interface sp-1/2/0.1;' })
      .replace('unit 2 {', 'unit 3 { family inet; service-domain inside; } unit 2 {')
      .replace(
        'match-direction',
        'term u { from ipsec-inside-interface sp-1/2/0.3; then { remote-gateway 10.1.15.6; dynamic ike-policy i; } } match-direction',
      );
    const { gateway } = readJunos(text).configuration;
    expect(gateway.policies.map((policy) => [policy.name, policy.interface])).toEqual([
      ['s / r / t', 'sp-1/2/0.1'],
      ['s / r / u', 'sp-1/2/0.3'],
      ['s / r / t / rest', 'sp-1/2/0.1'],
      ['s / r / u / rest', 'sp-1/2/0.3'],
    ]);
  });

  it('keeps the order of proposals and gives their lifetime to the policy', () => {
    const { peer, ipsec } = tunnel({
      dynamic: 'ipsec-policy q;',
      ikeProposals: `proposal a { dh-group group14; lifetime-seconds 180; } proposal b { lifetime-seconds 180; }`,
      ikePolicy: 'proposals [ b a ];',
      ipsec: `ipsec {
        policy q { proposals [ d c ]; }
        proposal c { encryption-algorithm aes-128-cbc; lifetime-seconds 86400; }
        proposal d { lifetime-seconds 86400; }
      }`,
    });
    expect(peer.proposals.map(({ group }) => group)).toEqual([2, 14]);
    expect(peer.lifetime).toBe(seconds(180));
    expect(ipsec.suites.map(({ name }) => name)).toEqual(['3des-cbc/hmac-sha1-96', 'aes-128-cbc/hmac-sha1-96']);
    expect(ipsec.lifetime).toBe(seconds(86_400));
  });

  it.each<[string, Parts, readonly string[]]>([
    ['nothing by default', {}, []],
    [
      'DES in IKE',
      { ikeProposals: 'proposal p { encryption-algorithm des-cbc; }', ikePolicy: 'proposals p;' },
      ['des'],
    ],
    [
      'MD5 in IKE',
      { ikeProposals: 'proposal p { authentication-algorithm md5; }', ikePolicy: 'proposals p;' },
      ['md5'],
    ],
    ['group 1 in IKE', { ikeProposals: 'proposal p { dh-group group1; }', ikePolicy: 'proposals p;' }, ['modp768']],
    [
      'all three in ESP',
      {
        ipsec: `ipsec {
          proposal p { encryption-algorithm des-cbc; authentication-algorithm hmac-md5-96; }
          policy q { proposals p; perfect-forward-secrecy { keys group1; } }
        }`,
        dynamic: 'ipsec-policy q;',
      },
      ['des', 'md5', 'modp768'],
    ],
  ])('tells which legacy algorithms are asked for: %s', (_, parts, legacy) => {
    expect(readJunos(services(parts)).configuration.allowLegacy).toEqual(legacy);
  });

  it('reads establish-tunnels', () => {
    for (const when of ['immediately', 'on-traffic', 'responder-only']) {
      const { gateway } = readJunos(services({ vpn: `establish-tunnels ${when};` })).configuration;
      expect(gateway.establish).toBe(when);
    }
  });

  it('reads rule sets', () => {
    const set = serviceSet({ rules: 'ipsec-vpn-rule-sets both;', vpn: 'rule-set both { rule r; }' });
    expect(set.terms.map(({ rule }) => rule)).toEqual(['r']);
  });

  it('reads a service set of interface style: what no term takes is discarded', () => {
    expect(serviceSet({ style: 'interface-service { service-interface sp-1/2/0; }' })).toMatchObject({
      pic: 'sp-1/2/0',
      style: { kind: 'interface', appliedTo: 'inside' },
    });
  });

  it.each([
    ['input', 'input', 'inside'],
    ['output', 'output', 'outside'],
  ])('tells where a set of interface style is applied, of rules that match %s', (direction, side, appliedTo) => {
    const text = services({ style: 'interface-service { service-interface sp-1/2/0.0; }' }).replace(
      'match-direction input',
      `match-direction ${direction}`,
    );
    const nowhere = readJunos(text);
    expect(notices(nowhere)).toEqual(['service-set s is applied to no interface (service input, output)']);
    const both = 'service { input { service-set s; } output { service-set s; } }';
    const reading = readJunos(text.replace('address 10.1.15.1/30;', `address 10.1.15.1/30; ${both}`));
    expect(reading.notices).toEqual([]);
    expect(reading.configuration.serviceSets[0]?.style).toEqual({
      kind: 'interface',
      appliedTo,
      interfaces: ['so-0/0/1.0'],
    });
    const half = readJunos(
      text.replace('address 10.1.15.1/30;', `address 10.1.15.1/30; service ${side} service-set s;`),
    );
    expect(notices(half)).toEqual([
      `service-set s is not applied to the ${side === 'input' ? 'output' : 'input'} of so-0/0/1.0`,
    ]);
  });

  it('takes rules that match output to be those of an interface on the outside', () => {
    const text = services({ style: 'interface-service { service-interface sp-1/2/0; }' }).replace('input', 'output');
    expect(readJunos(text).configuration.serviceSets[0]?.style).toMatchObject({ appliedTo: 'outside' });
  });
});

describe('statements without effect', () => {
  it.each<[string, Parts, string]>([
    ['syslog of a term', { action: 'syslog;' }, 'syslog has no effect here'],
    [
      'clear-ike-sas-on-pic-restart',
      { vpn: 'clear-ike-sas-on-pic-restart;' },
      'clear-ike-sas-on-pic-restart has no effect here',
    ],
    [
      'clear-ipsec-sas-on-pic-restart',
      { vpn: 'clear-ipsec-sas-on-pic-restart;' },
      'clear-ipsec-sas-on-pic-restart has no effect here',
    ],
    ['the description of a policy', { ikePolicy: 'description "for R3";' }, 'description has no effect here'],
    ['an unused IKE proposal', { ikeProposals: 'proposal p { }' }, 'nothing refers to an IKE proposal: p'],
    [
      'an unused IKE policy',
      { vpn: '', ikeProposals: 'policy j { pre-shared-key ascii-text x; }' },
      'nothing refers to an IKE policy: j',
    ],
    ['an unused IPsec policy', { ipsec: 'ipsec { policy q { } }' }, 'nothing refers to an IPsec policy: q'],
    ['an unused IPsec proposal', { ipsec: 'ipsec { proposal p { } }' }, 'nothing refers to an IPsec proposal: p'],
    ['an unused rule set', { vpn: 'rule-set both { rule r; }' }, 'nothing refers to a rule set: both'],
  ])('notices %s', (_, parts, notice) => {
    expect(notices(readJunos(services(parts)))).toContain(notice);
  });

  it('notices with line and column, in the order of the text', () => {
    const text = `interfaces {
  sp-1/2/0 {
    services-options { syslog { host local { services info; } } }
    unit 1 { family inet; service-domain inside; }
  }
}
services { ipsec-vpn {
  clear-ipsec-sas-on-pic-restart;
    clear-ike-sas-on-pic-restart;
} }`;
    expect(readJunos(text).notices).toEqual([
      { line: 3, column: 38, text: 'syslog host local has no effect here' },
      { line: 8, column: 3, text: 'clear-ipsec-sas-on-pic-restart has no effect here' },
      { line: 9, column: 5, text: 'clear-ike-sas-on-pic-restart has no effect here' },
    ]);
  });
});

describe('what cannot be carried out yet', () => {
  it.each<[string, string, Parts]>([
    ['IKE version 2', '2;', { ikePolicy: 'version 2;' }],
    ['DSA signatures', 'dsa-signatures', { ikeProposals: 'proposal p { authentication-method dsa-signatures; }' }],
    ['a backup gateway', 'backup', { action: 'backup-remote-gateway 10.1.15.6;' }],
    ['passive mode tunneling', 'passive', { options: 'passive-mode-tunneling;' }],
    ['a UDP header of its own before ESP', 'udp-enc', { options: 'udp-encapsulate { dest-port 4565; }' }],
    ['nat beside IPsec', 'nat-rules', { rules: 'ipsec-vpn-rules r; nat-rules n;' }],
    ['hiding the tunnel from traceroute', 'no-ipsec', { vpn: 'no-ipsec-tunnel-in-traceroute;' }],
  ])('refuses %s by name, at %s', (what, mark, parts) => {
    const text = services(parts);
    const error = refusal(text);
    expect(error.message).toContain(`not supported yet: ${what}`);
    expect({ line: error.line, column: error.column }).toEqual(place(text, mark));
  });
});

describe('what will not be carried out', () => {
  it.each<[string, string, Parts]>([
    ['keys in the form $6$, which is a hash', '"$6$', { key: 'pre-shared-key ascii-text "$6$abc";' }],
    ...['group22', 'group23', 'group24'].map((group): [string, string, Parts] => [
      'a group with a small subgroup (RFC 8247 §2.4 says SHOULD NOT)',
      group,
      { ikeProposals: `proposal p { dh-group ${group}; }` },
    ]),
    [
      'hmac-sha-256-96, an ICV of 96 bits that no RFC has',
      'hmac-sha-256-96',
      { ipsec: 'ipsec { proposal p { authentication-algorithm hmac-sha-256-96; } }' },
    ],
  ])('is refused with the reason: %s, at %s', (reason, mark, parts) => {
    const text = services(parts);
    const error = refusal(text);
    expect(error.message).toContain(`: not supported: ${reason} (expected `);
    expect({ line: error.line, column: error.column }).toEqual(place(text, mark));
  });
});

describe('gateways of IPv6', () => {
  const between = (local: string, remote: string) =>
    services()
      .replace('local-gateway 10.1.15.1', `local-gateway ${local}`)
      .replace('remote-gateway 10.1.15.2', `remote-gateway ${remote}`);

  it('are read in any form, and handed on in the canonical one', () => {
    const { peer } = tunnelOf(readJunos(between('2001:DB8:0:0::1', '2001:db8::0:2')).configuration);
    expect([peer.local, peer.remote]).toEqual(['2001:db8::1', '2001:db8::2']);
  });

  it('are two of one family', () => {
    expect(refusal(between('2001:db8::1', '10.1.15.2')).message).toContain('gateways of one family');
  });
});

describe('what is wrong', () => {
  /** Every case changes one thing in a text that is right; `mark` begins where the refusal must point. */
  it.each<[string, string, string, string, string]>([
    [
      'an unknown hierarchy',
      'services {\n',
      'service {\n',
      'service {\n',
      'interfaces, routing-options, security, protocols, access, services',
    ],
    ['an unknown statement', 'match-direction', 'matching; match-direction', 'matching', 'match-direction or term'],
    ['an unknown value', 'input', 'inputs', 'inputs', 'input or output'],
    [
      'a statement twice',
      'match-direction input;',
      'match-direction input; match-direction input;',
      'match-direction',
      'match-direction only once in rule r',
    ],
    ['a name twice', 'unit 2 {', 'unit 1 {', '1 { family inet; service-domain outside', 'unit "1" only once'],
    [
      'a value too many',
      'match-direction input;',
      'match-direction input output;',
      'output',
      '; after match-direction',
    ],
    [
      'a missing value',
      'match-direction input;',
      'match-direction;',
      'match-direction',
      'a value after match-direction',
    ],
    [
      'a block where a value belongs',
      'match-direction input;',
      'match-direction input { a; }',
      'a; }',
      '; after match-direction',
    ],
    [
      'a list where one value belongs',
      'match-direction input;',
      'match-direction [ input ];',
      'match-direction',
      'one value, not a list, for match-direction in rule r',
    ],
    ['a list where a block belongs', 'policy i {', 'policy j [ a ]; policy i {', 'policy j', '{ after policy'],
    ['an empty list', 'ipsec-vpn-rules r;', 'ipsec-vpn-rules [ ];', 'ipsec-vpn-rules', 'a value after ipsec-vpn-rules'],
    ['a value for a flag', 'then {', 'then { syslog x;', 'x;', '; after syslog'],
    ['a rule without match-direction', 'match-direction input;', '', 'rule r', 'match-direction in rule r'],
    ['a rule without terms', 'term t {', 'term-t {', 'rule r', 'at least one term in rule r'],
    ['a term without then', 'term t {', 'term u; term t {', 'term u', 'then in term u'],
    ['a term without remote-gateway', 'remote-gateway 10.1.15.2;', '', 'then {', 'remote-gateway in then'],
    ['a term without dynamic', 'dynamic { ike-policy i;  }', '', 'then {', 'dynamic or manual in then'],
    ['dynamic without ike-policy', 'ike-policy i;', '', 'dynamic {', 'ike-policy in dynamic'],
    [
      'a policy without a key',
      'pre-shared-key ascii-text juniper;',
      '',
      'policy i',
      'Either pre-shared-key or local-certificate',
    ],
    ['a service set without rules', 'ipsec-vpn-rules r;', '', 'service-set s', 'ipsec-vpn-rules, or an'],
    [
      'a service set without options',
      'ipsec-vpn-options { local-gateway 10.1.15.1;  }',
      '',
      'service-set s',
      'ipsec-vpn-options in service-set s',
    ],
    [
      'a service set without local-gateway',
      'local-gateway 10.1.15.1;',
      '',
      'ipsec-vpn-options',
      'local-gateway in ipsec-vpn-options',
    ],
    ['a service set without a style', NEXT_HOP, '', 'service-set s', 'next-hop-service or interface-service in'],
    [
      'a service set of two styles',
      NEXT_HOP,
      `${NEXT_HOP} interface-service { service-interface sp-1/2/0; }`,
      'service-set s',
      'either next-hop',
    ],
    [
      'a service interface that is missing',
      NEXT_HOP,
      'interface-service { service-interface sp-0/0/0; }',
      'sp-0/0/0',
      'a device among',
    ],
    [
      'an inside interface that is missing',
      'inside-service-interface sp-1/2/0.1',
      'inside-service-interface sp-1/2/0.3',
      'sp-1/2/0.3',
      'an interface of this configuration with service-domain inside',
    ],
    [
      'an inside interface that is outside',
      'inside-service-interface sp-1/2/0.1',
      'inside-service-interface sp-1/2/0.2',
      'sp-1/2/0.2; outside',
      'an interface of this configuration with service-domain inside',
    ],
    [
      'a rule that is missing',
      'ipsec-vpn-rules r;',
      'ipsec-vpn-rules [ r rr ];',
      'rr ]',
      'a rule of this configuration',
    ],
    [
      'a rule twice, by name and in a set',
      'ipsec-vpn-rules r;\n  }\n  ipsec-vpn {',
      'ipsec-vpn-rules r; ipsec-vpn-rule-sets x;\n  }\n  ipsec-vpn { rule-set x { rule r; }',
      'service-set s',
      'each rule only once',
    ],
    [
      'rules of both directions on one interface',
      `${NEXT_HOP}\n    ipsec-vpn-options { local-gateway 10.1.15.1;  }\n    ipsec-vpn-rules r;\n  }\n  ipsec-vpn {`,
      `interface-service { service-interface sp-1/2/0; } ipsec-vpn-options { local-gateway 10.1.15.1; }
       ipsec-vpn-rules [ r q ]; } ipsec-vpn {
       rule q { match-direction output; term t { then { remote-gateway 10.1.15.6; dynamic ike-policy i; } } }`,
      'interface-service',
      'rules of one match-direction',
    ],
    ['a rule named twice', 'ipsec-vpn-rules r;', 'ipsec-vpn-rules [ r  r ];', 'r ]', 'ipsec-vpn-rules "r" only once'],
    [
      'a rule set that is missing',
      'ipsec-vpn-rules r;',
      'ipsec-vpn-rule-sets r;',
      'r;\n',
      'a rule set of this configuration',
    ],
    ['an IKE policy that is missing', 'ike-policy i;', 'ike-policy k;', 'k;', 'an IKE policy of this configuration'],
    [
      'an IPsec policy that is missing',
      'ike-policy i;',
      'ike-policy i; ipsec-policy k;',
      'k;',
      'an IPsec policy of this configuration',
    ],
    [
      'an IKE proposal that is missing',
      'policy i {',
      'policy i { proposals k;',
      'k;',
      'an IKE proposal of this configuration',
    ],
    [
      'an IPsec proposal that is missing',
      'ike {',
      'ipsec { policy q { proposals k; } } ike {',
      'k;',
      'an IPsec proposal of this configuration',
    ],
    [
      'a lifetime below 180 s',
      'ike {',
      'ike { proposal p { lifetime-seconds 179; }',
      '179',
      'a number from 180 to 86400',
    ],
    [
      'a lifetime above 86400 s',
      'ike {',
      'ipsec { proposal p { lifetime-seconds 86401; } } ike {',
      '86401',
      'a number from 180 to 86400',
    ],
    [
      'a lifetime that is no number',
      'ike {',
      'ike { proposal p { lifetime-seconds 1e3; }',
      '1e3',
      'a number from 180 to 86400',
    ],
    ['a window below 64', 'then {', 'then { anti-replay-window-size 63;', '63', 'a number from 64 to 4096'],
    [
      'a window above 4096',
      'local-gateway',
      'anti-replay-window-size 4097; local-gateway',
      '4097',
      'a number from 64 to 4096',
    ],
    [
      'a window both off and on',
      'then {',
      'then { no-anti-replay; anti-replay-window-size 64;',
      'then {',
      'either anti-replay-window-size or no-anti-replay',
    ],
    [
      'dead-peer-detection without initiate-dead-peer-detection',
      'then {',
      'then { dead-peer-detection { interval 5; }',
      'then {',
      'initiate-dead-peer-detection, which must be set,',
    ],
    [
      'a DPD interval that is too long',
      'then {',
      'then { initiate-dead-peer-detection; dead-peer-detection { interval 181; }',
      '181',
      'a number from 1 to 180',
    ],
    [
      'a DPD threshold of none',
      'then {',
      'then { initiate-dead-peer-detection; dead-peer-detection { threshold 0; }',
      '0; }',
      'a number from 1 to 10',
    ],
    [
      'two ways with Don’t Fragment',
      'then {',
      'then { clear-dont-fragment-bit; copy-dont-fragment-bit;',
      'then {',
      'either clear-dont-fragment-bit or copy-dont-fragment-bit',
    ],
    [
      'both proposals and proposal-set',
      'ike {',
      'ipsec { proposal p; policy q { proposals p; proposal-set basic; } } ike {',
      'basic',
      'either proposals or proposal-set',
    ],
    [
      'addresses of two families',
      'then {',
      'from { source-address 10.0.0.0/8; destination-address fd00::/8; } then {',
      'from {',
      'addresses of one family',
    ],
    ['a name with a blank', 'rule r {', 'rule "a b" {', '"a b" {', 'a name of at most 63'],
    [
      'a name that is too long',
      'policy i {',
      `policy ${'x'.repeat(33)} { } policy i {`,
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'a name of at most 32',
    ],
    ['a tunnel MTU that is too small', 'then {', 'then { tunnel-mtu 255;', '255', 'a number from 256 to 9192'],
    [
      'perfect-forward-secrecy without keys',
      'ike {',
      'ipsec { policy q { perfect-forward-secrecy; } } ike {',
      'perfect',
      'keys in perfect-forward-secrecy',
    ],
    [
      'two identities of its own',
      'policy i {',
      'policy i { local-id ipv4_addr [ 10.0.0.3 10.0.0.4 ];',
      'local-id',
      'one identity',
    ],
    [
      'no identity',
      'policy i {',
      'policy i { remote-id;',
      'remote-id',
      'fqdn, ipv4_addr, ipv6-addr, key-id, distinguished-name or any-remote-id in remote-id',
    ],
    ['an identity that is empty', 'policy i {', 'policy i { local-id fqdn "";', '""', 'printable ASCII'],
    [
      'an address that is none',
      'remote-gateway 10.1.15.2',
      'remote-gateway 10.1.15.256',
      '10.1.15.256',
      'an IPv4 or IPv6 address',
    ],
    [
      'a gateway at no address',
      'remote-gateway 10.1.15.2',
      'remote-gateway 0.0.0.0',
      '0.0.0.0',
      'the address of a host',
    ],
    [
      'an address with a prefix length',
      'remote-gateway 10.1.15.2',
      'remote-gateway 10.1.15.2/30',
      '10.1.15.2/30',
      'an IPv4 or IPv6 address',
    ],
    ['a prefix that is too long', '10.1.15.1/30', '10.1.15.1/33', '10.1.15.1/33', 'an IPv4 address and prefix length'],
    [
      'a prefix with bits behind its length',
      'then {',
      'from source-address 10.1.12.1/24; then {',
      '10.1.12.1/24',
      'a prefix without bits behind its length',
    ],
    ['a unit that is no number', 'unit 0 { family inet; }', 'unit x { family inet; }', 'x {', 'a number from 0 to'],
  ])('refuses %s', (_, before, after, mark, expected) => {
    const right = services();
    expect(right).toContain(before);
    const text = right.replace(before, () => after);
    const error = refusal(text);
    expect(error.expected).toContain(expected);
    expect({ line: error.line, column: error.column }).toEqual(place(text, mark));
  });

  it.each([
    'pre-shared-key opensesame;',
    'pre-shared-key { opensesame; }',
    'pre-shared-key opensesame { x; }',
    'pre-shared-key [ opensesame ];',
    'pre-shared-key ascii-text x opensesame;',
    'pre-shared-key { ascii-text x; ascii-text opensesame; }',
    'pre-shared-key { ascii-text opensesame; hexadecimal 00; }',
    'pre-shared-key ascii-text "opensesameä";',
    'pre-shared-key ascii-text "opensesame\\x";',
    'pre-shared-key ascii-text "opensesame;\n',
    'pre-shared-key ascii-text opensesame }',
    'pre-shared-key ascii-text $9$opensesame;',
    'pre-shared-key ascii-text opensesame { opensesame; }',
    'pre-shared-key hexadecimal opensesame;',
    'pre-shared-key { ascii-text [ opensesame opensesame ]; }',
  ])('does not quote the key when it refuses %j', (key) => {
    const error = refusal(services({ key }));
    expect(`${error.message} ${error.expected}`).not.toContain('opensesame');
  });

  it('refuses two IKE policies between the same gateways', () => {
    const text = services({ ikeProposals: 'policy j { pre-shared-key ascii-text x; }' }).replace(
      'match-direction',
      'term u { then { remote-gateway 10.1.15.2; dynamic ike-policy j; } } match-direction',
    );
    const error = refusal(text);
    expect(error.expected).toBe('one IKE policy for all terms between 10.1.15.1 and 10.1.15.2 in service-set s');
    expect({ line: error.line, column: error.column }).toEqual(place(text, 'service-set s'));
  });

  it('refuses an inside interface that another service set has', () => {
    const set = `service-set u { ${NEXT_HOP} ipsec-vpn-options { local-gateway 10.1.15.1; } ipsec-vpn-rules r; }`;
    const text = services().replace('  ipsec-vpn {', `${set} ipsec-vpn {`);
    const error = refusal(text);
    expect(error.expected).toBe('an interface of no other service set');
    expect({ line: error.line, column: error.column }).toEqual(place(text, 'sp-1/2/0.1'));
  });

  it('is a JunosError and nothing else, however a right text is changed; and what is read, a gateway takes', () => {
    const right = services({
      from: 'from { source-address 10.1.12.0/24; }',
      dynamic: 'ipsec-policy q;',
      action: 'no-anti-replay; tunnel-mtu 1400;',
      ikeProposals: 'proposal o { dh-group group1; encryption-algorithm des-cbc; }',
      ikePolicy: 'proposals o; local-id fqdn a;',
      ipsec: 'ipsec { policy q { proposals [ p ]; } proposal p authentication-algorithm hmac-md5-96; }',
    });
    const tokens = right.match(/[^\s{};]+|[{};]|\s+/g) ?? [];
    const index = fc.nat(tokens.length - 1);
    let taken = 0;
    fc.assert(
      fc.property(index, index, fc.constantFrom('move', 'copy', 'remove'), (from, to, change) => {
        const changed = [...tokens];
        const [token = ''] = change === 'copy' ? [changed[from]] : changed.splice(from, 1);
        if (change !== 'remove') changed.splice(to, 0, token);
        const gateway = gatewayOf(changed.join(''));
        if (gateway) taken++;
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

/** The gateway of a text; none when the text is refused or has no service set. */
function gatewayOf(text: string): Gateway | undefined {
  try {
    const { gateway: config, allowLegacy } = readJunos(text).configuration;
    if (config.policies.length === 0) return undefined;
    return new Gateway({ config, allowLegacy, engine: nobleEngine(), rng: seededRng(1) });
  } catch (error) {
    expect(error).toBeInstanceOf(JunosError);
    return undefined;
  }
}
