import { describe, expect, it } from 'vitest';
import { JunosError, readJunos } from '../src/index.ts';

const INTERFACES = `interfaces {
  ge-0/0/0 { unit 0 { family inet { address 192.0.2.1/24; } } }
  sp-1/2/0 {
    unit 1 { family inet; service-domain inside; }
    unit 2 { family inet; service-domain outside; }
  }
}
`;

const SERVICE_SET = `service-set s {
  next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
  ipsec-vpn-options { local-gateway 192.0.2.1; }
  ipsec-vpn-rules r;
}
`;

const IPSEC_VPN = `ipsec-vpn {
  rule r {
    term t {
      from { source-address 10.1.12.0/24; }
      then { remote-gateway 192.0.2.2; dynamic { ike-policy i; } }
    }
    match-direction input;
  }
  ike { policy i { pre-shared-key ascii-text x; } }
}
`;

const TEXT = `${INTERFACES}services {\n${SERVICE_SET}${IPSEC_VPN}}\n`;
const expected = readJunos(TEXT);

function refusal(text: string): JunosError {
  try {
    readJunos(text);
  } catch (error) {
    if (error instanceof JunosError) return error;
    throw error;
  }
  throw new Error('the configuration was read');
}

describe('what a router of several engines writes', () => {
  const ENGINES = ['{master}', '{master:0}', '{backup}', '{primary:node0}', '{secondary:node1}', '{hold:node0}'];

  it.each(ENGINES)('is read with %s in front of [edit ...], or on a line before it', (engine) => {
    for (const between of ['', ' ', '\n']) {
      const text = `${engine}${between}[edit]\n${INTERFACES}\n${engine}${between}[edit services]\n${SERVICE_SET}${IPSEC_VPN}`;
      expect(readJunos(text).configuration).toEqual(expected.configuration);
      expect(readJunos(text).notices).toEqual([]);
    }
  });

  it.each(ENGINES)('is read with %s and [edit ...] before or in front of a prompt', (engine) => {
    for (const between of ['', ' ', '\n', '\r\n']) {
      const text = [
        `${engine}${between}[edit]${between}admin@mx1# show interfaces | no-more\n${INTERFACES.replace(/^interfaces \{\n|\}\n$/g, '')}`,
        `${engine}${between}[edit services]${between}admin@mx1# show service-set s\n${SERVICE_SET.replace(/^.*\n|\}\n$/g, '')}`,
        `${engine}${between}admin@mx1> show configuration services\n${IPSEC_VPN}`,
        `${engine}${between}[edit services ipsec-vpn]${between}admin@mx1# set establish-tunnels immediately`,
        engine,
      ].join('\n');
      const { configuration, notices } = readJunos(text);
      expect(configuration.serviceSets).toEqual(expected.configuration.serviceSets);
      expect(configuration.gateway).toEqual({ ...expected.configuration.gateway, establish: 'immediately' });
      expect(notices).toEqual([]);
    }
  });
});

describe('a value in a block of its own', () => {
  const from = (statement: string) => TEXT.replace('source-address 10.1.12.0/24;', statement);

  it('is that value', () => {
    expect(readJunos(from('source-address { 10.1.12.0/24; }'))).toEqual(expected);
  });

  it.each([
    'source-address { 10.1.12.0/24; 10.1.13.0/24; }',
    'source-address [ 10.1.12.0/24 10.1.13.0/24 ];',
    'source-address [ 10.1.12.0/24 ];',
  ])('is refused where it is a list: %s', (statement) => {
    const error = refusal(from(statement));
    expect(error.expected).toBe('one value, not a list, for source-address in from');
    expect({ line: error.line, column: error.column }).toEqual({ line: 17, column: 14 });
  });

  it.each(['source-address { }', 'source-address { 10.1.12.0/24 x; }', 'source-address { a { b; } }'])(
    'is refused where it is something else: %s',
    (statement) => {
      expect(refusal(from(statement)).expected).toBe('a value after source-address');
    },
  );
});

describe('other statements below services', () => {
  it.each(['rpm', 'ssl', 'web-filter', 'anything-new', 'service-device-pools', 'ipfix'])(
    'are passed over with a notice: %s',
    (keyword) => {
      const { configuration, notices } = readJunos(TEXT.replace('services {', `services { ${keyword} { a b; }`));
      expect(configuration).toEqual(expected.configuration);
      expect(notices).toEqual([{ line: 8, column: 12, text: `not read: ${keyword}` }]);
    },
  );

  it.each([
    ['servce-set s', 'service-set'],
    ['service-sets s', 'service-set'],
    ['Service-Set s', 'service-set'],
    ['serviceset s', 'service-set'],
    ['ipsec-vnp', 'ipsec-vpn'],
    ['ipsecvpn', 'ipsec-vpn'],
    ['ipsec_vpn', 'ipsec-vpn'],
  ])('are refused where they are a slip: %s', (written, meant) => {
    const error = refusal(`${INTERFACES}services {\n  ${written} { a b; }\n}`);
    expect(error.message).toContain(`is not known: did you mean ${meant}?`);
    expect(error.expected).toBe(meant);
    expect({ line: error.line, column: error.column }).toEqual({ line: 9, column: 3 });
  });

  it('are refused where they are a slip, before what refers to them is', () => {
    expect(refusal(TEXT.replace('ipsec-vpn {', 'ipsec-vnp {')).expected).toBe('ipsec-vpn');
  });
});
