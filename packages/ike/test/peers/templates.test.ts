import { IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { fqdnId, fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, peerConfig } from '../support/pair.ts';
import { Host, Hosts, SharedAddress } from './hosts.ts';

const HUB = '198.51.100.1';
const NET = ipv4SubnetId('10.0.0.0/24');

/** Who comes from anywhere, as the hub has them. */
function template(changes: Partial<PeerConfig> = {}): PeerConfig {
  return peerConfig('R3', {
    name: 'clients',
    local: { address: HUB, port: 500 },
    remote: { addresses: 'any' },
    allowWildcardKey: true,
    children: [childPolicy('R3', { localIdentity: NET, remoteIdentity: 'any' })],
    ...changes,
  });
}

/** The hub, as a client has it. */
function hub(address: string, net: string, changes: Partial<PeerConfig> = {}): PeerConfig {
  return peerConfig('R2', {
    name: 'hub',
    local: { address, port: 500 },
    remote: { address: HUB, port: 500 },
    children: [childPolicy('R2', { localIdentity: ipv4SubnetId(net), remoteIdentity: NET })],
    ...changes,
  });
}

const endpointOf = (...peers: readonly PeerConfig[]): IkeEndpoint =>
  new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers });

describe('a template', () => {
  it('has a peer for each identity that comes, wherever from, and each its own SAs', () => {
    const server = new Host(HUB, [template()]);
    const clients = ['203.0.113.5', '192.0.2.77'].map(
      (address, i) => new Host(address, [hub(address, `10.${i + 1}.0.0/16`)]),
    );
    const hosts = new Hosts(server, ...clients);
    for (const client of clients) hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    const children = server.of('child-established').map(({ child }) => child);
    expect(children.map(({ peer }) => peer)).toEqual(['clients/203.0.113.5', 'clients/192.0.2.77']);
    expect(children.map(({ template: of }) => of)).toEqual(['clients', 'clients']);
    expect(children.map(({ remoteIdentity }) => remoteIdentity)).toEqual([
      ipv4SubnetId('10.1.0.0/16'),
      ipv4SubnetId('10.2.0.0/16'),
    ]);
    hosts.on(server, (endpoint, now) => endpoint.rekeyIke(now, 'clients/192.0.2.77'));
    expect(server.of('ike-established')).toHaveLength(3);
  });

  it('tells two clients behind one address apart by who they are', () => {
    const nat = new SharedAddress('203.0.113.9');
    const server = new Host(HUB, [
      template({
        mode: 'aggressive',
        remoteIdentity: [fqdnId('alice.example'), fqdnId('bob.example')],
      }),
    ]);
    const clients = ['alice', 'bob'].map((name, i) => {
      const address = `192.168.1.${10 + i}`;
      const changes = { mode: 'aggressive', localIdentity: fqdnId(`${name}.example`) } as const;
      const config = hub(address, `10.${i + 1}.0.0/16`, { ...changes, remoteIdentity: fqdnId('hub.example') });
      return new Host(address, [config], nat.of(address));
    });
    server.endpoint.replacePeer(
      0 as never,
      template({
        mode: 'aggressive',
        localIdentity: fqdnId('hub.example'),
        remoteIdentity: [fqdnId('alice.example'), fqdnId('bob.example')],
      }),
    );
    const hosts = new Hosts(server, ...clients);
    for (const client of clients) hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    hosts.run(seconds(2));
    const children = server.of('child-established').map(({ child }) => child);
    expect(children.map(({ peer }) => peer)).toEqual(['clients/alice.example', 'clients/bob.example']);
    expect(new Set(children.map(({ remote }) => `${remote.address} ${remote.port}`)).size).toBe(2);
    for (const client of clients) expect(client.of('child-established')).toHaveLength(1);
  });

  it('forgets a peer of which nothing is left', () => {
    const address = '203.0.113.5';
    const [server, client] = [new Host(HUB, [template()]), new Host(address, [hub(address, '10.1.0.0/16')])];
    const hosts = new Hosts(server, client);
    hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    hosts.on(client, (endpoint, now) => endpoint.close(now));
    expect(server.endpoint.ikeSas()).toEqual([]);
    expect(() => server.endpoint.rekeyIke(hosts.now, `clients/${address}`)).toThrow(RangeError);
    hosts.run(seconds(120), seconds(10));
    expect(server.endpoint.pollTimeout()).toBeUndefined();
  });

  it('gives way to a nearer entry: an address before a prefix, a longer prefix before a shorter one', () => {
    const key = (name: string, changes: Partial<PeerConfig>): PeerConfig =>
      template({ name, preSharedKey: fromAscii(name), ...changes });
    const server = new Host(HUB, [
      key('anywhere', {}),
      key('wide', { remote: { addresses: ['203.0.0.0/16'] } }),
      key('narrow', { remote: { addresses: ['203.0.113.0/24'] } }),
      key('one', { remote: { address: '203.0.113.5', port: 500 } }),
    ]);
    const cases = { '203.0.113.5': 'one', '203.0.113.6': 'narrow', '203.0.9.9': 'wide', '192.0.2.1': 'anywhere' };
    const clients = Object.entries(cases).map(
      ([address, name]) => new Host(address, [hub(address, '10.1.0.0/16', { preSharedKey: fromAscii(name) })]),
    );
    const hosts = new Hosts(server, ...clients);
    for (const client of clients) hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    expect(server.of('ike-established').map(({ ikeSa }) => ikeSa.peer.split('/')[0])).toEqual(Object.values(cases));
  });

  it('has nobody to begin with', () => {
    expect(() => endpointOf(template()).initiate(0 as never, 'clients')).toThrow('clients is a template');
  });
});

