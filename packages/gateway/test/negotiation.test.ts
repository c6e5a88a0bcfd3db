import { between, ipv4, ipv4SubnetId, milliseconds, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ikePeers } from '../src/policy/ike-peers.ts';
import { Bed, cutLink, gatewayAddress, type Name, POLICY, plainLink, seedConfig } from './support/bed.ts';

const kinds = (bed: Bed, name: Name) => bed.site(name).events.map(({ kind }) => kind);
const established = (bed: Bed, name: Name) => kinds(bed, name).filter((kind) => kind === 'ipsec-established').length;
const sas = (bed: Bed, name: Name) => bed.site(name).gateway.ipsecSas();
const spis = (bed: Bed, name: Name, direction: 'inbound' | 'outbound') => sas(bed, name).map((sa) => sa[direction]);

describe('a tunnel established on traffic', () => {
  it('is not negotiated before there is any', () => {
    const bed = new Bed();
    bed.run(seconds(60));
    expect(bed.sent).toEqual([]);
    expect(bed.site('R2').gateway.pollTimeout()).toBeUndefined();
  });

  it('carries what waited for it, in order', () => {
    const bed = new Bed();
    const outcomes = [1, 2, 3].map((sequence) => bed.ping('R2', sequence));
    expect(outcomes).toEqual(Array(3).fill({ ok: true, action: 'queued' }));
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1, 2, 3]);
    expect(bed.ping('R2', 4)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1, 2, 3, 4]);
  });

  it('lets 64 packets wait and refuses the rest by name', () => {
    const bed = new Bed();
    const outcomes = Array.from({ length: 70 }, (_, i) => bed.ping('R2', i));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(64);
    expect(outcomes.at(-1)).toEqual({ ok: false, by: 'gateway', reason: 'queue-full' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toHaveLength(64);
    expect(bed.site('R2').gateway.refusals.gateway['queue-full']).toBe(6);
  });

  it('survives the loss of any one of the nine messages', () => {
    for (let lost = 0; lost < 9; lost++) {
      const bed = new Bed();
      let count = 0;
      bed.link = (from, octets) => (count++ === lost ? [] : plainLink(from, octets));
      bed.ping('R2', 1);
      bed.run(seconds(20));
      bed.ping('R3', 2);
      bed.run(seconds(20));
      expect(bed.pings('R3')).toEqual([1]);
      expect(bed.pings('R2')).toEqual([2]);
    }
  });

  it('is sought a second after the peer has deleted the last SA; what comes before that waits for it', () => {
    const bed = new Bed({ establish: 'immediately' });
    bed.run(seconds(10));
    bed.close('R3');
    bed.run(milliseconds(10));
    expect(sas(bed, 'R2')).toEqual([]);
    bed.restart('R3');
    bed.link = (from, octets) => (from === 'R3' ? [] : plainLink(from, octets));
    bed.run(milliseconds(500));
    for (let i = 1; i < 5; i++) expect(bed.ping('R2', i)).toEqual({ ok: true, action: 'queued' });
    bed.link = plainLink;
    bed.run(seconds(10));
    expect(bed.pings('R3')).toEqual([1, 2, 3, 4]);
  });

  it('opens as responder before message 3 of Quick Mode, which a packet that verifies stands in for', () => {
    const bed = new Bed();
    let messages = 0;
    bed.link = (from, octets) => (ipv4.protocol(octets, 0) === 17 && ++messages === 9 ? [] : plainLink(from, octets));
    bed.ping('R2', 1);
    bed.run(milliseconds(100));
    expect(messages).toBe(9);
    expect(bed.pings('R3')).toEqual([1]);
    expect(established(bed, 'R3')).toBe(1);
    expect(bed.ping('R3', 2)).toEqual({ ok: true, action: 'protected' });
  });

  it.each([
    ['enabled', {}],
    ['disabled', { antiReplayWindow: 'off' }],
  ] as const)(
    'tells a peer that begins, if asked for, that anti-replay is %s (RFC 2407 §4.6.3.2)',
    (status, window) => {
      const bed = new Bed({ R2: {}, R3: { protect: { tellReplayStatus: true, ...window } } });
      const [peer] = ikePeers(seedConfig('R3', { protect: { tellReplayStatus: true, ...window } }), 'ip');
      expect(peer?.children).toMatchObject([{ replayStatus: status }]);
      bed.ping('R2', 1);
      bed.run(seconds(1));
      expect(bed.site('R2').events.filter((event) => event.kind === 'notified')).toMatchObject([
        { name: 'REPLAY-STATUS' },
      ]);
      expect(bed.pings('R3')).toEqual([1]);
    },
  );

  it('does not send as responder before message 3 of Quick Mode, or a packet that verifies', () => {
    const bed = new Bed({ R2: { establish: 'immediately' }, R3: {} });
    let messages = 0;
    bed.link = (from, octets) => (++messages === 9 ? [] : plainLink(from, octets));
    bed.run(milliseconds(100));
    expect(sas(bed, 'R3').map(({ state }) => state)).toEqual(['negotiated']);
    expect(bed.ping('R3', 2)).toEqual({ ok: true, action: 'queued' });
  });

  it('is negotiated with the seed’s own groups and ciphers: equal cookies, mirrored SPIs', () => {
    const bed = new Bed({}, { realDh: true });
    bed.ping('R2', 1);
    bed.run(seconds(1));
    const [r2] = bed.site('R2').gateway.ikeSas();
    const [r3] = bed.site('R3').gateway.ikeSas();
    expect(r2).toMatchObject({
      remote: { address: gatewayAddress('R3') },
      role: 'initiator',
      initiatorCookie: r3?.initiatorCookie,
      responderCookie: r3?.responderCookie,
      proposal: { hash: 'sha1', encryption: '3des-cbc', group: 2 },
    });
    expect(r3).toMatchObject({ remote: { address: gatewayAddress('R2') }, role: 'responder' });
    expect(spis(bed, 'R2', 'inbound')).toEqual(spis(bed, 'R3', 'outbound'));
    expect(spis(bed, 'R2', 'outbound')).toEqual(spis(bed, 'R3', 'inbound'));
  });

  it('is told of with its policy, its ends, what it was agreed for, and Junos’ soft lifetimes', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(1000));
    const margins = (name: Name) =>
      sas(bed, name).map(({ softExpiry, hardExpiry }) => softExpiry && hardExpiry && between(softExpiry, hardExpiry));
    expect([margins('R2'), margins('R3')]).toEqual([[seconds(135)], [seconds(90)]]);
    expect(sas(bed, 'R2')).toMatchObject([
      {
        policy: POLICY,
        peer: 'peer',
        local: '10.1.15.1',
        remote: '10.1.15.2',
        role: 'initiator',
        state: 'established',
        mode: 'tunnel',
        inUdp: false,
        localIdentity: ipv4SubnetId('10.1.12.0/24'),
        remoteIdentity: ipv4SubnetId('10.1.56.0/24'),
        antiReplayWindow: 64,
      },
    ]);
    expect(bed.site('R2').gateway.ipsecSas(POLICY)).toEqual(sas(bed, 'R2'));
    expect(bed.site('R2').gateway.ipsecSas('another')).toEqual([]);
  });
});

