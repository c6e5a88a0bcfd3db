import { readFileSync } from 'node:fs';
import { nobleEngine } from '@espalier/crypto';
import { Gateway, type LiveTunnelInfo } from '@espalier/gateway';
import { instant, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { formatReverseRoutes, readJunos, Show } from '../src/index.ts';

const TEXT = readFileSync(new URL('../../../examples/configs/dynamic-endpoints/hub.conf', import.meta.url), 'utf8');

/** The text with one statement changed. */
function changed(from: string, to: string): string {
  if (!TEXT.includes(from)) throw new RangeError(`there is no ${from}`);
  return TEXT.replace(from, to);
}

const read = (text: string) => readJunos(text).configuration;
const DEDICATED = changed('                shared;', '                dedicated;');

describe('an access profile for dynamic endpoints', () => {
  it('is a template of peers, and a policy for what they may ask for', () => {
    const { gateway, serviceSets } = read(TEXT);
    expect(gateway.peers).toMatchObject([
      {
        name: '203.0.113.1 - road-warriors',
        local: '203.0.113.1',
        remote: { addresses: 'any' },
        remoteIdentity: 'any',
        mode: 'main',
        allowWildcardKey: true,
        deadPeerDetection: { idle: seconds(10), interval: seconds(2), retries: 2 },
      },
    ]);
    expect(gateway.policies).toMatchObject([
      {
        interface: 'sp-1/2/0.1',
        selectors: { local: '10.30.0.0/16', remote: '10.80.0.0/16' },
        action: { overlap: 'replace', admits: 'selectors', statistics: 'dynamic-endpoints' },
      },
    ]);
    expect(serviceSets).toMatchObject([{ terms: [], dynamic: { profile: 'road-warriors', routePreference: 1 } }]);
    expect(() => new Gateway({ config: gateway, engine: nobleEngine(), rng: seededRng(1) })).not.toThrow();
  });

  it('with dedicated units gives each tunnel one, and whatever is routed there goes into it', () => {
    const { gateway, serviceSets } = read(DEDICATED);
    expect(gateway.policies).toMatchObject([{ action: { ownInterfaces: ['sp-1/2/0.1'], admits: 'anything' } }]);
    expect(gateway.policies[0]).not.toHaveProperty('interface');
    expect(serviceSets[0]?.dynamic?.routePreference).toBeUndefined();
  });

  it('takes several pairs, or any where there is none, and ANY-ANY is none', () => {
    const pair = 'allowed-proxy-pair local 10.30.0.0/16 remote 10.80.0.0/16;';
    const selectors = (text: string) => read(text).gateway.policies.map((policy) => policy.selectors);
    expect(selectors(changed(pair, `${pair} allowed-proxy-pair local 10.31.0.0/16 remote 2001:db8::/32;`))).toEqual([
      { local: '10.30.0.0/16', remote: '10.80.0.0/16' },
      { local: '10.31.0.0/16', remote: '2001:db8::/32' },
    ]);
    expect(selectors(changed(pair, ''))).toEqual([{}]);
    expect(selectors(changed(pair, 'allowed-proxy-pair local 0.0.0.0/0 remote 0.0.0.0/0;'))).toEqual([{}]);
  });

  it('may refer to an IKE policy, whose identities it then expects', () => {
    const key = 'pre-shared-key ascii-text "on the road again"; ## SECRET-DATA';
    const policy = 'ike { policy p { pre-shared-key ascii-text k; remote-id { any-remote-id; } } } ipsec {';
    const text = changed(key, 'ike-policy p;').replace('        ipsec {', `        ${policy}`);
    expect(read(text).gateway.peers).toMatchObject([{ remoteIdentity: 'any', preSharedKey: Uint8Array.of(0x6b) }]);
    const named = text.replace('any-remote-id;', 'fqdn [ a.example b.example ];');
    expect(read(named).gateway.peers[0]?.remoteIdentity).toHaveLength(2);
  });

  it('needs no ipsec-vpn at all', () => {
    const text = `${changed('                ipsec-policy road;\n', '').slice(0, TEXT.indexOf('    ipsec-vpn {') - 33)}}`;
    expect(read(text).gateway.policies).toMatchObject([{ action: { suites: [{ name: '3des-cbc/hmac-sha1-96' }] } }]);
  });

  it('reads the same in the set form', () => {
    const lines = [
      'set access profile p client * ike allowed-proxy-pair local 10.30.0.0/16 remote 10.80.0.0/16',
      'set access profile p client * ike allowed-proxy-pair local 10.31.0.0/16 remote 10.81.0.0/16',
      'set access profile p client * ike pre-shared-key ascii-text k',
      'set access profile p client * ike reverse-route preference 7',
      'set interfaces sp-1/2/0 unit 1 service-domain inside',
      'set interfaces sp-1/2/0 unit 2 service-domain outside',
      'set services service-set s next-hop-service inside-service-interface sp-1/2/0.1',
      'set services service-set s next-hop-service outside-service-interface sp-1/2/0.2',
      'set services service-set s ipsec-vpn-options local-gateway 203.0.113.1',
      'set services service-set s ipsec-vpn-options ike-access-profile p',
    ];
    const { gateway, serviceSets } = read(lines.join('\n'));
    expect(gateway.policies.map(({ name, interface: own }) => [name, own])).toEqual([
      ['s / p / 1', 'sp-1/2/0.1'],
      ['s / p / 2', 'sp-1/2/0.1'],
    ]);
    expect(serviceSets[0]?.dynamic?.routePreference).toBe(7);
  });

  it('stands beside rules, whose terms are asked first and whose rest comes last', () => {
    const rule =
      'rule r { match-direction input; term t { from { destination-address 10.99.0.0/16; } then { remote-gateway 203.0.113.9; dynamic { ike-policy p; } } } } ike { policy p { pre-shared-key ascii-text k; } } ipsec {';
    const text = changed('        ipsec {', `        ${rule}`).replace(
      '    service-set dynamic-endpoints {',
      '    service-set dynamic-endpoints { ipsec-vpn-rules r;',
    );
    expect(read(text).gateway.policies.map(({ name }) => name)).toEqual([
      'dynamic-endpoints / r / t',
      'dynamic-endpoints / road-warriors',
      'dynamic-endpoints / r / t / rest',
    ]);
    expect(read(text).serviceSets[0]?.dynamic?.termsBefore).toBe(1);
  });

  it.each([
    ['a profile that is not there', 'profile road-warriors', 'profile others', 'an IKE access profile of this'],
    [
      'no key',
      'pre-shared-key ascii-text "on the road again"; ## SECRET-DATA',
      '',
      'pre-shared-key or ike-policy in ike',
    ],
    ['a client by name', 'client *', 'client bob', '*: dynamic endpoints are of client *'],
    [
      'an identifier of no unit',
      '                interface-id road',
      '                interface-id street',
      'ipsec-interface-id street',
    ],
    ['a unit outside', 'service-domain inside', 'service-domain outside', 'only on the inside unit'],
    ['a unit that is neither', '                shared;\n', '', 'either dedicated or shared in dial-options'],
    ['half a pair', ' remote 10.80.0.0/16', '', 'local VALUE remote VALUE after allowed-proxy-pair'],
    ['an IPsec policy that is not there', 'ipsec-policy road', 'ipsec-policy street', 'an IPsec policy of this'],
    [
      'a pace of probes without the probes',
      'initiate-dead-peer-detection;',
      'dead-peer-detection { interval 20; }',
      'initiate-dead-peer-detection, which must be set',
    ],
  ])('is refused with %s', (_, from, to, expected) => {
    expect(() => readJunos(changed(from, to))).toThrow(expected);
  });

  it('is refused with what only rules, or only dynamic endpoints, may have', () => {
    const policies = (text: string) => `ike { policy p { pre-shared-key ascii-text k; ${text} } } ipsec {`;
    const key = 'pre-shared-key ascii-text "on the road again"; ## SECRET-DATA';
    const aggressive = changed(key, 'ike-policy p;').replace('        ipsec {', policies('mode aggressive;'));
    expect(() => readJunos(aggressive)).toThrow('Aggressive mode is not supported for dynamic endpoints');
    const rule =
      'rule r { match-direction input; term t { then { remote-gateway 203.0.113.9; dynamic { ike-policy p; } } } }';
    const any = changed('        ipsec {', `${rule} ${policies('remote-id { any-remote-id; }')}`);
    expect(() => readJunos(any)).toThrow('only in the DEP (dynamic endpoints configuration) mode');
  });

  it('is told of where nothing refers to it, and so are clients of other kinds', () => {
    const text = changed('            ike-access-profile road-warriors;\n', '').replace(
      '    service-set dynamic-endpoints {',
      '    service-set dynamic-endpoints { ipsec-vpn-rules r;',
    );
    const rule =
      'rule r { match-direction input; term t { then { remote-gateway 203.0.113.9; dynamic { ike-policy p; } } } } ike { policy p { pre-shared-key ascii-text k; } } ipsec {';
    const { notices } = readJunos(text.replace('        ipsec {', rule));
    expect(notices.map(({ text: said }) => said)).toContain('nothing refers to an IKE access profile: road-warriors');
    const other = readJunos('access { profile ppp { client bob { pap-password x; } } address-pool a; }');
    expect(other.notices.map(({ text: said }) => said)).toEqual([
      'not read: client bob of profile ppp',
      'not read: address-pool',
    ]);
  });
});

describe('the views of dynamic tunnels', () => {
  const tunnel: LiveTunnelInfo = {
    policy: 'dynamic-endpoints / road-warriors',
    peer: 'x',
    local: '10.30.0.0/16',
    remote: '10.80.1.0/24',
    insideInterface: 'sp-1/2/0.1',
    number: 1,
    since: instant(0),
  };
  const show = (text: string, tunnels: readonly LiveTunnelInfo[]) =>
    new Show(
      { ikeSas: () => [], ipsecSas: () => [], statistics: () => undefined, liveTunnels: () => tunnels },
      read(text),
    );

  it('have a route to what is behind each peer, where the tunnels share an interface', () => {
    const routes = show(TEXT, [tunnel]).reverseRoutes(instant(61 * 60_000));
    expect(formatReverseRoutes(routes)).toBe(
      '10.80.1.0/24       *[Static/1] 01:01:00\n                    > via sp-1/2/0.1\n',
    );
    expect(show(DEDICATED, [tunnel]).reverseRoutes(instant(0))).toEqual([]);
    expect(show(TEXT, [{ ...tunnel, remote: '0.0.0.0/0' }]).reverseRoutes(instant(0))).toEqual([]);
    expect(show(TEXT, [{ ...tunnel, policy: 'of another service set' }]).reverseRoutes(instant(0))).toEqual([]);
  });
});
