import { describe, expect, it } from 'vitest';
import type { GatewayConfig, PolicyConfig } from '../../packages/gateway/src/index.ts';
import { answerWith } from '../../packages/pki/src/index.ts';
import { fqdnId, fromAscii, ip, PROTOCOL, seconds } from '../../packages/wire/src/index.ts';
import { AT, credentialOf, KEYS, pkiOf } from './support/authority.ts';
import { Internet } from './support/internet.ts';
import { configOf, failuresOf, markedPacket, marksIn, named, type Wishes } from './support/play.ts';

const WEST = '203.0.113.1';
const EAST = '203.0.113.2';
const DPD = { idle: seconds(10), interval: seconds(2), retries: 2 };
const ENDS = ['west', 'east'] as const;
type EndName = (typeof ENDS)[number];

const MODES = ['main', 'aggressive'] as const;

/** Nets behind either end, each pair of them a policy: `10.1.N.0/24` with `10.2.N.0/24`. */
function configs(count: number, wishes: Wishes = {}, establish: GatewayConfig['establish'] = 'on-traffic') {
  const config = (own: 1 | 2): GatewayConfig => {
    const other = own === 1 ? 2 : 1;
    const net = (side: number, i: number) => `10.${side}.${i}.0/24`;
    const peer = own === 1 ? { local: WEST, remote: EAST } : { local: EAST, remote: WEST };
    const whole = configOf(wishes, peer, {});
    const policies = Array.from({ length: count }, (_, i) =>
      whole.policies.map((policy) => ({
        ...policy,
        name: `net ${i}`,
        selectors: { local: net(own, i), remote: net(other, i) },
      })),
    );
    return { ...whole, policies: policies.flat(), establish };
  };
  return { west: config(1), east: config(2) };
}

function upInternet(
  count = 1,
  wishes: Wishes = {},
  establish: { readonly [End in EndName]?: GatewayConfig['establish'] } = {},
): Internet {
  const internet = new Internet();
  for (const name of ['east', 'west'] as const) {
    const config = configs(count, wishes, establish[name])[name];
    internet.join(name, name === 'west' ? WEST : EAST, config);
  }
  for (let i = 0; i < count; i++) expect(reaches(internet, 'west', i)).toBe(true);
  return internet;
}

/** Whether a packet gets from one net to the other, and one back. */
function reaches(internet: Internet, from: EndName, i = 0): boolean {
  const to = from === 'west' ? 'east' : 'west';
  const before = [internet.host(from).received.length, internet.host(to).received.length] as const;
  const host = (name: EndName) => `10.${name === 'west' ? 1 : 2}.${i}.9`;
  internet.send(from, markedPacket(host(from), host(to)));
  internet.run(seconds(3));
  internet.send(to, markedPacket(host(to), host(from)));
  internet.run(seconds(1));
  return marksIn(internet.host(to), before[1]).length === 1 && marksIn(internet.host(from), before[0]).length === 1;
}

const sas = (internet: Internet, name: string, policy?: string) => internet.host(name).gateway.ipsecSas(policy);
const cookies = (internet: Internet, name: string) =>
  internet
    .host(name)
    .gateway.ikeSas()
    .map(({ initiatorCookie }) => initiatorCookie);

function cut(internet: Internet): void {
  internet.link = () => [];
}

function mend(internet: Internet): void {
  internet.link = (_, packet) => [packet];
}

