import type { ChildPolicy, IkeEvent, PeerConfig } from '@espalier/ike';
import { type Duration, milliseconds, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { isThorough } from '../../../test/support/thorough.ts';
import { MESSAGE_IDS_PER_IKE_SA } from '../src/limits.ts';
import type { Environment } from '../src/runtime/environment.ts';
import { Phase2Exchanges } from '../src/v1/phase2/exchanges.ts';
import type { Phase2Host } from '../src/v1/phase2/host.ts';
import { Forger } from './support/forger.ts';
import { childPolicy, Pair, type PairOptions, type Side, tunnelled } from './support/pair.ts';
import { traffic } from './support/traffic.ts';

const HOUR = seconds(3600);
const DAY = seconds(86_400);

function lifetimes(ike: Duration, child: Duration, more: Partial<ChildPolicy> = {}): PairOptions {
  const side = (end: Side): Partial<PeerConfig> => ({
    lifetime: ike,
    children: [childPolicy(end, { lifetime: child, ...more })],
  });
  return { R2: side('R2'), R3: side('R3') };
}

function kinds(events: readonly IkeEvent[], ...wanted: readonly IkeEvent['kind'][]): readonly string[] {
  return events
    .filter(({ kind }) => wanted.includes(kind))
    .map((event) => ('reason' in event ? `${event.kind} ${event.reason}` : event.kind));
}

/** Equal cookies and mirrored SPIs, and one child that sends at each end. */
function expectSame(pair: Pair): void {
  const [r2, r3] = pair.nodes.map(({ endpoint }) => endpoint);
  const cookies = (sas: ReturnType<typeof pair.R2.endpoint.ikeSas> = []): unknown =>
    sas.map(({ initiatorCookie, responderCookie }) => initiatorCookie + responderCookie).sort();
  expect(cookies(r2?.ikeSas())).toEqual(cookies(r3?.ikeSas()));
  const live = pair.nodes.map(({ endpoint }) => endpoint.children().filter(({ state }) => state === 'established'));
  expect(live.map((children) => children.length)).toEqual([1, 1]);
  expect([live[0]?.[0]?.inbound, live[0]?.[0]?.outbound]).toEqual([live[1]?.[0]?.outbound, live[1]?.[0]?.inbound]);
}

describe('a child', () => {
  it('is renewed by its initiator 135 seconds before it expires, and the old one is deleted 30 seconds after it sends no more', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    const old = pair.R2.of('child-established')[0]?.child;
    pair.run(seconds(3600 - 135 - 2));
    expect(pair.R2.of('child-established')).toHaveLength(1);
    pair.run(seconds(3));
    expect(pair.R2.of('child-negotiated')).toHaveLength(1);
    expect(pair.R2.of('child-established')).toHaveLength(1);
    pair.run(seconds(5));
    for (const node of pair.nodes) {
      const { child } = node.of('child-established')[1] ?? expect.fail();
      expect(child.replaces).toBe(node.side === 'R2' ? old?.inbound : old?.outbound);
      expect(node.of('child-superseded')).toMatchObject([{ by: child.inbound, inbound: child.replaces }]);
    }
    pair.run(seconds(28));
    expect(pair.R2.endpoint.children()).toHaveLength(2);
    pair.run(seconds(2));
    expect(kinds(pair.R2.events, 'child-deleted')).toEqual(['child-deleted replaced']);
    expect(kinds(pair.R3.events, 'child-deleted')).toEqual(['child-deleted peer-deleted']);
    expectSame(pair);
  });

  it('is renewed by its responder 90 seconds before it expires where the initiator does not', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    // What R2 starts is lost; what it answers arrives.
    const starts = new Set<string>();
    pair.network = ({ from, transmit: { octets } }) => {
      const messageId = toHex(octets.subarray(20, 24));
      if (from === 'R2' && octets.length > 150 && !starts.has(`R3 ${messageId}`)) starts.add(`R2 ${messageId}`);
      else starts.add(`${from} ${messageId}`);
      return starts.has(`R2 ${messageId}`) && !starts.has(`R3 ${messageId}`) ? [] : [10];
    };
    pair.run(seconds(3599));
    const last = pair.R3.of('child-established').at(-1)?.child;
    expect(last?.role).toBe('initiator');
    expectSame(pair);
  });

  it('is renewed on command, at either end, with or without perfect forward secrecy', () => {
    for (const pfs of [{}, { pfsGroup: 14 } as const]) {
      const pair = tunnelled(lifetimes(DAY, HOUR, pfs));
      for (const side of ['R3', 'R2'] as const) {
        pair.on(side, (endpoint, now) =>
          endpoint.rekeyChild(now, endpoint.children().at(-1)?.inbound ?? expect.fail()),
        );
        pair.run(seconds(60));
      }
      expect(pair.R2.of('child-established').map(({ child }) => child.role)).toEqual([
        'initiator',
        'responder',
        'initiator',
      ]);
      expectSame(pair);
      expect(pair.R2.endpoint.children()).toHaveLength(1);
    }
  });

  it('that has been replaced is not renewed again, by command or by time', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    const rekey = (): void =>
      pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? expect.fail()));
    rekey();
    pair.run(seconds(1));
    const sent = pair.sent.length;
    rekey();
    expect(pair.sent).toHaveLength(sent);
  });

  it('expires at both ends when no renewal succeeds', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    pair.network = () => [];
    pair.run(seconds(3601));
    for (const node of pair.nodes) {
      expect(kinds(node.events, 'child-deleted')).toEqual(['child-deleted expired']);
      expect(node.of('child-failed').length).toBeGreaterThan(0);
      expect(node.endpoint.children()).toEqual([]);
    }
  });

  it('is renewed after failures as soon as the network is there again', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    pair.network = () => [];
    pair.run(seconds(3500));
    pair.network = () => [10];
    expect(traffic(pair, seconds(300), seconds(1)).lost).toBe(0);
    expectSame(pair);
  });

  it('is deleted on command at both ends', () => {
    const pair = tunnelled();
    pair.on('R3', (endpoint, now) => endpoint.deleteChild(now, endpoint.children()[0]?.inbound ?? expect.fail()));
    pair.run(seconds(1));
    expect(kinds(pair.R3.events, 'child-deleted')).toEqual(['child-deleted closed']);
    expect(kinds(pair.R2.events, 'child-deleted')).toEqual(['child-deleted peer-deleted']);
    expect(pair.R2.endpoint.ikeSas()).toMatchObject([{ state: 'ready', childrenCreated: 1, childrenDeleted: 1 }]);
  });
});

