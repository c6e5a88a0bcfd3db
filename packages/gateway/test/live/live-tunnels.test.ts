import { espSuite } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import type { GatewayEvent, PolicyConfig } from '../../src/index.ts';
import { HUB, hubConfig, OFFICE, ROAD, Road, TEMPLATE, type Warrior } from './road.ts';

const NORTH: Warrior = { address: '192.0.2.10', net: '10.80.1.0/24' };
const SOUTH: Warrior = { address: '192.0.2.20', net: '10.80.2.0/24' };
const EAST: Warrior = { address: '192.168.1.10', net: '10.80.3.0/24', behindNat: true };
const WEST: Warrior = { address: '192.168.1.11', net: '10.80.4.0/24', behindNat: true };

const failures = (events: readonly GatewayEvent[]) =>
  events.flatMap((event) => (event.kind === 'ipsec-failed' ? [event.reason] : []));
const nets = (road: Road) => road.hub.gateway.liveTunnels().map(({ remote }) => remote);

/** Everybody has a tunnel. */
function upRoad(warriors: Readonly<Record<string, Warrior>>, road = new Road()): Road {
  for (const [name, warrior] of Object.entries(warriors)) {
    road.join(name, warrior);
    road.call(name);
    road.run(seconds(2));
  }
  return road;
}

describe('a gateway with a template of peers', () => {
  it('gives each that calls a tunnel for what it asks for, wherever it calls from', () => {
    const road = upRoad({ NORTH, SOUTH, EAST, WEST });
    for (const name of ['NORTH', 'SOUTH', 'EAST', 'WEST']) expect(road.reaches(name)).toBe(true);
    const place = { policy: 'road', local: OFFICE, insideInterface: undefined };
    expect(road.hub.gateway.liveTunnels()).toMatchObject([
      { ...place, number: 1, peer: 'warriors/192.0.2.10', remote: NORTH.net },
      { ...place, number: 2, peer: 'warriors/192.0.2.20', remote: SOUTH.net },
      { ...place, number: 3, peer: 'warriors/192.168.1.10', remote: EAST.net },
      { ...place, number: 4, peer: 'warriors/192.168.1.11', remote: WEST.net },
    ]);
    const sas = road.hub.gateway.ipsecSas();
    expect(sas.map(({ remote, inUdp }) => [remote, inUdp])).toEqual([
      [NORTH.address, false],
      [SOUTH.address, false],
      ['198.51.100.77', true],
      ['198.51.100.77', true],
    ]);
  });

  it('has no entry in the SPD for who has not called, nor for who has gone', () => {
    const road = upRoad({ NORTH });
    road.join('SOUTH', SOUTH);
    expect(road.answer('SOUTH')).toMatchObject({ ok: false });
    road.site('NORTH').gateway.close(road.now);
    road.drain();
    road.run(seconds(1));
    expect(nets(road)).toEqual([]);
    expect(road.answer('NORTH')).toMatchObject({ ok: false });
    const { gateway, events } = road.hub;
    expect([gateway.ipsecSas(), gateway.ikeSas(), gateway.pollTimeout()?.reason]).toEqual([
      [],
      [],
      'exchange-forgotten',
    ]);
    const told = events.filter(({ kind }) => kind === 'tunnel-added' || kind === 'tunnel-removed');
    expect(told.map(({ kind }) => kind)).toEqual(['tunnel-added', 'tunnel-removed']);
  });

  it('renews the SAs of a live peer, from either side, in the same tunnel', () => {
    const road = upRoad({ NORTH, EAST });
    road.run(seconds(3600 * 3));
    expect(nets(road)).toEqual([NORTH.net, EAST.net]);
    expect(road.reaches('NORTH') && road.reaches('EAST')).toBe(true);
    expect(road.hub.events.filter(({ kind }) => kind === 'tunnel-added')).toHaveLength(2);
    expect(road.hub.events.filter(({ kind }) => kind === 'ipsec-established').length).toBeGreaterThan(6);
  });

  it('tells of a renewal that fails once, by the tunnel of that peer, whoever else has one', () => {
    const told = (warriors: Readonly<Record<string, Warrior>>) => {
      const road = upRoad(warriors);
      const suites = [espSuite('aes-256-gcm-16')];
      const action = { kind: 'protect', peer: 'hub', suites, lifetime: seconds(3600) } as const;
      const other: PolicyConfig = { ...ROAD, selectors: { local: NORTH.net, remote: OFFICE }, action };
      road.site('NORTH').gateway.replacePolicy(road.now, other, 'keep');
      road.run(seconds(3520));
      return failures(road.hub.events);
    };
    const alone = told({ NORTH });
    expect(alone).toContain('NO-PROPOSAL-CHOSEN');
    expect(told({ NORTH, SOUTH })).toEqual(alone);
  });

  it('refuses what the policy does not allow, and begins nothing itself', () => {
    const road = upRoad({ NORTH: { ...NORTH, net: '10.90.1.0/24' } });
    expect(nets(road)).toEqual([]);
    expect(road.hub.gateway.refusals.ike['invalid-identity']).toBeGreaterThan(0);
    const eager = new Road({ ...hubConfig(), establish: 'immediately' });
    eager.run(seconds(60));
    expect(eager.hub.gateway.ikeSas()).toEqual([]);
  });

  it('gives one peer sixty-four tunnels and no more, and others theirs', () => {
    const road = new Road();
    const suites = [espSuite('aes-128-gcm-16')];
    const policies: PolicyConfig[] = Array.from({ length: 66 }, (_, i) => ({
      name: `net ${i}`,
      selectors: { local: `10.80.${i + 10}.0/24`, remote: OFFICE },
      action: { kind: 'protect', peer: 'hub', suites, lifetime: seconds(3600) },
    }));
    const peers = [{ ...TEMPLATE, name: 'hub', local: NORTH.address, remote: HUB, allowWildcardKey: false }];
    road.join('NORTH', { ...NORTH, config: { peers, policies, establish: 'immediately' } });
    road.run(seconds(5));
    expect(nets(road)).toHaveLength(64);
    expect(new Set(failures(road.hub.events))).toEqual(new Set(['limit']));
    upRoad({ SOUTH }, road);
    expect(nets(road)).toHaveLength(65);
  });

  it('without selectors allows everything, of either family', () => {
    const road = upRoad({ NORTH }, new Road(hubConfig({ policy: { selectors: undefined } })));
    expect(road.reaches('NORTH')).toBe(true);
  });
});

