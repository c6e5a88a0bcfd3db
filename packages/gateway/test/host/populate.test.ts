import { nobleEngine } from '@espalier/crypto';
import { milliseconds, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway, type PolicyConfig } from '../../src/index.ts';
import { type Action, hostConfig, udpPacket, World } from './world.ts';

const [WEST, EAST] = ['192.0.2.1', '198.51.100.1'];
const [LOCAL, REMOTE] = [['10.1.0.0/16', '10.7.0.0/16'], '10.2.0.0/16'];
const EACH: Partial<Action> = { mode: 'tunnel', populate: ['local', 'remote'] };

/** Two gateways with one policy, whose SAs are for what each packet is. */
function pair(action: Partial<Action> = EACH, selectors: NonNullable<PolicyConfig['selectors']> = {}) {
  const world = new World();
  const west = world.join(WEST, hostConfig(WEST, EAST, { local: LOCAL, remote: REMOTE, ...selectors }, action));
  const east = world.join(EAST, hostConfig(EAST, WEST, { local: REMOTE, remote: LOCAL, ...selectors }, action));
  const send = (from: string, to: string, ports: readonly [number, number] = [5000, 53]) => {
    const outcome = world.send(west, udpPacket([from, ports[0]], [to, ports[1]]));
    world.run(seconds(2));
    return outcome;
  };
  return { world, west, east, send };
}