describe('two children of one IKE SA', () => {
  it.each([
    ['the initiator deletes the first and then the second', 'west', [0, 1]],
    ['the initiator deletes the second and then the first', 'west', [1, 0]],
    ['the responder deletes the first and then the second', 'east', [0, 1]],
    ['the responder deletes the second and then the first', 'east', [1, 0]],
  ] as const)('%s', (_, end, [first, second]) => {
    const internet = upInternet(2);
    const before = cookies(internet, 'west');
    expect(before).toHaveLength(1);
    internet.on(end, (gateway, now) => gateway.removePolicy(now, `net ${first}`));
    internet.run(seconds(1));
    for (const name of ENDS) expect(sas(internet, name, `net ${first}`)).toEqual([]);
    expect(reaches(internet, 'west', second)).toBe(true);
    internet.on(end, (gateway, now) => gateway.removePolicy(now, `net ${second}`));
    internet.run(seconds(1));
    for (const name of ENDS) expect(sas(internet, name)).toEqual([]);
    for (const name of ENDS) expect(cookies(internet, name)).toEqual(before);
  });

  it('one that the peer deletes comes back under the IKE SA that is there', () => {
    const internet = upInternet(2, {}, { west: 'immediately' });
    const before = cookies(internet, 'west');
    internet.on('east', (gateway, now) => {
      const [policy] = gateway.ipsecSas('net 1').flatMap(() => configs(2).east.policies[1] ?? []);
      if (policy === undefined) throw new Error('there is no second child');
      gateway.replacePolicy(now, policy);
    });
    internet.run(seconds(10));
    for (const name of ENDS) expect(sas(internet, name, 'net 1')).toHaveLength(1);
    expect(cookies(internet, 'west')).toEqual(before);
    expect([reaches(internet, 'west', 0), reaches(internet, 'west', 1)]).toEqual([true, true]);
  });

  it('all that a peer deletes comes back, phase 1 too', () => {
    const internet = upInternet(2, {}, { west: 'immediately' });
    internet.on('east', (gateway, now) => gateway.close(now));
    internet.run(seconds(1));
    expect(sas(internet, 'west')).toEqual([]);
    internet.restart('east');
    internet.run(seconds(60));
    expect([reaches(internet, 'west', 0), reaches(internet, 'west', 1)]).toEqual([true, true]);
  });

  it('share phase 1 when the second is wanted from the other end', () => {
    const internet = upInternet(2);
    for (const name of ENDS) {
      internet.on(name, (gateway, now) => gateway.removePolicy(now, 'net 1'));
      internet.run(seconds(1));
    }
    for (const name of ENDS) {
      const policy = configs(2)[name].policies[1];
      if (policy !== undefined) internet.on(name, (gateway, now) => gateway.addPolicy(now, policy));
    }
    expect(reaches(internet, 'east', 1)).toBe(true);
    expect(internet.host('west').gateway.ikeSas()).toHaveLength(1);
    expect(sas(internet, 'east', 'net 1')[0]?.role).toBe('initiator');
  });
});

describe('a Quick Mode that is half done', () => {
  const HALF = [
    ['the initiator takes its policy away: nothing is left, and it comes up when it is there again', 'west'],
    ['the responder takes its policy away: nothing is left, and it comes up when it is there again', 'east'],
  ] as const;
  it.each(HALF)('%s', (_, end) => {
    const wishes: Wishes = { child: 'tunnel' };
    const internet = upInternet(2, wishes);
    for (const name of ENDS) internet.on(name, (gateway, now) => gateway.removePolicy(now, 'net 1'));
    internet.run(seconds(1));
    const policyOf = (name: EndName): PolicyConfig => {
      const policy = configs(2, wishes)[name].policies[1];
      if (policy === undefined) throw new Error('there is no second policy');
      return policy;
    };
    for (const name of ENDS) internet.on(name, (gateway, now) => gateway.addPolicy(now, policyOf(name)));
    // Message 1 arrives, message 2 does not.
    internet.link = (from, packet) => (from === 'west' ? [packet] : []);
    internet.send('west', markedPacket('10.1.1.9', '10.2.1.9'));
    internet.run(seconds(0.5));
    internet.on(end, (gateway, now) => gateway.removePolicy(now, 'net 1'));
    mend(internet);
    internet.run(seconds(100));
    for (const name of ENDS) expect(sas(internet, name, 'net 1')).toEqual([]);
    internet.on(end, (gateway, now) => gateway.addPolicy(now, policyOf(end)));
    expect(reaches(internet, 'west', 1)).toBe(true);
    expect(reaches(internet, 'west', 0)).toBe(true);
  });

  it('the initiator restarts in the middle: it comes up', () => {
    const internet = new Internet();
    for (const name of ['east', 'west'] as const) internet.join(name, name === 'west' ? WEST : EAST, configs(1)[name]);
    let quick = 0;
    internet.link = (from, packet) => {
      // The responder's answers of Quick Mode are lost.
      if (from === 'east' && exchangeOf(packet) === 32) return quick++ < 3 ? [] : [packet];
      return [packet];
    };
    internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
    internet.run(seconds(1));
    expect(quick).toBeGreaterThan(0);
    internet.restart('west');
    mend(internet);
    expect(reaches(internet, 'west')).toBe(true);
    expect(internet.host('east').gateway.ikeSas()).toHaveLength(1);
  });
});

