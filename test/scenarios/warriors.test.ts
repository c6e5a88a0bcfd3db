import { describe, expect, it } from 'vitest';
import { formatIdentification, ipv4AddressId, ipv4SubnetId, seconds } from '../../packages/wire/src/index.ts';
import { ROAD } from './road.ts';
import { type Terms, Warriors } from './support/warriors.ts';

describe('road warriors', () => {
  it.each(ROAD.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const road = new Warriors(row);
    road.call('carol', '10.9.1.10');
    road.call('dave', '10.9.1.20');
    for (const name of ['carol', 'dave']) {
      expect(road.named(name).events.filter(({ kind }) => kind === 'ike-failed')).toEqual([]);
      expect(road.childrenOf(name)).toHaveLength(1);
    }
    const given = ['carol', 'dave'].flatMap((name) => road.addressesOf(name));
    expect(new Set(given).size).toBe(row.method === 'none' ? 0 : 2);
    const users = road.hub.endpoint.ikeSas().map(({ user }) => user);
    expect(users).toEqual(/^(xauth|hybrid)/.test(row.authentication) ? ['carol', 'dave'] : [undefined, undefined]);
  });
});

const XAUTH: Terms = { mode: 'main', authentication: 'xauth-initiator-pre-shared-key', method: 'pull' };
const CAROL = '10.9.1.10';
const DAVE = '10.9.1.20';

function failuresOf(road: Warriors, name: string): readonly string[] {
  return road
    .named(name)
    .events.flatMap((event) => (event.kind === 'ike-failed' || event.kind === 'child-failed' ? [event.reason] : []));
}

describe('an address of the pool', () => {
  it('goes to who comes first, and to who has waited when it is free', () => {
    const road = new Warriors({ ...XAUTH, pool: { ipv4: '10.3.0.0/30' } });
    road.call('carol', CAROL);
    road.call('dave', DAVE);
    road.call('nopw', '10.9.1.30');
    expect(['carol', 'dave', 'nopw'].map((name) => road.childrenOf(name).length)).toEqual([1, 1, 0]);
    road.named('carol').endpoint.close(road.now);
    road.run(seconds(10));
    road.initiate('nopw');
    expect(road.childrenOf('nopw')).toHaveLength(1);
    expect(road.addressesOf('nopw')).toEqual(road.addressesOf('carol'));
  });

  it.each([
    ['that another has is nobody else’s, asked for or not', '10.3.0.1'],
    ['that nobody has been given is nobody’s', '10.3.0.9'],
  ] as const)('%s', (_, address) => {
    const road = new Warriors(XAUTH);
    road.call('carol', CAROL);
    expect(road.addressesOf('carol')).toEqual(['10.3.0.1']);
    // Without Mode Config, and with an address all the same.
    road.call('dave', DAVE, { method: 'none', clientChild: { localIdentity: ipv4AddressId(address) } });
    expect(road.childrenOf('dave')).toEqual([]);
    expect(failuresOf(road, 'dave').length).toBeGreaterThan(0);
    expect(road.childrenOf('carol')).toHaveLength(1);
  });

  it('is the same for who comes back, and is asked for again', () => {
    const road = new Warriors(XAUTH);
    road.call('carol', CAROL);
    road.call('dave', DAVE);
    const [before] = road.addressesOf('dave');
    road.named('dave').endpoint.rekeyIke(road.now, 'hub');
    road.run(seconds(30));
    expect(road.addressesOf('dave')).toEqual([before]);
    expect(road.childrenOf('dave')).toHaveLength(1);
  });
});

describe('a client with a password that is wrong', () => {
  it.each(['main', 'aggressive'] as const)('is not let in, %s mode', (mode) => {
    const road = new Warriors({ ...XAUTH, mode });
    road.call('carol', CAROL, { password: 'a guess' });
    expect(road.named('carol').endpoint.children()).toEqual([]);
    expect(road.hub.endpoint.children()).toEqual([]);
    expect(road.hub.events.some(({ kind }) => kind === 'ike-established')).toBe(false);
    expect(failuresOf(road, 'carol').length).toBeGreaterThan(0);
    road.call('dave', DAVE);
    expect(road.childrenOf('dave')).toHaveLength(1);
  });

  it('that is next to nothing is let in where that is the right one', () => {
    const road = new Warriors({ ...XAUTH, mode: 'aggressive' });
    road.call('nopw', CAROL);
    expect(road.childrenOf('nopw')).toHaveLength(1);
  });
});