describe('populate from packet (RFC 4301 §4.4.1)', () => {
  it('makes SAs for each pair of hosts, which others do not use', () => {
    const { west, east, send } = pair();
    send('10.1.0.1', '10.2.0.1');
    send('10.1.0.1', '10.2.0.1');
    send('10.7.0.2', '10.2.0.1');
    expect(east.received).toHaveLength(3);
    const tunnels = west.gateway.liveTunnels();
    expect(tunnels.map(({ local, remote }) => [local, remote])).toEqual([
      ['10.1.0.1/32', '10.2.0.1/32'],
      ['10.7.0.2/32', '10.2.0.1/32'],
    ]);
    expect(west.gateway.ipsecSas('host to host')).toHaveLength(2);
    expect(east.gateway.ipsecSas('host to host')).toHaveLength(2);
    expect(west.events.filter(({ kind }) => kind === 'tunnel-added')).toHaveLength(2);
  });

  it('answers by the SAs that the other end has made', () => {
    const { world, west, east, send } = pair();
    send('10.1.0.1', '10.2.0.1');
    world.send(east, udpPacket(['10.2.0.1', 53], ['10.1.0.1', 5000]));
    world.run(seconds(1));
    expect(west.received).toHaveLength(1);
    expect(east.gateway.ipsecSas()).toHaveLength(1);
  });

  it('tells flows apart by their ports, if it is to', () => {
    const world = new World();
    const [near, far] = ['10.1.0.0/16', REMOTE];
    const mine = { mode: 'tunnel', populate: ['protocol', 'localPort'] } as const;
    const theirs = { mode: 'tunnel', populate: ['protocol', 'remotePort'] } as const;
    const west = world.join(WEST, hostConfig(WEST, EAST, { local: near, remote: far }, mine));
    const east = world.join(EAST, hostConfig(EAST, WEST, { local: far, remote: near }, theirs));
    for (const [from, port] of [
      ['10.1.0.1', 5000],
      ['10.1.0.2', 5000],
      ['10.1.0.1', 5001],
    ] as const) {
      world.send(west, udpPacket([from, port], ['10.2.0.1', 53]));
      world.run(seconds(2));
    }
    expect(east.received).toHaveLength(3);
    const named = west.gateway
      .liveTunnels()
      .map(({ protocol, localPort, remotePort }) => [protocol, localPort, remotePort]);
    expect(named).toEqual([
      [17, 5000, undefined],
      [17, 5001, undefined],
    ]);
  });

  it('are for any address of an end that the policy leaves open, in both families', () => {
    const populate = (name: 'local' | 'remote'): Partial<Action> => ({ mode: 'tunnel', populate: [name] });
    for (const [far, from, to, any] of [
      [REMOTE, '10.1.0.1', '10.2.0.1', '0.0.0.0/0'],
      ['fd02::/16', 'fd01::1', 'fd02::1', '::/0'],
    ] as const) {
      const world = new World();
      const west = world.join(WEST, hostConfig(WEST, EAST, { remote: far }, populate('remote')));
      const east = world.join(EAST, hostConfig(EAST, WEST, { local: far }, populate('local')));
      world.send(west, udpPacket([from, 5000], [to, 53]));
      world.run(seconds(2));
      expect(east.received).toHaveLength(1);
      expect(west.gateway.liveTunnels()).toMatchObject([{ local: any }]);
    }
  });

  it('goes on through renewals, and ends with the last SA', () => {
    const { world, west, east, send } = pair({ ...EACH, lifetime: seconds(300) });
    send('10.1.0.1', '10.2.0.1');
    for (let i = 0; i < 60; i++) {
      send('10.1.0.1', '10.2.0.1');
      world.run(seconds(10));
    }
    expect(east.received).toHaveLength(61);
    expect(west.gateway.liveTunnels()).toHaveLength(1);
    east.gateway.close(world.now);
    world.run(seconds(1));
    expect(west.gateway.liveTunnels()).toEqual([]);
    expect(west.events.filter(({ kind }) => kind === 'tunnel-removed')).toHaveLength(1);
  });

  it('waits after a failure, for that packet alone', () => {
    const world = new World();
    const west = world.join(WEST, hostConfig(WEST, EAST, { local: LOCAL, remote: REMOTE }, EACH));
    const strict = { local: '10.2.0.1', remote: LOCAL };
    const east = world.join(EAST, hostConfig(EAST, WEST, strict, EACH));
    const send = (to: string) => world.send(west, udpPacket(['10.1.0.1', 1], [to, 2]));
    expect(send('10.2.0.9')).toEqual({ ok: true, action: 'queued' });
    world.run(milliseconds(100));
    const failed = west.events.filter(({ kind }) => kind === 'ipsec-failed');
    expect(failed).toHaveLength(1);
    expect(send('10.2.0.9')).toMatchObject({ ok: false, reason: 'no-security-association' });
    expect(send('10.2.0.1')).toEqual({ ok: true, action: 'queued' });
    world.run(seconds(3));
    expect(east.received).toHaveLength(1);
  });

  it('fails for that packet alone, and others that are under way with it go on', () => {
    const world = new World();
    const west = world.join(WEST, hostConfig(WEST, EAST, { local: LOCAL, remote: REMOTE }, EACH));
    const east = world.join(EAST, hostConfig(EAST, WEST, { local: '10.2.0.1', remote: LOCAL }, EACH));
    for (const to of ['10.2.0.1', '10.2.0.9']) {
      expect(world.send(west, udpPacket(['10.1.0.1', 1], [to, 2]))).toEqual({ ok: true, action: 'queued' });
    }
    world.run(seconds(1));
    expect(west.events.filter(({ kind }) => kind === 'ipsec-failed')).toHaveLength(1);
    expect(east.received).toHaveLength(1);
  });

  it('is bounded in what it remembers of packets that failed', () => {
    const { world, west } = pair({ ...EACH, lifetime: seconds(3600) });
    const lonely = world.join('192.0.2.77', hostConfig('192.0.2.77', '198.51.100.99', { remote: REMOTE }, EACH));
    for (let i = 0; i < 400; i++) world.send(lonely, udpPacket(['10.1.0.1', 1], [`10.2.${i >> 8}.${i & 255}`, 2]));
    world.run(seconds(300));
    expect(lonely.gateway.liveTunnels().length).toBeLessThanOrEqual(256);
    expect(west.gateway.liveTunnels()).toEqual([]);
  });

  it('ends with its policy', () => {
    const { world, west, send } = pair();
    send('10.1.0.1', '10.2.0.1');
    west.gateway.removePolicy(world.now, 'host to host');
    world.run(seconds(1));
    expect(west.gateway.ipsecSas()).toEqual([]);
    expect(west.gateway.liveTunnels()).toEqual([]);
    expect(world.send(west, udpPacket(['10.1.0.1', 1], ['10.2.0.1', 2]))).toEqual({ ok: true, action: 'bypassed' });
  });

  it.each<readonly [string, Partial<Action>, NonNullable<PolicyConfig['selectors']>]>([
    ['ports without a protocol', { mode: 'tunnel', populate: ['remotePort'] }, {}],
    ['a selector that IKE has no word for', { mode: 'tunnel', populate: ['icmpType' as 'local'] }, {}],
    ['lists that it does not populate', { mode: 'tunnel', populate: ['remote'] }, { local: LOCAL }],
    ['transport mode', { populate: ['remote'] }, {}],
  ])('refuses %s', (_, action, selectors) => {
    const config = hostConfig(WEST, EAST, selectors, action);
    expect(() => new Gateway({ config, engine: nobleEngine(), rng: seededRng(1) })).toThrow(/config.policies\[0\]/);
  });

  it('cannot be shared: there is not one pair of SAs', () => {
    const config = hostConfig(WEST, EAST, { local: LOCAL, remote: REMOTE }, EACH);
    const policies: PolicyConfig[] = [
      ...config.policies,
      { name: 'too', action: { kind: 'share', policy: 'host to host' } },
    ];
    const build = () => new Gateway({ config: { ...config, policies }, engine: nobleEngine(), rng: seededRng(1) });
    expect(build).toThrow(/config.policies\[2\].action.policy/);
  });
});
