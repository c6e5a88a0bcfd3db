import { describe, expect, it } from 'vitest';
import type { GatewayConfig, PolicyConfig } from '../../../packages/gateway/src/index.ts';
import { answerWith } from '../../../packages/pki/src/index.ts';
import { fqdnId, fromAscii, seconds } from '../../../packages/wire/src/index.ts';
import { AT, credentialOf, KEYS, pkiOf } from '../support/authority.ts';
import { Internet } from '../support/internet.ts';
import { configOf, failuresOf, markedPacket, marksIn, named, type Wishes } from '../support/play.ts';
import { configs, EAST, type EndName, ends, MODES, reaches, sas, WEST } from '../support/two-ends.ts';

describe.each(MODES)('a client whom the hub does not know, in %s mode', (mode) => {
  const NET = '10.81.0.0/24';
  const HUB_NET = '10.2.0.0/16';
  const identity = { localIdentity: fqdnId('carol.example') };
  const hub = (wishes: Wishes = {}) =>
    configOf(
      {
        mode,
        ...wishes,
        peer: { remote: { addresses: 'any' }, allowWildcardKey: true, remoteIdentity: 'any', ...wishes.peer },
      },
      { local: EAST },
      { local: HUB_NET, remote: '10.80.0.0/12' },
    );
  const client = (address: string, wishes: Wishes = {}) =>
    configOf({ mode, peer: identity, ...wishes }, { local: address, remote: EAST }, { local: NET, remote: HUB_NET });
  const calls = (internet: Internet, name: string): boolean => {
    const before = [internet.host(name).received.length, internet.host('hub').received.length] as const;
    internet.send(name, markedPacket('10.81.0.9', '10.2.0.10'));
    internet.run(seconds(3));
    internet.send('hub', markedPacket('10.2.0.10', '10.81.0.9'));
    internet.run(seconds(1));
    return (
      marksIn(internet.host('hub'), before[1]).length === 1 && marksIn(internet.host(name), before[0]).length === 1
    );
  };

  it('comes back from another address, having lost everything: what it had is gone', () => {
    const internet = new Internet();
    internet.join('hub', EAST, hub());
    internet.join('before', '192.0.2.10', client('192.0.2.10'));
    expect(calls(internet, 'before')).toBe(true);
    internet.join('after', '192.0.2.77', client('192.0.2.77'));
    expect(calls(internet, 'after')).toBe(true);
    expect(sas(internet, 'hub').map(({ remote }) => remote)).toEqual(['192.0.2.77']);
  });

  it('comes back from behind another NAT', () => {
    const internet = new Internet();
    internet.nat('one', '198.51.100.1');
    internet.nat('other', '198.51.100.2');
    internet.join('hub', EAST, hub());
    internet.join('before', '10.9.1.10', client('10.9.1.10'), { behind: 'one' });
    expect(calls(internet, 'before')).toBe(true);
    internet.join('after', '10.9.1.11', client('10.9.1.11'), { behind: 'other' });
    expect(calls(internet, 'after')).toBe(true);
    expect(sas(internet, 'hub').map(({ remote }) => remote)).toEqual(['198.51.100.2']);
  });

  it('is refused what lies outside of what the policy allows, and gets what lies within', () => {
    const internet = new Internet();
    internet.join('hub', EAST, hub());
    const outside = client('192.0.2.20', { selectors: { local: '10.99.0.0/24' } });
    internet.join('outside', '192.0.2.20', outside);
    internet.send('outside', markedPacket('10.99.0.9', '10.2.0.10'));
    internet.run(seconds(60));
    expect(failuresOf(internet.host('outside'))).toContain('INVALID-ID-INFORMATION');
    expect(sas(internet, 'hub')).toEqual([]);
    internet.join('inside', '192.0.2.10', client('192.0.2.10'));
    expect(calls(internet, 'inside')).toBe(true);
  });

  it('is renewed, phase 1 and 2, by either end, and its traffic goes on', () => {
    const internet = new Internet();
    const short = { action: { lifetime: seconds(300) } };
    internet.join('hub', EAST, hub(short));
    internet.join(
      'client',
      '192.0.2.10',
      client('192.0.2.10', { ...short, peer: { ...identity, lifetime: seconds(400) } }),
    );
    expect(calls(internet, 'client')).toBe(true);
    for (let i = 0; i < 20; i++) {
      internet.run(seconds(60));
      expect(calls(internet, 'client')).toBe(true);
    }
  });
});