describe('an IKE SA', () => {
  it('is renewed by its initiator 135 seconds before it expires; its children stay; the old one is deleted after', () => {
    const pair = tunnelled();
    const [old] = pair.R2.endpoint.ikeSas();
    pair.run(seconds(3600 - 135 + 1));
    expect(pair.R2.of('ike-established').map(({ replaces }) => replaces)).toEqual([undefined, old?.initiatorCookie]);
    expect(pair.R3.of('ike-established').map(({ replaces }) => replaces)).toEqual([undefined, old?.initiatorCookie]);
    expect(pair.R2.endpoint.ikeSas()).toHaveLength(2);
    pair.run(seconds(31));
    expect(kinds(pair.R2.events, 'ike-deleted')).toEqual(['ike-deleted replaced']);
    expect(kinds(pair.R3.events, 'ike-deleted')).toEqual(['ike-deleted peer-deleted']);
    expect(kinds(pair.R2.events, 'child-established', 'child-deleted')).toEqual(['child-established']);
    expectSame(pair);
  });

  it('is renewed without INITIAL-CONTACT: the peer keeps its children', () => {
    const pair = tunnelled();
    pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    pair.run(seconds(60));
    expect(kinds(pair.R3.events, 'ike-established', 'child-deleted')).toEqual(['ike-established', 'ike-established']);
    expectSame(pair);
  });

  it('serves the children that an older one negotiated: they are renewed and deleted under the new one', () => {
    const pair = tunnelled(lifetimes(seconds(600), HOUR));
    pair.run(seconds(3600 - 100));
    expect(pair.R2.of('ike-established').length).toBeGreaterThan(6);
    expect(pair.R2.of('child-established')).toHaveLength(2);
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    pair.run(seconds(1));
    expect(pair.R3.endpoint.children()).toEqual([]);
  });

  it('expires with a Delete at both ends when it has no children to serve, and is not renewed', () => {
    const pair = tunnelled({ R2: { children: [] }, R3: { children: [] } });
    pair.run(seconds(3601));
    expect(kinds(pair.R2.events, 'ike-established', 'ike-deleted')).toEqual([
      'ike-established',
      'ike-deleted peer-deleted',
    ]);
    expect(kinds(pair.R3.events, 'ike-established', 'ike-deleted')).toEqual(['ike-established', 'ike-deleted expired']);
  });

  it('leaves its children when it expires, and is made anew when they must be renewed', () => {
    const pair = tunnelled(lifetimes(seconds(600), HOUR));
    pair.network = () => [];
    pair.run(seconds(1200));
    pair.network = () => [10];
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.children()).toHaveLength(1);
    expect(traffic(pair, HOUR, seconds(1)).lost).toBe(0);
    expectSame(pair);
  });

  it('is renewed before its message IDs run out', () => {
    const sa = new Forger().establish();
    let worn = 0;
    const environment = { rng: seededRng(3) } as Environment;
    const host = { environment, report: () => worn++, send: () => {} } as unknown as Phase2Host;
    const phase2 = new Phase2Exchanges(host, sa);
    for (let i = 1; i < MESSAGE_IDS_PER_IKE_SA / 2; i++) phase2.inform([]);
    expect(worn).toBe(0);
    phase2.inform([]);
    expect(worn).toBe(1);
  });
});

