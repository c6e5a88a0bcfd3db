import { espSuite, nobleEngine } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { checkConfig } from '../src/check-config.ts';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig, type Protection } from '../src/index.ts';
import { ikePeers } from '../src/policy/ike-peers.ts';

const peer: GatewayPeer = {
  name: 'west',
  local: '10.1.15.1',
  remote: '10.1.15.2',
  mode: 'main',
  preSharedKey: Uint8Array.of(1),
  proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
  lifetime: seconds(3600),
};
const protection: Protection = {
  peer: 'west',
  suites: [espSuite('3des-cbc/hmac-sha1-96')],
  lifetime: seconds(28800),
};
const policy: PolicyConfig = { name: 'nets', action: { kind: 'protect', ...protection } };
const withPeer = (change: object) => ({ peers: [{ ...peer, ...change }], policies: [policy] });
const withPolicy = (change: object) => withPolicies([{ ...policy, ...change }]);
const withPolicies = (policies: readonly PolicyConfig[]): GatewayConfig => ({ peers: [peer], policies });
const withProtection = (change: object) => withPolicy({ action: { ...policy.action, ...change } });

const SIGNS = {
  preSharedKey: undefined,
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14, authentication: 'rsa-signature' }],
  credentials: { privateKey: 'ask', remoteKey: 'ask' },
};
const TEMPLATE = { ...peer, remote: { addresses: 'any' }, remoteIdentity: 'any', allowWildcardKey: true };
const MANUAL = { engine: nobleEngine(), outside: 'ip', allowLegacy: [] } as const;

/** As JavaScript hands it over. */
const check = (config: unknown) => () => Reflect.apply(checkConfig, undefined, [config, MANUAL]);