describe.each(MODES)('a peer that is dead, in %s mode', (mode) => {
  it('is given up by either end, and traffic brings it back', () => {
    const internet = upInternet(2, { mode, peer: { deadPeerDetection: DPD } });
    cut(internet);
    internet.run(seconds(60));
    for (const name of ENDS) {
      expect(sas(internet, name)).toEqual([]);
      expect(internet.host(name).gateway.ikeSas()).toEqual([]);
    }
    mend(internet);
    expect([reaches(internet, 'west', 0), reaches(internet, 'west', 1)]).toEqual([true, true]);
  });

  it('comes back without traffic where a tunnel is to be there always, all its children under one IKE SA', () => {
    const internet = upInternet(2, { mode, peer: { deadPeerDetection: DPD } }, { west: 'immediately' });
    cut(internet);
    internet.run(seconds(60));
    mend(internet);
    internet.run(seconds(200));
    expect(sas(internet, 'east')).toHaveLength(2);
    expect(internet.host('east').gateway.ikeSas()).toHaveLength(1);
    expect([reaches(internet, 'west', 0), reaches(internet, 'west', 1)]).toEqual([true, true]);
  });

  it('that lives is not given up, however long nobody speaks', () => {
    const internet = upInternet(1, { mode, peer: { deadPeerDetection: DPD } });
    const before = cookies(internet, 'west');
    internet.run(seconds(600));
    expect(cookies(internet, 'west')).toEqual(before);
    expect(reaches(internet, 'west')).toBe(true);
  });

  it('that crashed and is there again is found by its own first packet', () => {
    const internet = upInternet(1, { mode, peer: { deadPeerDetection: DPD } });
    internet.restart('west');
    expect(reaches(internet, 'west')).toBe(true);
    expect(sas(internet, 'east')).toHaveLength(1);
  });
});

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

describe('a responder that speaks IKEv1 alone', () => {
  it('neither answers an IKEv2 message nor remembers it', () => {
    const internet = upInternet();
    const before = internet.sent.length;
    const { gateway } = internet.host('east');
    const header = Uint8Array.from([
      1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 33, 0x20, 34, 8, 0, 0, 0, 0, 0, 0, 0, 28,
    ]);
    const outcome = gateway.handleDatagram(
      internet.now,
      { address: WEST, port: 500 },
      { address: EAST, port: 500 },
      header,
    );
    expect(outcome.ok).toBe(false);
    internet.run(seconds(1));
    expect(internet.sent.length).toBe(before);
    expect(gateway.ikeSas()).toHaveLength(1);
  });
});

describe.each(MODES)('every datagram, in %s mode', (mode) => {
  const build = (): Internet => {
    const internet = new Internet();
    for (const name of ['east', 'west'] as const) {
      internet.join(name, name === 'west' ? WEST : EAST, configs(1, { mode })[name]);
    }
    return internet;
  };

  it('may come twice: one IKE SA, one child, and nothing told wrong', () => {
    const internet = build();
    internet.link = (_, packet) => [packet, packet];
    expect(reachesTwice(internet)).toBe(true);
    for (const name of ENDS) {
      expect([internet.host(name).gateway.ikeSas(), sas(internet, name)]).toMatchObject([{ length: 1 }, { length: 1 }]);
      expect(failuresOf(internet.host(name))).toEqual([]);
    }
  });

  it('may come again after each later one', () => {
    const internet = build();
    const seen: Record<EndName, Uint8Array[]> = { west: [], east: [] };
    internet.link = (from, packet) => {
      const own = from === 'west' ? seen.west : seen.east;
      own.push(packet);
      return own.length > 12 ? [packet] : [...own].reverse();
    };
    internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
    internet.run(seconds(3));
    for (const name of ENDS) {
      expect([internet.host(name).gateway.ikeSas(), sas(internet, name)]).toMatchObject([{ length: 1 }, { length: 1 }]);
      expect(failuresOf(internet.host(name))).toEqual([]);
    }
    expect(marksIn(internet.host('east'))).toHaveLength(1);
  });

  it('of a responder is an answer: what it says to a first message is never repeated by itself', () => {
    const internet = build();
    internet.link = (from, packet) => (from === 'west' ? [packet] : []);
    internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
    internet.run(seconds(120));
    const count = (name: EndName) => internet.sent.filter(({ from }) => from === name).length;
    expect(count('east')).toBeGreaterThan(0);
    expect(count('east')).toBeLessThanOrEqual(count('west'));
    expect(internet.host('east').gateway.ikeSas()).toEqual([]);
    const before = count('east');
    internet.run(seconds(600));
    expect(count('east') - before).toBeLessThanOrEqual(count('west'));
  });
});