describe('a tunnel established immediately', () => {
  it('is there without traffic', () => {
    const bed = new Bed({ R2: { establish: 'immediately' }, R3: {} });
    bed.run(seconds(1));
    expect(established(bed, 'R2')).toBe(1);
    expect(established(bed, 'R3')).toBe(1);
  });

  it('comes up from both ends at once, and carries traffic both ways', () => {
    const bed = new Bed({ establish: 'immediately' });
    bed.run(seconds(30));
    for (const [from, to] of [
      ['R2', 'R3'],
      ['R3', 'R2'],
    ] as const) {
      bed.ping(from, 7);
      bed.run(seconds(1));
      expect(bed.pings(to)).toEqual([7]);
    }
  });

  it('is tried again, with growing pauses, until the peer answers', () => {
    const bed = new Bed({ R2: { establish: 'immediately' }, R3: {} });
    bed.link = cutLink;
    bed.run(seconds(600));
    const failures = kinds(bed, 'R2').filter((kind) => kind === 'ipsec-failed').length;
    expect(failures).toBeGreaterThan(1);
    expect(failures).toBeLessThan(15);
    bed.link = plainLink;
    bed.run(seconds(120));
    expect(established(bed, 'R2')).toBe(1);
  });

  it('comes back after the peer deleted it', () => {
    const bed = new Bed({ R2: { establish: 'immediately' }, R3: {} });
    bed.run(seconds(5));
    bed.close('R3');
    bed.run(seconds(1));
    expect(kinds(bed, 'R2')).toContain('ipsec-deleted');
    expect(sas(bed, 'R2')).toEqual([]);
    bed.restart('R3');
    bed.run(seconds(60));
    expect(sas(bed, 'R2')).toHaveLength(1);
  });
});