describe('a configuration', () => {
  it.each([
    ['one tunnel', withPolicies([policy])],
    [
      'a policy of each kind',
      withPolicies([
        { name: 'a', selectors: { remote: '10.9.0.0/16' }, action: { kind: 'bypass' } },
        { name: 'b', interface: 'sp', action: { kind: 'share', policy: 'nets' } },
        policy,
        { name: 'c', action: { kind: 'discard' } },
      ]),
    ],
    ['a peer that signs, and has no key', withPeer(SIGNS)],
    [
      'a template, which children of several ranges are for',
      { peers: [TEMPLATE], policies: [{ ...policy, selectors: { remote: ['10.1.0.0/16', '10.3.0.0/16'] } }] },
    ],
  ])('that can work is taken: %s', (_, config) => {
    expect(check(config)).not.toThrow();
  });

  it.each([
    ['peers', { peers: [peer, { ...peer, remote: '10.1.15.9' }], policies: [] }],
    ['peers[0].local', withPeer({ local: '10.1.15.256' })],
    ['peers[0].local', withPeer({ local: '10.1.15.1/30' })],
    ['peers[0].remote', withPeer({ remote: 'r3' })],
    ['peers[0].remote', withPeer({ remote: '0.0.0.0' })],
    ['peers[0].local', withPeer({ local: '::' })],
    ['peers[0]', withPeer({ remote: '2001:db8::2' })],
    ['peers[0].outsideMtu', withPeer({ outsideMtu: 575 })],
    ['peers[0].outsideMtu', withPeer({ local: '2001:db8::1', remote: '2001:db8::2', outsideMtu: 1279 })],
    ['peers[0].outsideMtu', withPeer({ outsideMtu: 68 })],
    ['peers[0].proposals', withPeer({ proposals: [] })],
    ['peers[0].preSharedKey', withPeer({ preSharedKey: new Uint8Array(0) })],
    ['policies', withPolicies([policy, policy])],
    ['policies[0].selectors.local', withPolicy({ selectors: { local: '10.1.12.0/33' } })],
    ['policies[0].selectors', withPolicy({ selectors: { local: '10.1.12.0/24', remote: 'fd00::/8' } })],
    ['policies[0].selectors.local', withPolicy({ selectors: { local: '10.1.12.9-10.1.12.8' } })],
    ['policies[0].selectors.local', withPolicy({ selectors: { local: ['10.1.12.0/24', '10.1.13.0/24'] } })],
    ['policies[0].selectors.local', withPolicy({ selectors: { local: Array(257).fill('10.1.12.9') } })],
    ['policies[0].selectors.localPort', withPolicy({ selectors: { localPort: 65_536 } })],
    ['policies[0].selectors.protocol', withPolicy({ selectors: { protocol: 'tpc' } })],
    ['policies[0].selectors', withPolicy({ selectors: { localPort: 1, icmpType: 8 } })],
    ['policies[0].selectors.remotePort', withPolicy({ selectors: { remotePort: [] } })],
    ['policies[0].action.tcpMss', withProtection({ tcpMss: 87 })],
    ['policies[0].action.outer.ttl', withProtection({ outer: { ttl: 0 } })],
    ['policies[0].action.outer.dscp', withProtection({ outer: { dscp: 64 } })],
    ['policies[0].action.outer.flowLabel', withProtection({ outer: { flowLabel: 1 << 20 } })],
    ['policies[0].action.peer', withProtection({ peer: 'east' })],
    ['policies[0].action.antiReplayWindow', withProtection({ antiReplayWindow: 16 })],
    ['policies[0].action.antiReplayWindow', withProtection({ antiReplayWindow: 64.5 })],
    // Regression: the SA was found to be impossible when it was agreed on, which threw in handleOutside.
    ['policies[0].action.antiReplayWindow', withProtection({ antiReplayWindow: 'off', esn: true })],
    ['policies[0].action.fragmentation', withProtection({ mode: 'transport', fragmentation: 'before' })],
    ['policies[0].action.mtu', withProtection({ mtu: 9193 })],
    ['policies[0].action.trafficFlow', withProtection({ mode: 'transport', trafficFlow: { multipleOf: 128 } })],
    [
      'policies[0].action.populate',
      { peers: [TEMPLATE], policies: [{ ...policy, action: { ...policy.action, populate: ['remote'] } }] },
    ],
    ['policies[0].action.suites', withProtection({ suites: [] })],
    ['policies[0].action.policy', withPolicy({ action: { kind: 'share', policy: 'other' } })],
    ['policies[1].action.policy', withPolicies([policy, { name: 'b', action: { kind: 'share', policy: 'b' } }])],
  ])('that cannot work is refused by the name of what is wrong: %s', (argument, config) => {
    expect(check(config)).toThrow(RangeError);
    expect(check(config)).toThrow(`config.${argument}:`);
  });

  it.each([
    ['config', undefined],
    ['config', null],
    ['config.peers', {}],
    ['config.policies', { peers: [peer] }],
    ['config.peers', { peers: peer, policies: [] }],
    ['config.peers[0]', { peers: [undefined], policies: [] }],
    ['config.peers[0].name', withPeer({ name: undefined })],
    ['config.peers[0].local', withPeer({ local: undefined })],
    ['config.peers[0].remote', withPeer({ remote: undefined })],
    ['config.peers[0].remote', withPeer({ remote: 3 })],
    ['config.peers[0].proposals', withPeer({ proposals: undefined })],
    ['config.peers[0].lifetime', withPeer({ lifetime: '3600' })],
    ['config.peers[0].preSharedKey', withPeer({ preSharedKey: 'text' })],
    ['config.peers[0].preSharedKey', withPeer({ preSharedKey: [1, 2, 3] })],
    ['config.peers[0].preSharedKey', withPeer({ preSharedKey: new DataView(new ArrayBuffer(4)) })],
    ['config.policies[0]', { peers: [peer], policies: ['nets'] }],
    ['config.policies[0].interface', withPolicy({ interface: 1 })],
    ['config.policies[0].selectors', withPolicy({ selectors: '10.0.0.0/8' })],
    ['config.policies[0].selectors.local', withPolicy({ selectors: { local: 10 } })],
    ['config.policies[0].selectors.local', withPolicy({ selectors: { local: [10] } })],
    ['config.policies[0].selectors.remotePort', withPolicy({ selectors: { remotePort: {} } })],
    ['config.policies[0].action.mode', withProtection({ mode: 'beet' })],
    ['config.policies[0].action.fragmentation', withProtection({ fragmentation: 'never' })],
    ['config.policies[0].action.clearDontFragment', withProtection({ clearDontFragment: 'no' })],
    ['config.policies[0].action.admits', withProtection({ admits: 'any' })],
    ['config.policies[0].action.tellReplayStatus', withProtection({ tellReplayStatus: 1 })],
    ['config.policies[0].action.statistics', withProtection({ statistics: 5 })],
    ['config.policies[0].action.icmpErrors', withProtection({ icmpErrors: true })],
    ['config.policies[0].action.outer', withProtection({ outer: 3 })],
    ['config.policies[0].action.outer.df', withProtection({ outer: { df: true } })],
    ['config.policies[0].action', withPolicy({ action: undefined })],
    ['config.policies[0].action.kind', withPolicy({ action: { kind: 'allow' } })],
    ['config.policies[0].action.policy', withPolicy({ action: { kind: 'share', policy: {} } })],
    ['config.policies[0].action.suites', withProtection({ suites: undefined })],
    ['config.policies[0].action.lifetime', withProtection({ lifetime: undefined })],
    ['config.establish', { ...withPolicies([policy]), establish: 'later' }],
  ])('of the wrong shape is a TypeError that names the argument: %s', (argument, config) => {
    expect(check(config)).toThrow(TypeError);
    expect(check(config)).toThrow(new RegExp(`^${argument.replace(/[[\].]/g, '\\$&')}(:| must)`));
  });

  // Regression: a selector that was misspelt was none, and the policy took every packet.
  it.each([
    ['selectors.locl', withPolicy({ selectors: { locl: '10.1.12.0/24' } })],
    ['selectors.constructor', withPolicy({ selectors: { constructor: 1 } })],
    ['action.fragmentaton', withProtection({ fragmentaton: 'refuse' })],
    ['action.freshKeys', withProtection({ freshKeys: true })],
    ['action.peer', withPolicy({ action: { kind: 'bypass', peer: 'west' } })],
    ['action.outer.tll', withProtection({ outer: { tll: 3 } })],
    ['action.outer.source', withProtection({ outer: { source: '10.1.15.9' } })],
    ['action.trafficFlow.multiple', withProtection({ trafficFlow: { multiple: 128 } })],
    ['action.trafficFlow', withProtection({ trafficFlow: { multipleOf: 128, length: 1400 } })],
  ])('with a member that is none is a TypeError that names it: %s', (member, config) => {
    expect(check(config)).toThrow(TypeError);
    expect(check(config)).toThrow(`config.policies[0].${member}: `);
  });

  // Regression: such policies were taken, and protected nothing.
  it.each([
    ['icmpType', { protocol: 'tcp', icmpType: 8 }],
    ['icmpCode', { protocol: ['tcp', 'udp'], icmpCode: '0-3' }],
    ['localPort', { protocol: 'icmp', localPort: 80 }],
    ['remotePort', { protocol: 'opaque', remotePort: 80 }],
    ['mobilityType', { protocol: '0-134', mobilityType: 5 }],
  ])('with selectors that no packet can match names the one that its protocol has not: %s', (name, selectors) => {
    expect(check(withPolicy({ selectors }))).toThrow(RangeError);
    expect(check(withPolicy({ selectors }))).toThrow(`config.policies[0].selectors.${name}: `);
  });

  it.each([
    [{ protocol: 'tcp', localPort: 'opaque' }],
    [{ protocol: 'ospf', localPort: ['opaque', 80] }],
    [{ protocol: '1-6', localPort: 80 }],
    [{ protocol: 'icmpv6', icmpType: 128 }],
    [{ protocol: 'mobility-header', mobilityType: 5 }],
  ])('with selectors that some packet matches is taken: %j', (selectors) => {
    expect(check(withPolicy({ selectors }))).not.toThrow();
  });

  it.each([
    ['options', undefined],
    ['engine', { config: withPolicies([policy]), rng: seededRng(1) }],
    ['rng.fill', { config: withPolicies([policy]), engine: nobleEngine(), rng: {} }],
    ['rng.fill', { config: withPolicies([policy]), engine: nobleEngine() }],
    ['config', { engine: nobleEngine(), rng: seededRng(1) }],
  ])('of a gateway names what is missing: %s', (argument, options) => {
    const construct = () => Reflect.construct(Gateway, [options]);
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(`${argument}:`);
  });
});