describe('clients behind one NAT', () => {
  it('clients behind one NAT with keys of their own', () => {
    const internet = new Internet();
    internet.nat('nat', '198.51.100.1');
    const clients = [
      ['carol', '10.9.1.10', '10.81.0.0/24', '10.81.0.9'],
      ['dave', '10.9.1.20', '10.82.0.0/24', '10.82.0.9'],
    ] as const;
    const ends = { mode: 'aggressive' } as const;
    const entries = clients.map(([name, , net]) => {
      const peer = {
        local: EAST,
        remote: { addresses: 'any' },
        remoteIdentity: fqdnId(`${name}.example`),
        preSharedKey: fromAscii(`the key of ${name}`),
      } as const;
      return named(configOf(ends, peer, { local: '10.2.0.0/16', remote: net }), name);
    });
    internet.join('hub', EAST, {
      peers: entries.flatMap(({ peers }) => peers),
      policies: entries.flatMap(({ policies }) => policies),
    });
    for (const [name, address, net, inside] of clients) {
      const peer = {
        local: address,
        remote: EAST,
        localIdentity: fqdnId(`${name}.example`),
        preSharedKey: fromAscii(`the key of ${name}`),
      };
      internet.join(name, address, configOf(ends, peer, { local: net, remote: '10.2.0.0/16' }), { behind: 'nat' });
      internet.send(name, markedPacket(inside, '10.2.0.10'));
      internet.run(seconds(3));
    }
    expect(marksIn(internet.host('hub'))).toHaveLength(2);
    for (const [name, , , inside] of clients) {
      internet.send('hub', markedPacket('10.2.0.10', inside));
      internet.run(seconds(1));
      expect(marksIn(internet.host(name))).toHaveLength(1);
    }
  });
});

describe('two entries for whoever calls', () => {
  const entry = (name: string, esp: string) => {
    const pki = pkiOf(credentialOf('hub', { key: KEYS.responder }));
    const peer = {
      local: EAST,
      remote: { addresses: 'any' },
      localIdentity: fqdnId('hub.example'),
      remoteIdentity: fqdnId(`${name}.example`),
      credentials: { privateKey: 'ask', remoteKey: 'ask', requests: pki.certificateRequests() },
    } as const;
    return named(
      configOf({ auth: 'certificates', esp: [esp] }, peer, { local: '10.2.0.0/16', remote: '10.80.0.0/12' }),
      name,
    );
  };

  it.each([
    ['that of the client is taken, which comes second', ['distraction', 'carol']],
    ['that of the client is taken, which comes first', ['carol', 'distraction']],
  ] as const)('%s', (_, order) => {
    const internet = new Internet();
    const suites = { carol: 'aes-128-gcm-16', distraction: '3des-cbc/hmac-sha1-96' } as const;
    const entries = order.map((name) => entry(name, suites[name]));
    const hub = answerWith(pkiOf(credentialOf('hub', { key: KEYS.responder })));
    internet.join(
      'hub',
      EAST,
      { peers: entries.flatMap(({ peers }) => peers), policies: entries.flatMap(({ policies }) => policies) },
      { answers: (question) => hub(question, AT) },
    );
    const pki = pkiOf(credentialOf('carol', { key: KEYS.initiator }));
    const client = answerWith(pki);
    const peer = {
      local: '192.0.2.10',
      remote: EAST,
      localIdentity: fqdnId('carol.example'),
      remoteIdentity: fqdnId('hub.example'),
      credentials: { privateKey: 'ask', remoteKey: 'ask', requests: pki.certificateRequests() },
    } as const;
    const wishes: Wishes = { auth: 'certificates', esp: ['aes-128-gcm-16'] };
    const config = configOf(wishes, peer, { local: '10.81.0.0/24', remote: '10.2.0.0/16' });
    internet.join('carol', '192.0.2.10', config, { answers: (question) => client(question, AT) });
    internet.send('carol', markedPacket('10.81.0.9', '10.2.0.10'));
    internet.run(seconds(5));
    expect(sas(internet, 'hub').map(({ policy, suite }) => [policy, suite.name])).toEqual([
      ['carol', 'aes-128-gcm-16'],
    ]);
    expect(marksIn(internet.host('hub'))).toHaveLength(1);
  });
});

