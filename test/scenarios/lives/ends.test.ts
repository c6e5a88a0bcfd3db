import { describe, expect, it } from 'vitest';
import type { PolicyConfig } from '../../../packages/gateway/src/index.ts';
import { seconds } from '../../../packages/wire/src/index.ts';
import { markedPacket, type Wishes } from '../support/play.ts';
import {
  configs,
  cookies,
  cut,
  DPD,
  ENDS,
  type EndName,
  ends,
  exchangeOf,
  MODES,
  mend,
  reaches,
  sas,
  upInternet,
} from '../support/two-ends.ts';

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
    const internet = ends((name) => configs(1)[name]);
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
    const internet = ends(
      (name) => configs(1, own)[name],
      () => ({ softLifetime: (hard) => hard }),
    );
    expect(reaches(internet, 'west')).toBe(true);
    if (phase1) internet.on('west', (gateway, now) => gateway.removePolicy(now, 'net 0'));
    internet.link = (from, packet) => (from === other ? [] : [packet]);
    internet.run(seconds(97));
    const told = internet.host(end).events.filter((event) => event.kind === kind);
    expect(told).toHaveLength(1);
    expect(internet.sent.some(({ from, packet }) => from === end && exchangeOf(packet) === 5)).toBe(true);
  });
});