describe('a tunnel that only the peer may establish', () => {
  it('refuses packets until there is one, and carries them then', () => {
    const bed = new Bed({ R2: { establish: 'responder-only' }, R3: {} });
    expect(bed.ping('R2', 1)).toEqual({ ok: false, by: 'gateway', reason: 'no-security-association' });
    bed.run(seconds(10));
    expect(bed.sent).toEqual([]);
    bed.ping('R3', 2);
    bed.run(seconds(1));
    expect(bed.ping('R2', 3)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect([bed.pings('R2'), bed.pings('R3')]).toEqual([[2], [3]]);
  });
});

describe('a peer that nothing is heard from', () => {
  const silences = (bed: Bed) => bed.site('R2').events.filter(({ kind }) => kind === 'ipsec-silent');

  it('is told of when packets have gone to it for 10 s, once, until something comes', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.ping('R3', 1);
    bed.run(seconds(1));
    bed.ping('R3', 2);
    bed.run(seconds(60));
    expect(silences(bed)).toEqual([]);
    const since = bed.now;
    for (let i = 2; i < 40; i++) {
      bed.ping('R2', i);
      bed.run(seconds(1));
      expect(silences(bed)).toHaveLength(between(since, bed.now) <= seconds(10) ? 0 : 1);
    }
    expect(silences(bed)).toEqual([{ kind: 'ipsec-silent', policy: POLICY, peer: 'peer', since }]);
    // It lives, and says so when it is asked.
    expect(bed.site('R2').events.filter((event) => 'reason' in event && event.reason === 'peer-dead')).toEqual([]);
    bed.ping('R3', 3);
    bed.run(seconds(1));
    for (let i = 40; i < 52; i++) {
      bed.ping('R2', i);
      bed.run(seconds(1));
    }
    expect(silences(bed)).toHaveLength(2);
  });

  it('is found dead if it has lost its SAs, without being probed otherwise, and spoken with anew', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(1));
    bed.restart('R3');
    for (let i = 2; i < 30; i++) {
      bed.ping('R2', i);
      bed.run(seconds(1));
    }
    const ended = bed.site('R2').events.flatMap((event) => (event.kind === 'ipsec-deleted' ? [event.reason] : []));
    expect([silences(bed).length, ended]).toEqual([1, ['peer-dead']]);
    expect(bed.pings('R3').at(-1)).toBe(29);
    expect(bed.pings('R3').length).toBeGreaterThan(8);
  });

  it('is no news to who has stopped sending, or sends now and then what has no answer', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(60));
    for (let i = 2; i < 10; i++) {
      bed.ping('R2', i);
      bed.run(seconds(1));
      bed.ping('R2', i);
      bed.run(seconds(11));
    }
    expect(silences(bed)).toEqual([]);
  });

  it('is no news while packets go both ways', () => {
    const bed = new Bed();
    for (let i = 0; i < 100; i++) {
      bed.ping('R2', i);
      bed.run(seconds(1));
      bed.ping('R3', i);
      bed.run(seconds(1));
    }
    expect(silences(bed)).toEqual([]);
    expect(bed.site('R3').events.filter(({ kind }) => kind === 'ipsec-silent')).toEqual([]);
  });
});

