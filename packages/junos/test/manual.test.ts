import { ahSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type ManualSa } from '@espalier/gateway';
import { encodeIpv4, fromAscii, instant, PROTOCOL, parseAddress, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import {
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  formatSecurityAssociations,
  JunosError,
  readJunos,
  Show,
} from '../src/index.ts';

const SHA1 = 'authentication { algorithm hmac-sha1-96; key ascii-text "juniperjuniperjunipe"; }';
const DES3 = 'encryption { algorithm 3des-cbc; key ascii-text "juniperNetworksESPkeys24"; }';
const ESP = `protocol esp; spi 261; ${SHA1} ${DES3}`;

interface Site {
  readonly local: string;
  readonly remote: string;
}

const WEST: Site = { local: '10.1.15.1', remote: '10.1.15.2' };
const EAST: Site = { local: '10.1.15.2', remote: '10.1.15.1' };

function text(manual: string, { local, remote }: Site = WEST, then = ''): string {
  return `interfaces {
  so-0/0/1 { unit 0 { family inet { address ${local}/30; } } }
  sp-1/2/0 { unit 0 { family inet; } unit 1 { family inet; service-domain inside; } unit 2 { family inet; service-domain outside; } }
}
services {
  service-set s {
    next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
    ipsec-vpn-options { local-gateway ${local}; }
    ipsec-vpn-rules r;
  }
  ipsec-vpn {
    rule r {
      match-direction input;
      term t { then { remote-gateway ${remote}; ${then} manual {
        ${manual}
      } } }
    }
  }
}
`;
}

const bidirectional = (sa: string) => text(`direction bidirectional { ${sa} }`);

function gatewayOf(source: string): { readonly gateway: Gateway; readonly show: Show } {
  const { configuration } = readJunos(source);
  const { gateway: config, allowLegacy } = configuration;
  const gateway = new Gateway({ config, engine: nobleEngine(), rng: seededRng(1), allowLegacy });
  return { gateway, show: new Show(gateway, configuration) };
}

function sasOf(source: string): { readonly inbound: ManualSa; readonly outbound: ManualSa } {
  const [policy] = readJunos(source).configuration.gateway.policies;
  if (policy?.action.kind !== 'manual') throw new Error('no manual SA was read');
  return policy.action;
}

function refusal(source: string): JunosError {
  try {
    readJunos(source);
  } catch (error) {
    if (error instanceof JunosError) return error;
    throw error;
  }
  throw new Error('the text was read');
}

function packet(): Uint8Array {
  const [source, destination] = [parseAddress('10.1.12.2'), parseAddress('10.1.56.2')];
  return encodeIpv4({ source, destination, protocol: PROTOCOL.udp, payload: new Uint8Array(64) });
}

describe('manual SAs in a text', () => {
  it('are the same in both directions where they are bidirectional', () => {
    const { inbound, outbound } = sasOf(bidirectional(ESP));
    expect(inbound).toEqual(outbound);
    expect(inbound.esp).toMatchObject({ spi: 261, suite: { name: '3des-cbc/hmac-sha1-96' } });
    expect(inbound.esp?.keys).toEqual({
      encryption: fromAscii('juniperNetworksESPkeys24'),
      salt: new Uint8Array(0),
      integrity: fromAscii('juniperjuniperjunipe'),
    });
  });

  it('are each their own otherwise', () => {
    const { inbound, outbound } = sasOf(
      text(`direction inbound { ${ESP} } direction outbound { protocol esp; spi 16639; ${SHA1} }`),
    );
    expect(inbound.esp).toMatchObject({ spi: 261, suite: { name: '3des-cbc/hmac-sha1-96' } });
    expect(outbound.esp).toMatchObject({ spi: 16639, suite: { name: 'null/hmac-sha1-96' } });
  });

  it('are read from set lines as from braces', () => {
    const lines = [
      'direction bidirectional protocol esp',
      'direction bidirectional spi 261',
      'direction bidirectional authentication algorithm hmac-sha1-96',
      'direction bidirectional authentication key ascii-text "juniperjuniperjunipe"',
      'direction bidirectional encryption algorithm 3des-cbc',
      'direction bidirectional encryption key ascii-text "juniperNetworksESPkeys24"',
    ];
    const then = 'set services ipsec-vpn rule r term t then';
    const [braces, rest] = [text(''), lines.map((line) => `${then} manual ${line}`)];
    const set = `${braces.replace(/manual \{\s*\}/, '')}\n${rest.join('\n')}\n`;
    expect(sasOf(set)).toEqual(sasOf(bidirectional(ESP)));
  });

  it.each([
    ['hmac-md5-96', 16],
    ['hmac-sha1-96', 20],
    ['hmac-sha-256-128', 32],
    ['hmac-sha2-256', 32],
  ])('take a key of %s in characters and in hexadecimal digits', (algorithm, octets) => {
    const key = 'k'.repeat(octets);
    const sa = (form: string) =>
      sasOf(bidirectional(`protocol esp; spi 256; authentication { algorithm ${algorithm}; key ${form}; }`));
    expect(sa(`ascii-text ${key}`).inbound.esp?.keys.integrity).toEqual(fromAscii(key));
    expect(sa(`hexadecimal ${toHex(fromAscii(key))}`)).toEqual(sa(`ascii-text ${key}`));
    const short = refusal(
      bidirectional(`protocol esp; spi 256; authentication { algorithm ${algorithm}; key ascii-text ${key}k; }`),
    );
    expect(short.expected).toContain(`a key of ${octets} octets for`);
    expect(short.message).not.toContain(key);
  });

  it.each([
    ['des-cbc', 8],
    ['3des-cbc', 24],
    ['aes-128-cbc', 16],
    ['aes-192-cbc', 24],
    ['aes-256-cbc', 32],
  ])('take a key of %s in characters and in hexadecimal digits', (algorithm, octets) => {
    const key = 'abcdefghijklmnopqrstuvwxyz012345'.slice(0, octets);
    const sa = (form: string) =>
      bidirectional(`protocol esp; spi 256; ${SHA1} encryption { algorithm ${algorithm}; key ${form}; }`);
    expect(sasOf(sa(`ascii-text ${key}`)).inbound.esp?.keys.encryption).toEqual(fromAscii(key));
    expect(sasOf(sa(`hexadecimal ${toHex(fromAscii(key))}`))).toEqual(sasOf(sa(`ascii-text ${key}`)));
    expect(refusal(sa(`hexadecimal ${toHex(fromAscii(key)).slice(2)}`)).message).toMatch(
      /not one of \d+, in encryption/,
    );
  });

  it('never show a key that is of the wrong length, however the line is written', () => {
    const line = 'set services ipsec-vpn rule r term t then manual direction bidirectional authentication';
    const set = `${text('').replace(/manual \{\s*\}/, '')}
${line} key ascii-text "tooshortasecret"
${line} algorithm hmac-sha1-96
set services ipsec-vpn rule r term t then manual direction bidirectional protocol esp
set services ipsec-vpn rule r term t then manual direction bidirectional spi 300
`;
    expect(refusal(set).message).toContain('a key of 20 octets');
    expect(refusal(set).message).not.toContain('tooshort');
  });

  it.each([
    ['Outbound block must be configured', text(`direction inbound { ${ESP} }`)],
    ['Inbound block must be configured', text(`direction outbound { ${ESP} }`)],
    [
      'Outbound or inbound blocks must not be configured',
      text(`direction bidirectional { ${ESP} } direction inbound { ${ESP} }`),
    ],
    ['Encryption must not be defined for AH', bidirectional(`protocol ah; spi 256; ${SHA1} ${DES3}`)],
    ['Authentication must be defined for AH', bidirectional('protocol ah; spi 256;')],
    ['Either authentication or encryption must be defined for ESP', bidirectional('protocol esp; spi 256;')],
    [
      'Auxiliary SPI must be defined for AH plus ESP bundle',
      bidirectional(`protocol bundle; spi 256; ${SHA1} ${DES3}`),
    ],
    [
      'Encryption must be defined for AH plus ESP bundle',
      bidirectional(`protocol bundle; spi 256; auxiliary-spi 257; ${SHA1}`),
    ],
    [
      'Authentication must be defined for AH plus ESP bundle',
      bidirectional(`protocol bundle; spi 256; auxiliary-spi 257; ${DES3}`),
    ],
    ['Auxiliary SPI must be configured with protocol bundle only', bidirectional(`auxiliary-spi 300; ${ESP}`)],
    [
      'Backup remote gateway can be configured with dynamic security associations only',
      text(`direction bidirectional { ${ESP} }`, WEST, 'backup-remote-gateway 10.1.15.6;'),
    ],
  ])('are refused as Junos refuses them at commit: %s', (what, source) => {
    expect(refusal(source).message).toMatch(new RegExp(`^line \\d+, column \\d+: ${what}\n`));
  });

  it.each([
    ['a number from 256 to 16639', bidirectional(`protocol esp; spi 255; ${SHA1}`)],
    ['a number from 256 to 16639', bidirectional(`protocol esp; spi 16640; ${SHA1}`)],
    ['spi in direction bidirectional', bidirectional(`protocol esp; ${SHA1}`)],
    ['protocol in direction bidirectional', bidirectional(`spi 256; ${SHA1}`)],
    ['direction in manual', text('')],
    [
      'either manual or dynamic in then',
      text(`direction bidirectional { ${ESP} }`, WEST, 'dynamic { ike-policy i; }').replace(
        'ipsec-vpn {',
        'ipsec-vpn { ike { policy i { pre-shared-key ascii-text k; } }',
      ),
    ],
    [
      '3des-cbc',
      bidirectional(`protocol esp; spi 256; ${SHA1} encryption { algorithm aes-128-gcm; key ascii-text k; }`),
    ],
    [
      'none of the weak ones of DES',
      bidirectional(
        `protocol esp; spi 256; ${SHA1} encryption { algorithm des-cbc; key hexadecimal 0101010101010101; }`,
      ),
    ],
  ])('must have what SAs need: %s', (expected, source) => {
    expect(refusal(source).message).toContain(expected);
  });

  it('between the same gateways have different SPIs', () => {
    const term = `term u { then { remote-gateway 10.1.15.2; manual { direction bidirectional { ${ESP} } } } }`;
    const twice = bidirectional(ESP).replace('match-direction input;', `match-direction input; ${term}`);
    expect(refusal(twice).message).toContain('an inbound SPI of its own for each manual term between');
  });

  it('are of AH, with its own statistics', () => {
    const source = bidirectional(`protocol ah; spi 400; ${SHA1}`);
    expect(sasOf(source).inbound).toEqual({
      ah: { spi: 400, suite: ahSuite('hmac-sha1-96'), key: fromAscii('juniperjuniperjunipe') },
    });
    const { gateway, show } = gatewayOf(source);
    gateway.handleInside(instant(0), packet(), 'sp-1/2/0.1');
    const statistics = formatIpsecStatistics(show.ipsecStatistics());
    expect(statistics).toContain(
      'AH Statistics:\n  Input bytes:                     0\n  Output bytes:                   84\n',
    );
    expect(statistics).toContain('  Encrypted packets:               0\n');
    const detail = formatIpsecSecurityAssociations(show.ipsecSecurityAssociations(instant(0)));
    expect(detail).toContain('    Direction: outbound, SPI: 400, AUX-SPI: 0\n');
    expect(detail).toContain('    Protocol: AH, Authentication: hmac-sha1-96, Encryption: None\n');
  });

  it('of a bundle are AH around ESP without integrity; ESP without it alone is told of', () => {
    const bundle = bidirectional(`protocol bundle; spi 256; auxiliary-spi 257; ${SHA1} ${DES3}`);
    const none = { name: '3des-cbc/none' };
    const ah = { spi: 256, suite: { name: 'hmac-sha1-96' } };
    expect(sasOf(bundle)).toMatchObject({ inbound: { ah, esp: { spi: 257, suite: none } } });
    expect(sasOf(bundle)).not.toHaveProperty('unauthenticated');
    expect(readJunos(bundle).notices).toEqual([]);
    const alone = bidirectional(`protocol esp; spi 256; ${DES3}`);
    expect(sasOf(alone)).toMatchObject({ unauthenticated: true, outbound: { esp: { spi: 256, suite: none } } });
    expect(readJunos(alone).notices.map((notice) => notice.text)).toEqual([
      'ESP without authentication: whoever is on the way can change what it carries, unnoticed',
    ]);
    for (const source of [bundle, alone]) {
      const { gateway } = gatewayOf(source);
      expect(gateway.handleInside(instant(0), packet())).toMatchObject({ ok: true });
      expect(gateway.ipsecSas()).toHaveLength(1);
    }
  });

  it('are told of where a key of 3DES is no more than one of DES', () => {
    const key = 'abcdefghijklmnopijklmnop';
    const { notices } = readJunos(
      bidirectional(`protocol esp; spi 256; ${SHA1} encryption { algorithm 3des-cbc; key ascii-text ${key}; }`),
    );
    expect(notices.map((notice) => notice.text)).toEqual([
      'this key makes 3des-cbc no stronger than des-cbc: two of its three parts in a row are the same',
    ]);
  });

  it('tell what has no effect with them', () => {
    const source = text(
      `direction bidirectional { ${ESP} }`,
      WEST,
      'anti-replay-window-size 128; initiate-dead-peer-detection;',
    );
    expect(readJunos(source).notices.map((notice) => notice.text)).toEqual([
      'anti-replay-window-size has no effect with manual security associations',
      'initiate-dead-peer-detection has no effect with manual security associations',
    ]);
  });

  it('carry packets between two gateways that are configured as mirrors of each other', () => {
    const [west, east] = [WEST, EAST].map((site) => gatewayOf(text(`direction bidirectional { ${ESP} }`, site)));
    if (west === undefined || east === undefined) throw new Error('two gateways are there');
    west.gateway.handleInside(instant(0), packet(), 'sp-1/2/0.1');
    const sent = west.gateway.pollTransmit();
    expect(east.gateway.handleOutside(instant(0), sent?.octets ?? new Uint8Array(0))).toMatchObject({ ok: true });
    expect(east.gateway.pollInside()).toEqual({ packet: packet(), insideInterface: 'sp-1/2/0.1' });
    expect(formatIpsecStatistics(east.show.ipsecStatistics())).toContain('Decrypted packets:               1');
  });
});

describe('the views of manual SAs', () => {
  const view = () => gatewayOf(text(`direction bidirectional { ${ESP} }`)).show.ipsecSecurityAssociations(instant(0));

  it('have no lifetimes and no anti-replay in detail', () => {
    expect(formatIpsecSecurityAssociations(view())).toBe(`Service set: s

  Rule: r, Term: t, Tunnel index: 1
  Local gateway: 10.1.15.1, Remote gateway: 10.1.15.2
  Local identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
  Remote identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)

    Direction: inbound, SPI: 261, AUX-SPI: 0
    Mode: tunnel, Type: manual, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: 3des-cbc
    Anti-replay service: Disabled

    Direction: outbound, SPI: 261, AUX-SPI: 0
    Mode: tunnel, Type: manual, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: 3des-cbc
    Anti-replay service: Disabled
`);
  });

  it('are a table in brief, and have their SPIs in hexadecimal on request', () => {
    expect(formatIpsecSecurityAssociations(view(), { level: 'brief' })).toBe(`Service set: s
  Rule: r, Term: t, Tunnel index: 1
  Local gateway: 10.1.15.1, Remote gateway: 10.1.15.2
    Direction SPI         AUX-SPI     Mode       Type     Protocol
    inbound   261         0           tunnel     manual   ESP
    outbound  261         0           tunnel     manual   ESP
`);
    const hex = formatIpsecSecurityAssociations(view(), { level: 'brief', hex: true });
    expect(hex).toContain('    inbound   0x105       0x0         tunnel     manual   ESP\n');
  });

  it('have the gateway and the outer header besides in extensive', () => {
    const extensive = formatIpsecSecurityAssociations(view(), { level: 'extensive' });
    expect(extensive).toContain('  Primary remote gateway: 10.1.15.2, State: Active\n  Failover counter: 0\n');
    expect(extensive).toContain('    Copy TTL: Disabled, TTL value: 64\n');
    expect(formatIpsecSecurityAssociations(view())).not.toContain('TTL');
    const own = gatewayOf(text(`direction bidirectional { ${ESP} }`, WEST, 'tos 184; copy-ttl-from-inner-ip-header;'));
    const configured = own.show.ipsecSecurityAssociations(instant(0));
    expect(formatIpsecSecurityAssociations(configured, { level: 'extensive' })).toContain(
      '    Copy ToS: Disabled, ToS value: 184\n    Copy TTL: Enabled, TTL value: 64\n',
    );
  });

  it('have the tunnel’s MTU in brief where it is configured', () => {
    const { show } = gatewayOf(text(`direction bidirectional { ${ESP} }`, WEST, 'tunnel-mtu 1400;'));
    const brief = formatIpsecSecurityAssociations(show.ipsecSecurityAssociations(instant(0)), { level: 'brief' });
    expect(brief).toContain('  Tunnel MTU: 1400\n    Direction');
  });
});

describe('security associations for OSPF', () => {
  const AUTH = 'authentication { algorithm hmac-sha1-96; key ascii-text "juniperjuniperjunipe"; }';
  const router = (association: string, ipsecSa = 'ipsec-sa ospf;') => `
interfaces { so-0/0/1 { unit 0 { family inet { address 10.1.15.1/30; } } } }
security { ipsec { ${association} } }
protocols { ospf { area 0.0.0.0 { interface so-0/0/1.0 { ${ipsecSa} } } } }
`;
  const transport = (more: string) => router(`security-association ospf { mode transport; ${more} }`);
  const BOTH = `manual { direction bidirectional { protocol esp; spi 256; ${AUTH} } }`;

  it('are named by the interfaces that they protect', () => {
    const { configuration, notices } = readJunos(transport(BOTH));
    expect(configuration.ospfAreas[0]?.interfaces).toEqual([
      { name: 'so-0/0/1.0', helloInterval: 10, deadInterval: 40, ipsecSa: 'ospf' },
    ]);
    expect(notices).toEqual([]);
    expect(configuration.gateway.policies).toMatchObject([
      {
        name: 'security-association ospf',
        selectors: { protocol: 89, local: ['10.1.15.1', '224.0.0.5', '224.0.0.6'] },
        action: { kind: 'manual', mode: 'transport', remote: 'any' },
      },
    ]);
  });

  it('are shown without gateways and lifetimes', () => {
    const { show } = gatewayOf(transport(BOTH));
    expect(formatSecurityAssociations(show.securityAssociations(instant(0)))).toBe(`Security association: ospf

    Direction: inbound, SPI: 256, AUX-SPI: 0
    Mode: transport, Type: manual, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: None
    Anti-replay service: Disabled

    Direction: outbound, SPI: 256, AUX-SPI: 0
    Mode: transport, Type: manual, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: None
    Anti-replay service: Disabled
`);
    expect(
      formatSecurityAssociations(show.securityAssociations(instant(0)), { level: 'brief' }),
    ).toBe(`Security association: ospf
    Direction SPI         AUX-SPI     Mode       Type     Protocol
    inbound   256         0           transport  manual   ESP
    outbound  256         0           transport  manual   ESP
`);
    expect(show.securityAssociations(instant(0), 'other')).toEqual([]);
  });

  it.each([
    ['Dynamic security associations are not supported in transport mode', transport('dynamic { ipsec-policy p; }')],
    ['Manual block must be configured for transport mode security association', transport('')],
    [
      'Referenced IPSec security association must be defined',
      router(`security-association other { mode transport; ${BOTH} }`),
    ],
    [
      'Referenced IPSec security association must be in transport mode',
      router(`security-association ospf { ${BOTH} }`),
    ],
  ])('are refused as Junos refuses them at commit: %s', (what, source) => {
    expect(refusal(source).message).toMatch(new RegExp(`^line \\d+, column \\d+: ${what}\n`));
  });

  it('are the same in both directions, for all neighbours share them', () => {
    const one = (direction: string) => `direction ${direction} { protocol esp; spi 256; ${AUTH} }`;
    const source = transport(`manual { ${one('inbound')} ${one('outbound')} }`);
    expect(refusal(source).expected).toContain('a bidirectional security association');
  });

  it('that nothing refers to are told of, and those of an ES PIC are not read', () => {
    const source = router(
      `security-association es { ${BOTH} } security-association ospf { mode transport; ${BOTH} }`,
      '',
    );
    expect(readJunos(source).notices.map((notice) => notice.text)).toEqual([
      'not read: security-association es in tunnel mode, which is of an ES PIC',
      'nothing refers to an IPsec security association: es',
      'nothing refers to an IPsec security association: ospf',
    ]);
  });
});
