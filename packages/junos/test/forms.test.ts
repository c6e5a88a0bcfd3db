import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../test/support/decoders.ts';
import { JunosError, type JunosReading, readJunos } from '../src/index.ts';
import type { Statement } from '../src/text/statement.ts';
import type { Word } from '../src/text/tokenizer.ts';
import { parseTree, printTree } from '../src/text/tree.ts';

const TEXT = `interfaces {
    ge-0/0/0 {
        description "to the net";
        unit 0 {
            family inet {
                address 192.0.2.1/24;
            }
        }
    }
    sp-1/2/0 {
        unit 0 {
            family inet;
        }
        unit 1 {
            family inet;
            service-domain inside;
        }
        unit 2 {
            family inet;
            service-domain outside;
        }
    }
}
routing-options {
    router-id 10.0.0.2;
    static {
        route 10.2.0.0/16 next-hop sp-1/2/0.1;
    }
}
protocols {
    ospf {
        area 0.0.0.0 {
            interface ge-0/0/0.0 {
                hello-interval 5;
            }
            interface sp-1/2/0.1;
        }
    }
}
services {
    service-set vpn-west {
        next-hop-service {
            inside-service-interface sp-1/2/0.1;
            outside-service-interface sp-1/2/0.2;
        }
        ipsec-vpn-options {
            local-gateway 192.0.2.1;
        }
        ipsec-vpn-rules to-west;
    }
    ipsec-vpn {
        rule to-west {
            term 1 {
                from {
                    source-address 10.1.0.0/16;
                }
                then {
                    remote-gateway 192.0.2.2;
                    dynamic {
                        ike-policy psk;
                        ipsec-policy strong;
                    }
                    initiate-dead-peer-detection;
                }
            }
            term 2 {
                then {
                    remote-gateway 192.0.2.3;
                    dynamic {
                        ike-policy psk;
                    }
                }
            }
            match-direction input;
        }
        ike {
            proposal p1 {
                dh-group group14;
                encryption-algorithm aes-128-cbc;
            }
            proposal p2 {
                dh-group group5;
            }
            policy psk {
                proposals [ p1 p2 ];
                remote-id ipv4_addr 10.0.0.9;
                pre-shared-key ascii-text "a k3y of ours";
            }
        }
        ipsec {
            proposal s {
                encryption-algorithm aes-256-cbc;
                authentication-algorithm hmac-sha-256-128;
            }
            policy strong {
                perfect-forward-secrecy {
                    keys group14;
                }
                proposals s;
            }
        }
        establish-tunnels immediately;
    }
}
`;