describe('what IKE is told', () => {
  it('has a child for each policy that protects, with its peer', () => {
    const other = { ...peer, name: 'east', remote: '10.1.15.6' };
    const third = { ...policy, name: 'third', action: { ...protection, kind: 'protect', peer: 'east' } } as const;
    const second = { ...policy, name: 'second', selectors: { remote: 'fd00::/8' } };
    const rest: PolicyConfig = { name: 'rest', action: { kind: 'bypass' } };
    const peers = ikePeers({ peers: [peer, other], policies: [policy, second, third, rest] }, 'ip');
    expect(peers.map(({ remote, children }) => [remote, children.map(({ name }) => name)])).toEqual([
      [{ address: '10.1.15.2', port: 500 }, ['nets', 'second']],
      [{ address: '10.1.15.6', port: 500 }, ['third']],
    ]);
  });

  it('is ESP in UDP in any case where the outside is UDP sockets, else as the peer says', () => {
    const planned = (outside: 'ip' | 'udp', config: GatewayConfig) =>
      ikePeers(config, outside).map(({ natTraversal }) => natTraversal);
    const [auto, off] = [withPeer({}), withPeer({ natTraversal: 'off' })];
    expect([planned('ip', auto), planned('ip', off), planned('udp', auto), planned('udp', off)]).toEqual([
      ['auto'],
      ['off'],
      ['force'],
      ['force'],
    ]);
  });

  it('is the subnet of all addresses where a policy names none', () => {
    const [told] = ikePeers(withPolicies([policy]), 'ip');
    expect(told?.children[0]).toMatchObject({
      localIdentity: { idType: 4, data: new Uint8Array(8) },
      remoteIdentity: { idType: 4, data: new Uint8Array(8) },
    });
  });
});

it('a gateway speaks what is legacy where it is told to, and not otherwise', () => {
  const proposals = [{ encryption: 'des-cbc', hash: 'md5', group: 1, authentication: 'pre-shared-key' }] as const;
  const config = { peers: [{ ...peer, proposals }], policies: [] };
  const gateway = (allowLegacy: readonly ('des' | 'md5' | 'modp768')[]) =>
    new Gateway({ config, engine: nobleEngine(), rng: seededRng(1), allowLegacy });
  expect(() => gateway([])).toThrow(RangeError);
  expect(() => gateway(['des', 'md5', 'modp768'])).not.toThrow();
});