describe('a hub with two addresses', () => {
  const SECOND = '203.0.113.20';
  const at = (local: string, name: string, net: string): GatewayConfig => {
    const peer = { local, remote: { addresses: 'any' }, allowWildcardKey: true } as const;
    return named(configOf({}, peer, { local: net, remote: '10.80.0.0/12' }), name);
  };

  it('are told apart by the address that was called', () => {
    const internet = new Internet();
    const [one, other] = [at(EAST, 'first', '10.2.0.0/16'), at(SECOND, 'second', '10.3.0.0/16')];
    const config = { peers: [...one.peers, ...other.peers], policies: [...one.policies, ...other.policies] };
    internet.join('hub', EAST, config);
    internet.alias('hub', SECOND);
    for (const [name, address, hub, net] of [
      ['carol', '192.0.2.10', EAST, '10.2.0.0/16'],
      ['dave', '192.0.2.20', SECOND, '10.3.0.0/16'],
    ] as const) {
      const own = name === 'carol' ? '10.81.0.0/24' : '10.82.0.0/24';
      internet.join(name, address, configOf({}, { local: address, remote: hub }, { local: own, remote: net }));
      internet.send(name, markedPacket(own.replace('.0/24', '.9'), net.replace('.0.0/16', '.0.10')));
      internet.run(seconds(3));
    }
    expect(sas(internet, 'hub').map(({ policy, local, remote }) => [policy, local, remote])).toEqual([
      ['first', EAST, '192.0.2.10'],
      ['second', SECOND, '192.0.2.20'],
    ]);
    expect(marksIn(internet.host('hub'))).toHaveLength(2);
  });
});

describe('a client with several nets', () => {
  it('has a child for each of its nets', () => {
    const internet = new Internet();
    const anybody = { local: EAST, remote: { addresses: 'any' }, allowWildcardKey: true } as const;
    internet.join('hub', EAST, configOf({}, anybody, { local: '10.2.0.0/16', remote: '10.80.0.0/12' }));
    const nets = ['10.81.0.0/24', '10.82.0.0/24', '10.83.0.0/24'];
    const whole = configOf({}, { local: '192.0.2.10', remote: EAST }, {});
    const policies = nets.flatMap((local) =>
      whole.policies.map((policy) => ({ ...policy, name: local, selectors: { local, remote: '10.2.0.0/16' } })),
    );
    internet.join('carol', '192.0.2.10', { ...whole, policies });
    for (const net of nets) {
      internet.send('carol', markedPacket(net.replace('.0/24', '.9'), '10.2.0.10'));
      internet.run(seconds(3));
    }
    expect(marksIn(internet.host('hub'))).toHaveLength(3);
    for (const net of nets) {
      const before = internet.host('carol').received.length;
      internet.send('hub', markedPacket('10.2.0.10', net.replace('.0/24', '.9')));
      internet.run(seconds(1));
      expect(marksIn(internet.host('carol'), before)).toHaveLength(1);
    }
    expect(internet.host('hub').gateway.ikeSas()).toHaveLength(1);
    expect(
      internet
        .host('hub')
        .gateway.liveTunnels()
        .map(({ remote }) => remote),
    ).toEqual(nets);
  });
});