/** Replay protection lets each packet in once. */
function reachesTwice(internet: Internet): boolean {
  return reaches(internet, 'west');
}

/** Short enough to be over in a test. */
const SHORT: Wishes = { peer: { lifetime: seconds(400) }, action: { lifetime: seconds(300) } };

describe('what is over', () => {
  it.each([
    ['nothing leaves in clear after the initiator has deleted the SAs', 'west'],
    ['nothing leaves in clear after the responder has deleted the SAs', 'east'],
  ] as const)('%s', (_, end) => {
    const internet = upInternet(1, {});
    internet.on(end, (gateway, now) => gateway.close(now));
    internet.run(seconds(1));
    for (const name of ENDS) expect(sas(internet, name)).toEqual([]);
    const before = internet.sent.length;
    for (const [name, packet] of [
      ['west', markedPacket('10.1.0.9', '10.2.0.9')],
      ['east', markedPacket('10.2.0.9', '10.1.0.9')],
    ] as const) {
      internet.send(name, packet);
      internet.run(seconds(60));
    }
    for (const { packet } of internet.sent.slice(before)) expect(exchangeOf(packet)).toBe(2);
  });

  it.each([
    ['phase 1 expires at the initiator: it says so', 'west', 'ike-deleted'],
    ['phase 1 expires at the responder: it says so', 'east', 'ike-deleted'],
    ['phase 2 expires at the initiator: it says so', 'west', 'ipsec-deleted'],
    ['phase 2 expires at the responder: it says so', 'east', 'ipsec-deleted'],
  ] as const)('%s', (_, end, kind) => {
    const other = end === 'west' ? 'east' : 'west';
    // What this end has is over after 100 s, and nobody renews.
    const phase1 = kind === 'ike-deleted';
    const own: Wishes = phase1
      ? { peer: { lifetime: seconds(100) } }
      : { action: { lifetime: seconds(100) }, peer: { lifetime: seconds(3600) } };
    const internet = new Internet();
    for (const name of ['east', 'west'] as const) {
      const config = configs(1, own)[name];
      internet.join(name, name === 'west' ? WEST : EAST, config, { softLifetime: (hard) => hard });
    }
    expect(reaches(internet, 'west')).toBe(true);
    if (phase1) internet.on('west', (gateway, now) => gateway.removePolicy(now, 'net 0'));
    internet.link = (from, packet) => (from === other ? [] : [packet]);
    internet.run(seconds(97));
    const told = internet.host(end).events.filter((event) => event.kind === kind);
    expect(told).toHaveLength(1);
    expect(internet.sent.some(({ from, packet }) => from === end && exchangeOf(packet) === 5)).toBe(true);
  });
});