describe('a negotiation that fails', () => {
  it('drops what waited, says so, and leaves the peer in peace for a while', () => {
    const bed = new Bed({ R2: { preSharedKey: 'juniper' }, R3: { preSharedKey: 'cedar' } });
    bed.ping('R2', 1);
    bed.run(seconds(200));
    expect(bed.site('R2').events.at(-1)).toMatchObject({ kind: 'ipsec-failed', dropped: 1 });
    expect(bed.site('R2').gateway.refusals.gateway['negotiation-failed']).toBe(1);
    expect(bed.pings('R3')).toEqual([]);
    expect(sas(bed, 'R2')).toEqual([]);
    expect(sas(bed, 'R3')).toEqual([]);
  });

  it('refuses packets during the pause, and tries anew after it', () => {
    const bed = new Bed();
    bed.link = cutLink;
    bed.ping('R2', 1);
    const failed = () => bed.site('R2').events.some(({ kind }) => kind === 'ipsec-failed');
    while (!failed()) bed.run(milliseconds(100));
    expect(bed.ping('R2', 2)).toEqual({ ok: false, by: 'gateway', reason: 'no-security-association' });
    bed.link = plainLink;
    bed.run(seconds(1));
    expect(bed.ping('R2', 3)).toEqual({ ok: true, action: 'queued' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([3]);
  });
});

describe('a peer that starts anew', () => {
  it.each([
    ['it initiates', 'R3', 'R2'],
    ['it is spoken to by nobody but itself', 'R2', 'R3'],
  ] as const)('has its old SAs forgotten when %s (INITIAL-CONTACT)', (_, restarted, other) => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(1));
    bed.restart(restarted);
    bed.ping(restarted, 2);
    bed.run(seconds(5));
    expect(bed.pings(other).at(-1)).toBe(2);
    expect(bed.site(other).events).toContainEqual(
      expect.objectContaining({ kind: 'ipsec-deleted', reason: 'peer-restarted' }),
    );
    expect(spis(bed, other, 'inbound')).toEqual(spis(bed, restarted, 'outbound'));
    bed.ping(other, 3);
    bed.run(seconds(1));
    expect(bed.pings(restarted)).toEqual([3]);
  });
});

describe('an end of a tunnel', () => {
  it('that closes tells the peer, which forgets its SAs and negotiates anew for its next packet', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(1));
    bed.close('R3');
    bed.run(seconds(1));
    expect(sas(bed, 'R2')).toEqual([]);
    expect(bed.site('R2').events).toContainEqual(
      expect.objectContaining({ kind: 'ipsec-deleted', reason: 'peer-deleted' }),
    );
    bed.restart('R3');
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'queued' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([2]);
  });

  it('that is closed takes nothing more, and says nothing more', () => {
    const bed = new Bed({ establish: 'immediately' });
    bed.run(seconds(1));
    bed.close('R2');
    bed.run(seconds(1));
    const sent = bed.sent.length;
    expect(bed.ping('R2', 1)).toEqual({ ok: false, by: 'gateway', reason: 'closed' });
    expect(bed.outside('R2', new Uint8Array(40))).toEqual({ ok: false, by: 'gateway', reason: 'closed' });
    expect(bed.site('R2').gateway.pollTimeout()).toBeUndefined();
    expect(bed.sent.slice(sent).filter(({ from }) => from === 'R2')).toEqual([]);
  });

  it('whose peer has vanished lets its SAs expire at their hard lifetime', () => {
    const bed = new Bed();
    bed.ping('R2', 1);
    bed.run(seconds(1));
    bed.link = cutLink;
    bed.run(seconds(28790));
    expect(sas(bed, 'R2')).toHaveLength(1);
    bed.run(seconds(20));
    expect(sas(bed, 'R2')).toEqual([]);
    expect(bed.site('R2').events).toContainEqual(expect.objectContaining({ kind: 'ipsec-deleted', reason: 'expired' }));
  });
});