describe('three sites', () => {
  it('speak by way of the one in the middle', () => {
    const internet = new Internet();
    const NORTH = '203.0.113.3';
    const nets = { west: '10.1.0.0/16', north: '10.3.0.0/16' };
    const spoke = (local: string, own: string, other: string) =>
      configOf({}, { local, remote: EAST }, { local: own, remote: other });
    const toWest = configOf({}, { local: EAST, remote: WEST }, { local: nets.north, remote: nets.west });
    const toNorth = configOf({}, { local: EAST, remote: NORTH }, { local: nets.west, remote: nets.north });
    const [one, other] = [named(toWest, 'west'), named(toNorth, 'north')];
    internet.join('east', EAST, {
      peers: [...one.peers, ...other.peers],
      policies: [...one.policies, ...other.policies],
    });
    internet.join('west', WEST, spoke(WEST, nets.west, nets.north));
    internet.join('north', NORTH, spoke(NORTH, nets.north, nets.west));
    const relay = (from: string, to: string, source: string, destination: string): void => {
      internet.send(from, markedPacket(source, destination));
      internet.run(seconds(3));
      for (const { packet } of internet.host('east').received.splice(0)) internet.send('east', packet);
      internet.run(seconds(3));
      expect(marksIn(internet.host(to))).toHaveLength(1);
    };
    relay('west', 'north', '10.1.0.9', '10.3.0.9');
    relay('north', 'west', '10.3.0.9', '10.1.0.9');
  });
});

describe('policies between the same gateways', () => {
  it('may leave one port in the clear', () => {
    const bypass = (end: EndName): PolicyConfig => ({
      name: 'clear',
      selectors: { protocol: 'udp', ...(end === 'west' ? { remotePort: 7 } : { localPort: 7 }) },
      action: { kind: 'bypass' },
    });
    const internet = ends((name) => {
      const config = configs(1)[name];
      return { ...config, policies: [bypass(name), ...config.policies] };
    });
    const clear = markedPacket('10.1.0.9', '10.2.0.9', [5000, 7]);
    internet.send('west', clear);
    internet.run(seconds(1));
    expect(internet.sent.map(({ packet }) => packet)).toEqual([clear]);
    expect(reaches(internet, 'west')).toBe(true);
  });

  it('may protect two ports by other algorithms', () => {
    const suites = [['aes-128-gcm-16'], ['3des-cbc/hmac-sha1-96']] as const;
    const internet = ends((name) => {
      const policies = suites.flatMap((esp, i) => {
        const wishes = {
          esp,
          selectors: { protocol: 'udp', ...(name === 'west' ? { remotePort: 8 + i } : { localPort: 8 + i }) },
        };
        const peer = name === 'west' ? { local: WEST, remote: EAST } : { local: EAST, remote: WEST };
        const nets =
          name === 'west'
            ? { local: '10.1.0.0/16', remote: '10.2.0.0/16' }
            : { local: '10.2.0.0/16', remote: '10.1.0.0/16' };
        return configOf(wishes, peer, nets).policies.map((policy) => ({ ...policy, name: `port ${8 + i}` }));
      });
      return { ...configs(1)[name], policies };
    });
    for (const port of [8, 9]) {
      internet.send('west', markedPacket('10.1.0.9', '10.2.0.9', [5000, port]));
      internet.run(seconds(3));
    }
    expect(sas(internet, 'east').map(({ policy, suite }) => [policy, suite.name])).toEqual([
      ['port 8', 'aes-128-gcm-16'],
      ['port 9', '3des-cbc/hmac-sha1-96'],
    ]);
    expect(marksIn(internet.host('east'))).toHaveLength(2);
    expect(internet.host('east').gateway.ikeSas()).toHaveLength(1);
  });
});