describe('a renewal', () => {
  it.each([
    ['the initiator renews phase 2: the new SA is used, the old one still receives', 'west'],
    ['the responder renews phase 2: the new SA is used, the old one still receives', 'east'],
  ] as const)('%s', (_, end) => {
    const other = end === 'west' ? 'east' : 'west';
    const soft = (name: EndName) => (name === end ? seconds(200) : seconds(299));
    const internet = new Internet();
    for (const name of ['east', 'west'] as const) {
      const config = configs(1, SHORT)[name];
      internet.join(name, name === 'west' ? WEST : EAST, config, { softLifetime: () => soft(name) });
    }
    expect(reaches(internet, 'west')).toBe(true);
    const [old] = sas(internet, end);
    const late: Uint8Array[] = [];
    internet.link = (from, packet) => {
      if (from !== other || exchangeOf(packet) !== undefined) return [packet];
      late.push(packet);
      return [];
    };
    const host = (name: EndName) => `10.${name === 'west' ? 1 : 2}.0.9`;
    internet.run(seconds(190));
    // On its way while the SA is renewed.
    internet.send(other, markedPacket(host(other), host(end)));
    mend(internet);
    internet.run(seconds(16));
    const [renewed] = sas(internet, end);
    expect(renewed?.inbound).not.toBe(old?.inbound);
    expect(renewed?.role).toBe('initiator');
    const before = internet.host(end).received.length;
    internet.link = (_from, packet) => [...late.splice(0), packet];
    internet.send(end, markedPacket(host(end), host(other)));
    internet.run(seconds(1));
    expect(late).toEqual([]);
    expect(marksIn(internet.host(end), before)).toHaveLength(1);
    expect(reaches(internet, end)).toBe(true);
  });

  it.each([
    ['the initiator renews phase 1: the new SA is used, the old one still receives', 'west'],
    ['the responder renews phase 1: the new SA is used, the old one still receives', 'east'],
  ] as const)('%s', (_, end) => {
    const internet = new Internet();
    for (const name of ['east', 'west'] as const) {
      const config = configs(2, { peer: { lifetime: seconds(400) } })[name];
      const softLifetime = () => (name === end ? seconds(200) : seconds(399));
      internet.join(name, name === 'west' ? WEST : EAST, config, { softLifetime });
    }
    expect(reaches(internet, 'west', 0)).toBe(true);
    const before = cookies(internet, 'west');
    internet.run(seconds(215));
    const after = cookies(internet, 'west');
    expect(after.some((cookie) => !before.includes(cookie))).toBe(true);
    expect([reaches(internet, 'west', 1), reaches(internet, 'west', 0)]).toEqual([true, true]);
  });
});

describe('the replay window', () => {
  it.each([
    ['of 64 packets', 64, 64],
    ['of 128 packets', 128, 128],
    ['that is off', 'off', 200],
  ] as const)('%s lets in what is late', (_, antiReplayWindow, most) => {
    const internet = upInternet(1, { action: { antiReplayWindow } });
    const late: Uint8Array[] = [];
    internet.link = (_from, packet) => {
      late.push(packet);
      return [];
    };
    for (let i = 0; i < 200; i++) internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
    const before = internet.host('east').received.length;
    internet.link = () => [...late.reverse()];
    internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
    internet.run(seconds(1));
    expect(marksIn(internet.host('east'), before)).toHaveLength(most);
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
    const internet = new Internet();
    const bypass = (local: string): PolicyConfig => ({
      name: 'clear',
      selectors: { protocol: 'udp', ...(local === WEST ? { remotePort: 7 } : { localPort: 7 }) },
      action: { kind: 'bypass' },
    });
    for (const name of ['east', 'west'] as const) {
      const config = configs(1)[name];
      const address = name === 'west' ? WEST : EAST;
      internet.join(name, address, { ...config, policies: [bypass(address), ...config.policies] });
    }
    const clear = markedPacket('10.1.0.9', '10.2.0.9', [5000, 7]);
    internet.send('west', clear);
    internet.run(seconds(1));
    expect(internet.sent.map(({ packet }) => packet)).toEqual([clear]);
    expect(reaches(internet, 'west')).toBe(true);
  });

  it('may protect two ports by other algorithms', () => {
    const internet = new Internet();
    const suites = [['aes-128-gcm-16'], ['3des-cbc/hmac-sha1-96']] as const;
    for (const name of ['east', 'west'] as const) {
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
      internet.join(name, name === 'west' ? WEST : EAST, { ...configs(1)[name], policies });
    }
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

/** Of IKE in UDP over IPv4; undefined for anything else. */
function exchangeOf(packet: Uint8Array): number | undefined {
  if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.udp) return undefined;
  return packet[20 + 8 + 18];
}

it('a packet of the mark is what it seems', () => {
  expect(Buffer.from(markedPacket('10.1.0.9', '10.2.0.9')).includes(Buffer.from(fromAscii('what nobody')))).toBe(true);
});