describe('what another live peer has', () => {
  const thief: Warrior = { ...SOUTH, net: '10.80.1.128/25' };

  it('is refused, whole or in part', () => {
    const road = upRoad({ NORTH, thief });
    expect(nets(road)).toEqual([NORTH.net]);
    expect(failures(road.hub.events)).toContain('overlapping-selectors');
    expect(road.site('thief').gateway.ipsecSas()).toEqual([]);
    expect(road.reaches('NORTH')).toBe(true);
  });

  it('is the newer one’s, if that is what the policy says', () => {
    const road = upRoad({ NORTH }, new Road(hubConfig({ action: { overlap: 'replace' } })));
    const moved = { ...NORTH, address: '192.0.2.99' };
    road.join('moved', moved);
    expect(road.reaches('moved')).toBe(true);
    expect(road.hub.gateway.liveTunnels().map(({ peer }) => peer)).toEqual(['warriors/192.0.2.99']);
    expect(road.site('NORTH').gateway.ipsecSas()).toEqual([]);
  });

  it('is the same peer’s, wherever it has got to and whatever it had before', () => {
    const road = upRoad({ EAST });
    road.join('EAST', EAST);
    expect(road.reaches('EAST')).toBe(true);
    expect(nets(road)).toEqual([EAST.net]);
  });
});

describe('a policy whose tunnels have interfaces of their own', () => {
  const config = hubConfig({ action: { ownInterfaces: ['sp-1/2/0.1', 'sp-1/2/0.2'], admits: 'anything' } });

  it('gives one to each as long as it lasts, and refuses who comes when none is left', () => {
    const road = upRoad({ NORTH, SOUTH, EAST }, new Road(config));
    expect(road.hub.gateway.liveTunnels().map((one) => [one.remote, one.insideInterface])).toEqual([
      [NORTH.net, 'sp-1/2/0.1'],
      [SOUTH.net, 'sp-1/2/0.2'],
    ]);
    expect(road.reaches('NORTH', 'sp-1/2/0.1') && road.reaches('SOUTH', 'sp-1/2/0.2')).toBe(true);
    expect(failures(road.hub.events)).toContain('no-interface-left');
    road.site('NORTH').gateway.close(road.now);
    road.drain();
    road.run(seconds(1));
    expect(road.answer('NORTH', 'sp-1/2/0.1')).toMatchObject({ ok: false, reason: 'discarded-by-policy' });
    road.run(seconds(60));
    expect(road.reaches('EAST', 'sp-1/2/0.1')).toBe(true);
  });
});