describe('both ends at once', () => {
  const started = (options: PairOptions = {}): Pair => {
    const pair = new Pair(options);
    pair.initiate('R2').initiate('R3');
    return pair;
  };

  it.each([1, 2, 3, 4, 5, 6])(
    'may start: one IKE SA and one child stay, the same at both, with nothing lost, run %i',
    (seed) => {
      const pair = started({ seed });
      pair.runUntil(() => pair.nodes.every((node) => node.of('child-established').length > 0));
      expect(traffic(pair, seconds(120), milliseconds(50), milliseconds(20)).lost).toBe(0);
      expectSame(pair);
      for (const node of pair.nodes) {
        expect(node.endpoint.ikeSas()).toHaveLength(1);
        expect(node.endpoint.children()).toHaveLength(1);
        expect(node.of('ike-established')).toHaveLength(2);
      }
    },
  );

  it.each([1, 2, 3, 4, 5, 6])('may renew a child: one stays, the same at both, with nothing lost, run %i', (seed) => {
    const pair = tunnelled({ seed });
    for (const side of ['R2', 'R3'] as const) {
      pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? expect.fail()));
    }
    expect(traffic(pair, seconds(120), milliseconds(50), milliseconds(20)).lost).toBe(0);
    expectSame(pair);
    for (const node of pair.nodes) {
      expect(node.of('child-established')).toHaveLength(3);
      expect(node.endpoint.children()).toHaveLength(1);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('may renew phase 1: one stays, the same at both, run %i', (seed) => {
    const pair = tunnelled({ seed });
    for (const node of pair.nodes) pair.on(node.side, (endpoint, now) => endpoint.rekeyIke(now, node.peer));
    expect(traffic(pair, seconds(120), milliseconds(50)).lost).toBe(0);
    expectSame(pair);
    for (const node of pair.nodes) expect(node.endpoint.ikeSas()).toHaveLength(1);
  });

  it('may have the same soft lifetime and renew again and again: SAs do not pile up', () => {
    const softLifetime = (hard: Duration): Duration => milliseconds(hard - 100_000);
    const pair = tunnelled({ ...lifetimes(seconds(900), seconds(700)), endpoint: { softLifetime } });
    for (let i = 0; i < (isThorough ? 48 : 10); i++) {
      pair.run(HOUR);
      for (const { endpoint } of pair.nodes) {
        expect(endpoint.ikeSas().length).toBeLessThanOrEqual(3);
        expect(endpoint.children().length).toBeLessThanOrEqual(3);
      }
    }
    expect(pair.nodes.flatMap((node) => node.of('child-failed'))).toEqual([]);
  });
});

describe('a peer that restarts', () => {
  it('says INITIAL-CONTACT, and what it had before is dropped without a word to it', () => {
    const pair = tunnelled();
    pair.run(seconds(100));
    const restarted = new Pair({ seed: 9 });
    // The new R2 speaks with the old R3.
    Object.assign(restarted, { R3: pair.R3, now: pair.now });
    const before = pair.R3.events.length;
    restarted.initiate().run(seconds(1));
    expect(
      kinds(pair.R3.events.slice(before), 'ike-established', 'ike-deleted', 'child-deleted', 'child-established'),
    ).toEqual(['ike-established', 'child-deleted peer-restarted', 'ike-deleted peer-restarted', 'child-established']);
    expectSame(restarted);
  });

  it('is known by its first message of phase 1 after the restart only, not by one whose peer is not authenticated', () => {
    const pair = tunnelled();
    const restarted = new Pair({ seed: 9, R2: { preSharedKey: Uint8Array.of(1, 2, 3) } });
    Object.assign(restarted, { R3: pair.R3, now: pair.now });
    const before = pair.R3.events.length;
    restarted.initiate().run(seconds(200));
    expect(kinds(pair.R3.events.slice(before), 'ike-deleted', 'child-deleted')).toEqual([]);
  });

  it('without saying so is found out when a renewal stays unanswered, and a new phase 1 begins', () => {
    const pair = tunnelled(lifetimes(DAY, HOUR));
    const restarted = new Pair({ ...lifetimes(DAY, HOUR), seed: 9 });
    Object.assign(restarted, { R2: pair.R2, now: pair.now });
    restarted.run(HOUR);
    expect(pair.R2.of('child-failed')).toMatchObject([{ reason: 'no-answer' }]);
    expect(pair.R2.of('ike-established')).toHaveLength(2);
    expect(restarted.R3.of('child-established')).toHaveLength(1);
  });
});

describe('a day, or some hours', () => {
  it('with the lifetimes of Junos and a packet a second loses nothing, and ends with as much as it began', () => {
    const pair = tunnelled();
    const { sent, lost } = traffic(pair, DAY, seconds(1));
    expect([sent, lost]).toEqual([2 * 86_400, 0]);
    expectSame(pair);
    expect(pair.R2.of('ike-established').length).toBe(1 + Math.floor(86_400 / 3465));
    expect(pair.R2.of('child-established').length).toBe(1 + Math.floor(86_400 / 28_665));
    for (const { endpoint } of pair.nodes) {
      expect(endpoint.ikeSas()).toHaveLength(1);
      expect(endpoint.children()).toHaveLength(1);
      expect(Object.values(endpoint.counters).every((count) => count === 0)).toBe(true);
    }
  });

  it('with the shortest lifetimes of Junos, and one IKE datagram in four lost, still loses no packet', () => {
    const pair = tunnelled({
      ...lifetimes(seconds(180), seconds(180)),
      network: ({ index }) => (((index * 5) ^ (index >> 2)) % 4 === 0 ? [] : [10]),
    });
    pair.runUntil(() => pair.nodes.every((node) => node.of('child-established').length > 0));
    const hours = isThorough ? 6 : 2;
    const { lost } = traffic(pair, seconds(hours * 3600), seconds(1));
    expect(lost).toBe(0);
    expect(pair.R2.of('child-established').length).toBeGreaterThan(16 * hours);
    for (const { endpoint } of pair.nodes) expect(endpoint.children().length).toBeLessThanOrEqual(4);
  });
});