describe('entries that cannot be told apart', () => {
  const anywhere = (name: string, changes: Partial<PeerConfig> = {}): PeerConfig => template({ name, ...changes });

  it.each<[string, Partial<PeerConfig>, Partial<PeerConfig>]>([
    ['two of Main Mode from anywhere', {}, {}],
    [
      'two of one prefix',
      { remote: { addresses: ['10.0.0.0/8'] } },
      { remote: { addresses: ['10.0.0.0/8', '11.0.0.0/8'] } },
    ],
    [
      'one identity twice',
      { mode: 'aggressive', remoteIdentity: fqdnId('a') },
      { mode: 'aggressive', remoteIdentity: [fqdnId('b'), fqdnId('a')] },
    ],
  ])('are a RangeError that names both, and nothing is added: %s', (_what, a, b) => {
    const endpoint = endpointOf(anywhere('first', a));
    const add = (): void => endpoint.addPeer(0 as never, anywhere('second', b));
    expect(add).toThrow(RangeError);
    expect(add).toThrow('first and second');
    expect(endpoint.peerNames()).toEqual(['first']);
    expect(() => endpoint.replacePeer(0 as never, anywhere('first', { lifetime: seconds(60) }))).not.toThrow();
  });

  it.each<[string, Partial<PeerConfig>, Partial<PeerConfig>]>([
    ['by mode', {}, { mode: 'aggressive' }],
    [
      'by identity',
      { mode: 'aggressive', remoteIdentity: fqdnId('a') },
      { mode: 'aggressive', remoteIdentity: fqdnId('b') },
    ],
    [
      'by what they propose',
      {},
      {
        proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
      },
    ],
    ['by the local address', {}, { local: { address: '198.51.100.2', port: 500 } }],
    ['by the length of a prefix', { remote: { addresses: ['10.0.0.0/8'] } }, { remote: { addresses: ['10.0.0.0/9'] } }],
  ])('are told apart %s', (_what, a, b) => {
    expect(endpointOf(anywhere('first', a), anywhere('second', b)).peerNames()).toEqual(['first', 'second']);
  });

  it.each<[string, Partial<PeerConfig>]>([
    ['from anywhere in Main Mode', {}],
    ['from anywhere for anybody', { mode: 'aggressive', remoteIdentity: 'any' }],
    ['for several identities', { mode: 'aggressive', remoteIdentity: [fqdnId('a'), fqdnId('b')] }],
  ])('one key %s is only for who asks for it', (_what, changes) => {
    expect(() => endpointOf(template({ ...changes, allowWildcardKey: false }))).toThrow('allowWildcardKey');
    expect(() => endpointOf(template(changes))).not.toThrow();
    expect(() => endpointOf(template({ ...changes, allowWildcardKey: false, preSharedKey: 'ask' }))).not.toThrow();
  });
});

describe('a peer behind a NAT that says it is where another is', () => {
  it('does not take from the other what it needs for its next handshake', () => {
    const [one, another] = ['203.0.113.1', '203.0.113.2'];
    const keys = { [one]: fromAscii('the key of one'), [another]: fromAscii('the key of another') };
    const fixed = (name: string, address: string): PeerConfig =>
      template({ name, remote: { address, port: 500 }, preSharedKey: keys[address] ?? 'ask' });
    const inside = (address: string, net: string, nat: string): Host => {
      const changes = { preSharedKey: keys[nat] ?? 'ask', localIdentity: fixedId(nat) } as const;
      return new Host(address, [hub(address, net, changes)], new SharedAddress(nat).of(address));
    };
    const server = new Host(HUB, [fixed('one', one), fixed('another', another)]);
    const [a, b] = [inside('192.168.1.1', '10.1.0.0/16', one), inside('192.168.2.1', '10.2.0.0/16', another)];
    const hosts = new Hosts(server, a, b);
    for (const client of [a, b]) hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    const [first] = server.of('child-established');
    if (first === undefined) throw new Error('no child');
    // One has a packet arrive from the address of the other: behind a NAT it may be anywhere.
    hosts.on(server, (endpoint, now) =>
      endpoint.noteEndpoint(now, first.child.inbound, { address: another, port: 40_001 }),
    );
    const before = server.of('ike-established').length;
    hosts.on(b, (endpoint, now) => endpoint.rekeyIke(now, 'hub'));
    hosts.run(seconds(2));
    expect(
      server
        .of('ike-established')
        .slice(before)
        .map(({ ikeSa }) => ikeSa.peer),
    ).toEqual(['another']);
  });
});

function fixedId(address: string): NonNullable<PeerConfig['localIdentity']> {
  return { idType: 1, protocol: 0, port: 0, data: Uint8Array.from(address.split('.').map(Number)) };
}
