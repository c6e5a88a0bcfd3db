import { espSuite } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../src/check-config.ts';
import type { GatewayConfig, ServiceSetConfig, TermConfig } from '../src/config.ts';
import { planPeers, planTunnels } from '../src/policy/tunnel-plan.ts';

const term: TermConfig = {
  name: 'term-ike',
  from: {},
  remoteGateway: '10.1.15.2',
  ike: {
    name: 'ike-policy-preshared',
    mode: 'main',
    preSharedKey: Uint8Array.of(1),
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
  },
  ipsec: { name: 'default', suites: [espSuite('3des-cbc/hmac-sha1-96')], lifetime: seconds(28800) },
  antiReplayWindow: 64,
  clearDontFragment: false,
};
const serviceSet: ServiceSetConfig = {
  name: 'set',
  pic: 'sp-1/2/0',
  localGateway: '10.1.15.1',
  rules: [{ name: 'rule-ike', matchDirection: 'input', terms: [term] }],
  style: { kind: 'next-hop', insideInterface: 'sp-1/2/0.1', outsideInterface: 'sp-1/2/0.2' },
};
const withTerm = (change: Partial<TermConfig>) => withTerms([{ ...term, ...change }]);
const withTerms = (terms: readonly TermConfig[]) => withSet({ rules: [{ name: 'r', matchDirection: 'input', terms }] });
const withSet = (change: Partial<ServiceSetConfig>) => withSets([{ ...serviceSet, ...change }]);
const withSets = (serviceSets: readonly ServiceSetConfig[]): GatewayConfig => ({
  serviceSets,
  establishTunnels: 'on-traffic',
});

describe('a configuration', () => {
  it('that can work is taken', () => {
    expect(() => checkConfig(withSets([serviceSet]))).not.toThrow();
  });

  it.each([
    ['serviceSets', withSets([])],
    ['serviceSets', withSets([serviceSet, { ...serviceSet, localGateway: '10.1.15.9' }])],
    ['serviceSets[0].rules', withSet({ rules: [] })],
    ['serviceSets[0].rules[0].terms', withTerms([])],
    ['serviceSets[0].rules[0].terms', withTerms([term, { ...term, remoteGateway: '10.1.15.3' }])],
    ['serviceSets[0].localGateway', withSet({ localGateway: '10.1.15.256' })],
    ['serviceSets[0].localGateway', withSet({ localGateway: '10.1.15.1/30' })],
    ['serviceSets[0].outsideMtu', withSet({ outsideMtu: 68 })],
    ['serviceSets[0].style', withSet({ style: { kind: 'next-hop', insideInterface: 'a', outsideInterface: 'a' } })],
    ['serviceSets[1].style.insideInterface', withSets([serviceSet, { ...serviceSet, name: 'other' }])],
    ['serviceSets[0].rules[0].terms[0].remoteGateway', withTerm({ remoteGateway: 'r3' })],
    ['serviceSets[0].rules[0].terms[0].from.sourceAddress', withTerm({ from: { sourceAddress: '10.1.12.0/33' } })],
    [
      'serviceSets[0].rules[0].terms[0].from',
      withTerm({ from: { sourceAddress: '10.1.12.0/24', destinationAddress: 'fd00::/8' } }),
    ],
    ['serviceSets[0].rules[0].terms[0].antiReplayWindow', withTerm({ antiReplayWindow: 16 })],
    ['serviceSets[0].rules[0].terms[0].antiReplayWindow', withTerm({ antiReplayWindow: 64.5 })],
    ['serviceSets[0].rules[0].terms[0].tunnelMtu', withTerm({ tunnelMtu: 9193 })],
    ['serviceSets[0].rules[0].terms[0].ipsec.suites', withTerm({ ipsec: { ...term.ipsec, suites: [] } })],
    ['serviceSets[0].rules[0].terms[0].ike.proposals', withTerm({ ike: { ...term.ike, proposals: [] } })],
    [
      'serviceSets[0].rules[0].terms[0].ike.preSharedKey',
      withTerm({ ike: { ...term.ike, preSharedKey: new Uint8Array(0) } }),
    ],
    [
      'serviceSets[0]',
      withTerms([term, { ...term, name: 'second', ike: { ...term.ike, preSharedKey: Uint8Array.of(2) } }]),
    ],
  ] as const)('is refused by the name of what is wrong: %s', (argument, config) => {
    expect(() => checkConfig(config)).toThrow(RangeError);
    expect(() => checkConfig(config)).toThrow(`config.${argument}:`);
  });
});

describe('the plan of a configuration', () => {
  it('has one IKE peer for each pair of gateways and one child for each term', () => {
    const terms = [
      { ...term, from: { sourceAddress: '10.1.12.0/24' } },
      { ...term, name: 'second', from: { destinationAddress: 'fd00::/8' } },
      { ...term, name: 'third', remoteGateway: '10.1.15.6' },
    ];
    const tunnels = planTunnels(withTerms(terms));
    expect(tunnels.map(({ index, term: { name } }) => [index, name])).toEqual([
      [1, 'term-ike'],
      [2, 'second'],
      [3, 'third'],
    ]);
    const peers = planPeers(tunnels, 'ip');
    expect(peers.map(({ remote, children }) => [remote, children.length])).toEqual([
      [{ address: '10.1.15.2', port: 500 }, 2],
      [{ address: '10.1.15.6', port: 500 }, 1],
    ]);
  });

  it('has ESP in UDP in any case where the outside is UDP sockets, else as the IKE policy says', () => {
    const off = withTerms([{ ...term, ike: { ...term.ike, natTraversal: 'off' } }]);
    const planned = (outside: 'ip' | 'udp', config = withTerms([term])) =>
      planPeers(planTunnels(config), outside).map(({ natTraversal }) => natTraversal);
    expect([planned('ip'), planned('ip', off), planned('udp'), planned('udp', off)]).toEqual([
      ['auto'],
      ['off'],
      ['force'],
      ['force'],
    ]);
  });

  it('probes a peer as the first of its terms says that says so', () => {
    const pace = (idle: number) => ({ idle: seconds(idle), interval: seconds(2), retries: 1 });
    const terms = [
      term,
      { ...term, name: 'b', deadPeerDetection: pace(5) },
      { ...term, name: 'c', deadPeerDetection: pace(6) },
    ];
    expect(planPeers(planTunnels(withTerms(terms)), 'ip')).toMatchObject([{ deadPeerDetection: pace(5) }]);
    expect(planPeers(planTunnels(withTerms([term])), 'ip')[0]).not.toHaveProperty('deadPeerDetection');
  });

  it('proposes the subnet of all addresses where a term names none', () => {
    const [peer] = planPeers(planTunnels(withSets([serviceSet])), 'ip');
    expect(peer?.children[0]).toMatchObject({
      localIdentity: { idType: 4, data: new Uint8Array(8) },
      remoteIdentity: { idType: 4, data: new Uint8Array(8) },
    });
  });
});