describe('a child after XAuth', () => {
  it('may be narrower than what the hub offers: one net of several', () => {
    const road = new Warriors({ ...XAUTH, clientChild: { remoteIdentity: ipv4SubnetId('10.2.7.0/24') } });
    road.call('carol', CAROL);
    expect(road.childrenOf('carol')).toHaveLength(1);
    const [child] = road.hub.events.flatMap((event) => (event.kind === 'child-established' ? [event.child] : []));
    expect(child && formatIdentification(child.localIdentity)).toContain('10.2.7.0');
  });

  it('without Mode Config is for what the client has by itself', () => {
    const road = new Warriors({ ...XAUTH, method: 'none' });
    road.call('carol', CAROL);
    expect(road.childrenOf('carol')).toHaveLength(1);
    expect(road.addressesOf('carol')).toEqual([]);
  });

  it('without Mode Config is refused for what the hub does not allow', () => {
    const road = new Warriors({
      ...XAUTH,
      method: 'none',
      clientChild: { localIdentity: ipv4SubnetId('172.16.0.0/24') },
    });
    road.call('carol', CAROL);
    expect(road.childrenOf('carol')).toEqual([]);
    expect(failuresOf(road, 'carol')).toContain('INVALID-ID-INFORMATION');
  });

  it('may be asked for by the hub too', () => {
    const road = new Warriors(XAUTH);
    road.call('carol', CAROL);
    const carol = road.named('carol').endpoint;
    const [child] = road.hub.endpoint.children();
    if (child === undefined) throw new Error('there is no child');
    road.hub.endpoint.rekeyChild(road.now, child.inbound);
    road.run(seconds(30));
    expect(carol.children().some(({ role, state }) => role === 'responder' && state === 'established')).toBe(true);
    expect(failuresOf(road, 'hub')).toEqual([]);
  });

  it('may be several, all for the address that was given', () => {
    const nets = ['10.2.1.0/24', '10.2.2.0/24'];
    const road = new Warriors(XAUTH);
    road.call('carol', CAROL, { children: nets });
    expect(road.childrenOf('carol')).toHaveLength(2);
    const theirs = road.hub.events.flatMap((event) => (event.kind === 'child-established' ? [event.child] : []));
    expect(theirs.map(({ remoteIdentity }) => formatIdentification(remoteIdentity))).toEqual(
      nets.map(() => expect.stringContaining('10.3.0.1')),
    );
    expect(road.hub.endpoint.ikeSas()).toHaveLength(1);
  });

  it('is renewed, with its IKE SA, for two hours', () => {
    const road = new Warriors({ ...XAUTH, mode: 'aggressive' });
    road.call('carol', CAROL);
    const before = road.addressesOf('carol');
    road.run(seconds(7200));
    expect(road.childrenOf('carol').length).toBeGreaterThan(0);
    expect(road.addressesOf('carol')).toEqual(before);
  });
});

describe('any one datagram of XAuth and Mode Config', () => {
  it.each(['main', 'aggressive'] as const)('may be lost, %s mode', (mode) => {
    for (let lost = 0; lost < 16; lost++) {
      const road = new Warriors({ ...XAUTH, mode });
      let count = 0;
      road.isLost = () => count++ === lost;
      road.call('carol', CAROL);
      expect(road.childrenOf('carol')).toHaveLength(1);
    }
  });
});

describe('split tunnelling', () => {
  it('is told to who speaks of Unity', () => {
    const road = new Warriors({
      ...XAUTH,
      pool: { ipv4: '10.3.0.0/28', splitInclude: ['10.2.0.0/16', '10.4.0.0/16'], banner: 'welcome' },
    });
    road.call('carol', CAROL);
    const [configured] = road.named('carol').events.flatMap((event) => (event.kind === 'configured' ? [event] : []));
    expect(configured?.configuration).toMatchObject({
      splitInclude: ['10.2.0.0/16', '10.4.0.0/16'],
      banner: 'welcome',
    });
  });
});