const print = ({ text }: Word) => (/^[\w./*-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);

/** The same as `| display set` prints it. */
function setLines(tree: readonly Statement[], above: readonly string[] = []): string[] {
  return tree.flatMap(({ keyword, values, list, block }) => {
    const path = [...above, print(keyword), ...values.map(print)];
    if (list) return list.map((item) => `set ${[...path, print(item)].join(' ')}`);
    return block === undefined || block.length === 0 ? [`set ${path.join(' ')}`] : setLines(block, path);
  });
}

const configurationOf = (text: string) => readJunos(text).configuration;
const expected = configurationOf(TEXT);
const SET = setLines(parseTree(TEXT));

const noticesOf = (reading: JunosReading) => reading.notices.map(({ text }) => text);

function refusal(text: string): JunosError {
  try {
    readJunos(text);
  } catch (error) {
    if (error instanceof JunosError) return error;
    throw error;
  }
  throw new Error('the configuration was read');
}

describe('the form of a text', () => {
  it('may be set lines: they say the same', () => {
    const reading = readJunos(SET.join('\n'));
    expect(reading.configuration).toEqual(expected);
    expect(reading.notices).toEqual([]);
  });

  it('may be mixed, line by line, whatever part is in which form', () => {
    const tree = parseTree(TEXT);
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: tree.length, maxLength: tree.length }), (asSet) => {
        const text = tree
          .map((part, i) => (asSet[i] ? `${setLines([part]).join('\n')}\n` : printTree([part])))
          .join('');
        expect(configurationOf(text)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('may be set lines that stand twice, or later ones that take the place of earlier ones', () => {
    const again = [...SET, ...SET, 'set routing-options router-id 10.0.0.7', 'set routing-options router-id 10.0.0.2'];
    expect(configurationOf(again.join('\n'))).toEqual(expected);
  });

  it.each([
    ['a byte order mark', `\ufeff${TEXT}`],
    ['Windows line ends', TEXT.replaceAll('\n', '\r\n')],
    ['set lines with Windows line ends', `\ufeff${SET.join('\r\n')}\r\n`],
    [
      'the comments of the system',
      `## Last commit: 2014-03-02 10:11:12 UTC by admin\n${TEXT.replaceAll('of ours";', 'of ours"; ## SECRET-DATA')}`,
    ],
    ['a prompt and the command that printed it', `admin@mx1> show configuration \n${TEXT}\nadmin@mx1> `],
    [
      'a cluster’s line and a pager’s',
      `admin@mx1> show configuration | no-more\n${TEXT.replace('protocols {', '---(more 40%)---protocols {')}\n{master}\nadmin@mx1> `,
    ],
    ['[edit] and a prompt', `[edit]\nadmin@mx1# show\n${TEXT}\n[edit]\nadmin@mx1#`],
    ['a prompt before each set line', SET.map((line) => `admin@mx1# ${line}`).join('\n')],
    ['[edit] and a prompt before each set line', SET.map((line) => `[edit]\nadmin@mx1# ${line}\n`).join('\n')],
    ['semicolons behind set lines', SET.map((line) => `${line};`).join('\n')],
    [
      'protect: and replace:',
      TEXT.replace('services {', 'protect: services {').replace('    ike {', '    replace: ike {'),
    ],
  ])('is read with %s', (_, text) => {
    expect(configurationOf(text)).toEqual(expected);
  });

  it('may be stanzas without their tops, told of by a notice', () => {
    const [, , , services] = parseTree(TEXT);
    const rest = parseTree(TEXT).slice(0, 3);
    const text = printTree(rest) + printTree(services?.block ?? []);
    const reading = readJunos(text);
    expect(reading.configuration).toEqual(expected);
    expect(noticesOf(reading)).toEqual(['service-set is read as part of services']);
    const devices = readJunos(printTree(parseTree(TEXT)[0]?.block ?? []));
    expect(devices.configuration.interfaces).toEqual(expected.interfaces);
    expect(noticesOf(devices)).toEqual(['ge-0/0/0 is read as part of interfaces']);
  });

  it('may be stanzas below what [edit ...] or a command says', () => {
    const [interfaces, options, protocols, services] = parseTree(TEXT);
    const [set, vpn] = services?.block ?? [];
    const pasted = `admin@mx1> show configuration interfaces | no-more
${printTree(interfaces?.block ?? [])}
admin@mx1> show configuration routing-options
${printTree(options?.block ?? [])}
[edit protocols]
admin@mx1# show
${printTree(protocols?.block ?? [])}
[edit services ipsec-vpn]
admin@mx1# show
${printTree(vpn?.block ?? [])}
[edit services]
admin@mx1# show service-set vpn-west
${printTree(set?.block ?? [])}
`;
    const reading = readJunos(pasted);
    expect(reading.configuration).toEqual(expected);
    expect(reading.notices).toEqual([]);
  });

  it('may be commands typed below [edit ...], or behind edit, top and up', () => {
    const text = [
      'edit interfaces ge-0/0/0',
      'set unit 0 family inet address 192.0.2.1/24',
      'up',
      'edit routing-options',
      'set router-id 10.0.0.7',
      'top',
      'set routing-options router-id 10.0.0.2',
      '[edit routing-options]',
      'admin@mx1# set static route 10.9.0.0/16 next-hop 192.0.2.9',
    ].join('\n');
    const { interfaces, routerId, staticRoutes } = configurationOf(text);
    expect(interfaces.map(({ name }) => name)).toEqual(['ge-0/0/0.0']);
    expect(routerId).toBe('10.0.0.2');
    expect(staticRoutes).toEqual([{ prefix: '10.9.0.0/16', nextHop: { address: '192.0.2.9' } }]);
  });

  it.each([
    ['XML', '<rpc-reply xmlns:junos="x">', 'this is XML (| display xml)'],
    ['JSON', '{ "configuration" : {} }', 'this is JSON (| display json)'],
  ])('is refused by name where it is %s', (_, text, problem) => {
    expect(refusal(text).message).toContain(problem);
  });

  it.each([
    'rename services ipsec-vpn rule a to rule b',
    'insert services ipsec-vpn rule a before rule b',
    'copy interfaces a to b',
  ])('is refused by name for a command that cannot be carried out: %s', (line) => {
    expect(refusal(line).message).toContain(`not supported yet: the command ${line.split(' ')[0]}`);
  });
});

describe('what is inactive', () => {
  it('is left out with a notice, a statement or a block', () => {
    const text = TEXT.replace('term 2', 'inactive: term 2').replace('perfect-forward', 'inactive: perfect-forward');
    const reading = readJunos(text);
    expect(noticesOf(reading)).toEqual([
      'inactive: term 2 is left out',
      'inactive: perfect-forward-secrecy is left out',
    ]);
    const without = printTree(
      parseTree(
        text.replace(/inactive: term 2 \{[\s\S]*?\n {12}\}\n/, '').replace(/inactive: perfect[\s\S]*?\}\n/, ''),
      ),
    );
    expect(reading.configuration).toEqual(configurationOf(without));
  });

  it.each([
    ['deactivate', ['deactivate: services ipsec-vpn rule to-west term 2 is left out']],
    ['delete', []],
  ])('is what %s takes out, of set lines and of braces', (verb, notices) => {
    const command = `${verb} services ipsec-vpn rule to-west term 2`;
    for (const text of [TEXT, SET.join('\n')]) {
      const reading = readJunos(`${text}\n${command}\n`);
      expect(noticesOf(reading)).toEqual(notices);
      expect(reading.configuration.gateway.peers.map(({ remote }) => remote)).toEqual(['192.0.2.2']);
    }
  });

  it('is nothing when the command comes before, is taken back, or finds nothing', () => {
    const path = 'services ipsec-vpn rule to-west term 2';
    expect(configurationOf(`delete ${path}\n${SET.join('\n')}`)).toEqual(expected);
    expect(configurationOf(`${TEXT}deactivate ${path}\nactivate ${path}`)).toEqual(expected);
    expect(noticesOf(readJunos(`${TEXT}deactivate snmp\n`))).toEqual(['deactivate: there is no snmp']);
  });

  it('takes single values out of lists', () => {
    const { gateway } = configurationOf(`${TEXT}deactivate services ipsec-vpn ike policy psk proposals p1\n`);
    expect(gateway.peers[0]?.proposals.map(({ group }) => group)).toEqual([5]);
  });

  it('does not name a secret', () => {
    const text = TEXT.replace('ascii-text "a', 'inactive: opensesame; ascii-text "a').replace(
      'pre-shared-key inactive: opensesame; ascii-text "a k3y of ours";',
      'pre-shared-key { inactive: opensesame; ascii-text "a k3y of ours"; }',
    );
    expect(noticesOf(readJunos(text))).toEqual(['inactive: a secret is left out']);
  });
});

describe('groups', () => {
  const proposal = (text: string) => configurationOf(text).gateway.peers[0]?.proposals[0];
  const grouped = (
    group: string,
    apply: string,
  ) => `groups { g { ${group} } h { services { ipsec-vpn { ike { proposal p1 { dh-group group2; authentication-algorithm md5; } } } } } }
    ${apply}\n${TEXT}`;
  const IN_P1 =
    'services { ipsec-vpn { ike { proposal p1 { dh-group group16; authentication-algorithm sha-256; } } } }';

  it('say what the place itself does not', () => {
    expect(proposal(grouped(IN_P1, 'apply-groups g;'))).toMatchObject({ group: 14, hash: 'sha2-256' });
  });

  it('count in the order in which they are applied', () => {
    expect(proposal(grouped(IN_P1, 'apply-groups [ h g ];'))).toMatchObject({ hash: 'md5' });
    expect(proposal(grouped(IN_P1, 'apply-groups [ g h ];'))).toMatchObject({ hash: 'sha2-256' });
  });

  it('count less the farther out they are applied, and not where they are kept out', () => {
    const near = grouped(IN_P1, 'apply-groups h;').replace('        ike {', '        ike { apply-groups g;');
    expect(proposal(near)).toMatchObject({ hash: 'sha2-256' });
    const kept = grouped(IN_P1, 'apply-groups h;').replace('        ike {', '        ike { apply-groups-except h;');
    expect(proposal(kept)).toMatchObject({ hash: 'sha1' });
  });

  it.each([
    ['<*>', ['sha2-256', 'sha2-256']],
    ['<*1>', ['sha2-256', 'sha1']],
    ['<p[2-9]>', ['sha1', 'sha2-256']],
    ['<p?>', ['sha2-256', 'sha2-256']],
    ['<q*>', ['sha1', 'sha1']],
  ])('mean by the wildcard %s the names that are there', (wildcard, hashes) => {
    const group = `services { ipsec-vpn { ike { proposal "${wildcard}" { authentication-algorithm sha-256; } } } }`;
    const { gateway } = configurationOf(grouped(group, 'apply-groups g;'));
    expect(gateway.peers[0]?.proposals.map(({ hash }) => hash)).toEqual(hashes);
  });

  it('may be set lines', () => {
    const lines = [
      'set groups g services ipsec-vpn ike proposal <*> authentication-algorithm sha-256',
      'set apply-groups g',
    ];
    expect(proposal([...lines, ...SET].join('\n'))).toMatchObject({ group: 14, hash: 'sha2-256' });
  });

  it('may bring whole stanzas', () => {
    const [first, ...rest] = parseTree(TEXT);
    const text = `groups { all { ${printTree(rest)} } }\napply-groups all;\n${printTree(first ? [first] : [])}`;
    expect(configurationOf(text)).toEqual(expected);
  });

  it('are told of when nothing applies them, and refused when they are missing', () => {
    expect(noticesOf(readJunos(grouped('', 'apply-groups g;')))).toEqual(['nothing applies the group h']);
    const error = refusal(`apply-groups gone;\n${TEXT}`);
    expect(error.message).toContain('display inheritance');
    expect(error).toMatchObject({ line: 1, column: 14 });
  });

  it('are held to the same strictness: what they say wrong is refused where they say it', () => {
    const error = refusal(grouped('services { ipsec-vpn { nonsense; } }', 'apply-groups g;'));
    expect(error.message).toContain('found "nonsense"');
    expect(error.line).toBe(1);
  });
});

describe('what has nothing to do with a tunnel', () => {
  const AROUND = `version 12.3R6.6;
system { host-name mx1; login { message "Hello\\nworld"; user a { authentication { encrypted-password "$1$x"; } } } }
chassis { fpc 1 { pic 2; } }
security { log { mode stream; } }
snmp { community public; }
firewall { filter f { term 1 { from { protocol [ tcp udp ]; } then accept; } } }
policy-options { community c members [ 1:1 2:2 ]; as-path p "(1|2) .*"; }
`;

  it('is passed over with a notice each, at its place', () => {
    const reading = readJunos(AROUND + TEXT);
    expect(reading.configuration).toEqual(expected);
    expect(reading.notices).toEqual(
      ['version', 'system', 'chassis', 'security', 'snmp', 'firewall', 'policy-options'].map((name, i) => ({
        line: i + 1,
        column: 1,
        text: `not read: ${name}`,
      })),
    );
  });

  it('is passed over as set lines with one notice for each hierarchy', () => {
    const reading = readJunos([...setLines(parseTree(AROUND)), ...SET].join('\n'));
    expect(reading.configuration).toEqual(expected);
    expect(reading.notices).toHaveLength(7);
  });

  it.each([
    ['mtu of a device', 'ge-0/0/0 {', 'ge-0/0/0 { mtu 1600;', 'not read: mtu'],
    ['vlan-tagging', 'ge-0/0/0 {', 'ge-0/0/0 { vlan-tagging;', 'not read: vlan-tagging'],
    [
      'gigether-options',
      'ge-0/0/0 {',
      'ge-0/0/0 { gigether-options { auto-negotiation; }',
      'not read: gigether-options',
    ],
    ['vlan-id', 'unit 0 {', 'unit 0 { vlan-id 100;', 'not read: vlan-id'],
    ['family mpls', 'unit 0 {', 'unit 0 { family mpls;', 'not read: family mpls'],
    ['family inet6', 'unit 0 {', 'unit 0 { family inet6 { address 2001:db8::1/64; }', 'not read: family inet6'],
    ['mtu of a family', 'family inet {', 'family inet { mtu 1400;', 'not read: mtu'],
    ['filter', 'family inet {', 'family inet { filter { input f; }', 'not read: filter'],
    ['dhcp', 'family inet {', 'family inet { dhcp;', 'not read: dhcp'],
    ['primary', '192.0.2.1/24;', '192.0.2.1/24 { primary; }', 'not read: primary'],
    ['vrrp', '192.0.2.1/24;', '192.0.2.1/24 { vrrp-group 1 { virtual-address 192.0.2.7; } }', 'not read: vrrp-group'],
    ['a second address', '192.0.2.1/24;', '192.0.2.1/24; address 192.0.3.1/24 preferred;', 'not read: preferred'],
    ['autonomous-system', 'router-id', 'autonomous-system 64512; router-id', 'not read: autonomous-system'],
    ['a route that discards', 'static {', 'static { route 192.168.0.0/16 discard;', 'not read: route 192.168.0.0/16'],
    [
      'a preference',
      'route 10.2.0.0/16 next-hop sp-1/2/0.1;',
      'route 10.2.0.0/16 { next-hop sp-1/2/0.1; preference 7; }',
      'not read: preference',
    ],
    [
      'a second next hop',
      'next-hop sp-1/2/0.1;',
      'next-hop [ sp-1/2/0.1 192.0.2.9 ];',
      'not read: the other next hops of route 10.2.0.0/16',
    ],
    [
      'a next hop elsewhere',
      'static {',
      'static { route 10.9.0.0/16 next-hop ge-9/0/0.0;',
      'not read: next hop ge-9/0/0.0, which is no interface of this configuration',
    ],
    ['BGP', 'protocols {', 'protocols { bgp { group g { neighbor 192.0.2.9; } }', 'not read: bgp'],
    [
      'OSPF elsewhere',
      'area 0.0.0.0 {',
      'area 0.0.0.0 { interface all;',
      'not read: all, which is no interface of this configuration',
    ],
    ['other services', 'services {', 'services { rpm { probe p; }', 'not read: rpm'],
    [
      'a service set of NAT',
      'services {',
      'services { service-set n { nat-rules r; interface-service service-interface sp-1/2/0; }',
      'not read: service-set n, which has no IPsec',
    ],
    ['traceoptions', 'ipsec-vpn {', 'ipsec-vpn { traceoptions { flag all; }', 'not read: traceoptions'],
  ])('does not keep a text from being read: %s', (_, before, after, notice) => {
    const reading = readJunos(TEXT.replace(before, after));
    expect(noticesOf(reading)).toContain(notice);
    expect(reading.configuration.gateway).toEqual(expected.gateway);
  });

  it('is left out when it is disabled, with a notice', () => {
    const reading = readJunos(
      `${TEXT}interfaces { fxp0 { disable; unit 0 { family inet; } } }`.replace(
        'interfaces { fxp0',
        'set interfaces fxp0 disable #',
      ),
    );
    expect(reading.configuration).toEqual(expected);
    expect(noticesOf(reading)).toEqual(['fxp0 is disabled, and left out']);
  });

  it.each([
    ['a top level that Junos does not have', 'routing-options {', 'routing-option {', 'found "routing-option"'],
    ['a unit inside a unit', 'unit 1 {', 'unit 1 { unit 9;', 'a closing brace is missing'],
    ['a statement of ipsec-vpn', 'establish-tunnels', 'establish-tunnel', 'found "establish-tunnel"'],
    [
      'a statement of a service set',
      'ipsec-vpn-rules to-west;',
      'ipsec-vpn-rules to-west; nonsense;',
      'found "nonsense"',
    ],
  ])('is not %s', (_, before, after, problem) => {
    expect(refusal(TEXT.replace(before, after)).message).toContain(problem);
  });
});

describe('an error', () => {
  it('shows the line with a mark under the column', () => {
    const text = TEXT.replace('match-direction input', 'match-direction inputs');
    expect(refusal(text).message).toBe(
      [
        'line 74, column 29: expected input or output, found "inputs"',
        '  74 |             match-direction inputs;',
        '     |                             ^',
      ].join('\n'),
    );
  });

  it('shows the neighbourhood of the column where the line is long', () => {
    const [, line = '', mark = ''] = refusal(`interfaces { ${' '.repeat(500)}ge-0/0/0 { unit x; } }`).message.split(
      '\n',
    );
    expect(line.length).toBeLessThan(120);
    expect(line[mark.indexOf('^')]).toBe('x');
  });

  it.each([
    ['security { ike { gateway w { address 192.0.2.2; } } }', 1, 18],
    ['set security ipsec vpn w ike gateway w', 1, 5],
    ['ike { gateway w { address 192.0.2.2; } }', 1, 7],
  ])('explains the hierarchy of SRX: %s', (text, line, column) => {
    const error = refusal(text);
    expect(error).toMatchObject({ line, column });
    expect(error.message).toContain('SRX');
    expect(error.message).toContain('remote-gateway');
  });

  /** Every text has `opensesame` where a key is, and something wrong somewhere. */
  it.each([
    ['on the line of the key', 'pre-shared-key ascii-text "opensesame" nonsense;'],
    ['before it on the line', 'nonsense; pre-shared-key ascii-text "opensesame";'],
    ['behind it on the line', 'pre-shared-key ascii-text "opensesame"; nonsense;'],
    ['on the next line', 'pre-shared-key ascii-text\n"opensesame" nonsense;'],
    ['in a block', 'pre-shared-key {\nopensesame;\n}'],
    ['in a block, behind it', 'pre-shared-key {\nascii-text x;\nopensesame\n}'],
    ['of a string', 'pre-shared-key ascii-text "opensesame;'],
    ['of a string on the next line', 'pre-shared-key {\n  ascii-text\n  "opensesame;\n}'],
    ['with a tag', 'pre-shared-key inactive: ascii-text opensesame;'],
    ['of a hash', 'pre-shared-key ascii-text "$6$opensesame";'],
    ['of a coded key', 'pre-shared-key ascii-text "$9$opensesame";'],
  ])('never shows a secret: %s', (_, key) => {
    for (const form of [(text: string) => text, (text: string) => text.replaceAll('\n', '\r\n')]) {
      const error = refusal(form(TEXT.replace('pre-shared-key ascii-text "a k3y of ours";', () => key)));
      expect(`${error.message} ${error.expected}`).not.toContain('opensesame');
    }
    const asSet = SET.map((line) =>
      line.includes('ascii-text') ? line.replace(/pre-shared-key .*/, () => key) : line,
    );
    const set = () => readJunos(asSet.join('\n'));
    try {
      set();
    } catch (error) {
      expect(String(error)).not.toContain('opensesame');
    }
  });
});

const CONFIGURATIONS = ['R1', 'R2', 'R3', 'R4'].map(
  (name) => new Uint8Array(readFileSync(new URL(`../../../examples/configs/${name}.conf`, import.meta.url))),
);

describe('any text at all', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...SET,
      ...TEXT.split('\n'),
      'set',
      'delete',
      'deactivate services',
      'inactive:',
      'groups { g {',
      'apply-groups g;',
      '[edit services]',
      'a@b# show',
      'edit services',
      'up',
      '}',
      '{',
      ';',
      '[',
      ']',
      '"',
      '/*',
      '##',
      '<*>',
      '\ufeff',
    ),
    fc.string(),
  );

  describeDecoder({
    name: 'a configuration of the examples',
    valid: fc.constantFrom(...CONFIGURATIONS),
    decode: (octets) => readJunos(Buffer.from(octets).toString('latin1')),
    errors: [JunosError],
    // A text may end behind any statement; and a reading has defaults that the text does not hold.
    prefixes: 'may-be-whole',
    mostOctetsPerOctet: 1000,
    runs: 12,
  });

  it('gives a configuration or a JunosError, and nothing else', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('\n', ' ', ''), (pieces, between) => {
        try {
          readJunos(pieces.join(between));
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(JunosError);
        }
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(20);
  });

  it('of a megabyte is read in a time that grows with its length', () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, i) => `set interfaces ge-0/0/${i} unit 0 family inet address 10.0.0.1/24`);
    const time = (text: string) => {
      const start = performance.now();
      readJunos(text);
      return performance.now() - start;
    };
    time(lines(100).join('\n'));
    const small = time(lines(1500).join('\n'));
    const large = time(lines(12_000).join('\n'));
    expect(large).toBeLessThan(Math.max(small, 5) * 8 * 6);
    const deactivated = lines(6000).map((line) => line.replace(/set (interfaces \S+) .*/, 'deactivate $1'));
    expect(time([...lines(6000), ...deactivated].join('\n'))).toBeLessThan(5000);
  });
});