describe('a template that changes', () => {
  it('takes its live tunnels with it, or leaves them to receive', () => {
    for (const sas of ['delete', 'keep'] as const) {
      const road = upRoad({ NORTH });
      road.hub.gateway.removePolicy(road.now, 'road', sas);
      road.drain();
      road.run(seconds(1));
      expect(road.hub.gateway.ipsecSas()).toHaveLength(sas === 'keep' ? 1 : 0);
      expect(road.answer('NORTH')).toMatchObject({ ok: false });
      road.call('NORTH');
      road.run(seconds(1));
      expect(road.hub.received.filter((source) => source === '10.80.1.9')).toHaveLength(sas === 'keep' ? 2 : 1);
      road.hub.gateway.removePeer(road.now, 'warriors', sas);
      road.drain();
      road.run(seconds(4000));
      expect([road.hub.gateway.ipsecSas(), road.hub.gateway.ikeSas(), nets(road)]).toEqual([[], [], []]);
    }
  });

  it('leaves live tunnels as they are where its policy is replaced and SAs are kept', () => {
    const road = upRoad({ NORTH });
    const narrow = { ...ROAD, selectors: { local: OFFICE, remote: '10.80.1.0/24' } };
    road.hub.gateway.replacePolicy(road.now, narrow, 'keep');
    expect(road.reaches('NORTH')).toBe(true);
    upRoad({ SOUTH }, road);
    expect(nets(road)).toEqual([NORTH.net]);
  });

  it('may become one peer, and one peer a template', () => {
    const road = upRoad({ NORTH });
    const fixed = { ...TEMPLATE, remote: NORTH.address, allowWildcardKey: false };
    const selectors = { local: OFFICE, remote: NORTH.net };
    road.hub.gateway.replacePeer(road.now, fixed);
    road.hub.gateway.replacePolicy(road.now, { ...ROAD, selectors });
    road.run(seconds(2));
    expect(nets(road)).toEqual([]);
    expect(road.reaches('NORTH')).toBe(true);
    expect(nets(road)).toEqual([]);
    road.hub.gateway.replacePeer(road.now, TEMPLATE);
    road.run(seconds(2));
    expect(road.reaches('NORTH')).toBe(true);
    expect(nets(road)).toEqual([NORTH.net]);
  });
});

describe('a configuration with a template', () => {
  it.each([
    ['config.peers[0]', hubConfig({ peer: { remote: { addresses: ['2001:db8::/32'] } } })],
    ['config.peers[0].remote.addresses', hubConfig({ peer: { remote: { addresses: [] } } })],
    ['config.peers[0].remote.addresses[0]', hubConfig({ peer: { remote: { addresses: ['somewhere'] } } })],
    ['config.policies[0].action.overlap', hubConfig({ action: { overlap: 'newest' } })],
    [
      'config.policies[0].action.overlap',
      hubConfig({ peer: { remote: NORTH.address }, action: { overlap: 'refuse' } }),
    ],
    ['config.policies[0].action.ownInterfaces', hubConfig({ action: { ownInterfaces: [] } })],
    [
      'config.policies[0].action.ownInterfaces',
      hubConfig({ policy: { interface: 'a' }, action: { ownInterfaces: ['b'] } }),
    ],
    [
      'config.policies[1].action.policy',
      {
        ...hubConfig(),
        policies: [ROAD, { name: 'rest', action: { kind: 'share', policy: 'road' } as const }],
      },
    ],
    ['preSharedKey', hubConfig({ peer: { allowWildcardKey: false } })],
  ])('that cannot work is refused by the name of what is wrong: %s', (argument, config) => {
    expect(() => new Road(config)).toThrow(`${argument}:`);
  });

  it('is refused where two templates cannot be told apart, by the names of both', () => {
    const road = new Road();
    expect(() => road.hub.gateway.addPeer(road.now, { ...TEMPLATE, name: 'others' })).toThrow('warriors and others');
    road.hub.gateway.addPeer(road.now, { ...TEMPLATE, name: 'others', local: '203.0.113.2' });
    expect(HUB).not.toBe('203.0.113.2');
  });
});
