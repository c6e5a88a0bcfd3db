import { EXCHANGE, type Instant, type NotificationPayload, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { all } from '../../src/exchange/rules.ts';
import { IkeEndpoint } from '../../src/index.ts';
import type { Established } from '../../src/v1/phase1/phase1.ts';
import { Forger } from '../support/forger.ts';
import { catchUp, childPolicy, peerConfig, R3, START } from '../support/pair.ts';

/** As many children as one peer may have, all of them confirmed. */
function fill(forger: Forger, sa: Established): void {
  for (let messageId = 1; messageId <= 256; messageId++) {
    forger.send(forger.quick(sa, messageId).reply);
    const negotiated = forger.events.findLast(({ kind }) => kind === 'child-negotiated');
    if (negotiated?.kind !== 'child-negotiated') throw new Error('no child');
    forger.endpoint.confirmChild(forger.now, negotiated.child.inbound);
    forger.drain();
  }
}

describe('a peer that has as many children as it may', () => {
  it('does not make the renewal of one throw, by time or by command: it fails, and is tried again', () => {
    const forger = new Forger({ children: [childPolicy('R3', { lifetime: seconds(600) })] });
    fill(forger, forger.establish());
    const [child] = forger.endpoint.children().filter(({ state }) => state === 'established');
    if (child === undefined) throw new Error('no child');
    forger.now = child.softExpiry;
    catchUp(forger.endpoint, forger.now);
    forger.endpoint.rekeyChild(forger.now, child.inbound);
    forger.drain();
    expect(forger.events.filter(({ kind }) => kind === 'child-failed')).toMatchObject(
      Array.from({ length: 2 }, () => ({ kind: 'child-failed', peer: 'R2', policy: 'net', reason: 'limit' })),
    );
    expect(forger.endpoint.pollTimeout()?.at).toBe((forger.now + seconds(5)) as Instant);
  });
});

describe('a Quick Mode that was refused for a passing reason', () => {
  it('is not accepted later, when anybody may have sent it again: its message ID is spent', () => {
    const forger = new Forger();
    const sa = forger.establish();
    for (let i = 1; i <= 32; i++) forger.send(forger.quick(sa, i).reply);
    const { reply } = forger.quick(sa, 99);
    expect(forger.send(reply).result).toEqual({ ok: false, reason: 'limit' });
    const [negotiated] = forger.events.filter(({ kind }) => kind === 'child-negotiated');
    if (negotiated?.kind !== 'child-negotiated') throw new Error('no child');
    forger.endpoint.confirmChild(forger.now, negotiated.child.inbound);
    const count = forger.endpoint.children().length;
    expect(forger.send(reply).result).toEqual({ ok: false, reason: 'message-id-reused' });
    expect(forger.endpoint.children()).toHaveLength(count);
    expect(forger.send(forger.quick(sa, 100).reply).result).toEqual({ ok: true });
  });
});

describe('message 3 of Quick Mode that ESP has overtaken', () => {
  it('is no refusal, and changes nothing', () => {
    const forger = new Forger();
    const sa = forger.establish();
    const quick = forger.quick(sa, 7);
    const [second] = forger.send(quick.reply).replies;
    if (second === undefined) throw new Error('no message 2');
    const third = forger.confirm(quick, second).reply;
    const [negotiated] = forger.events.filter(({ kind }) => kind === 'child-negotiated');
    if (negotiated?.kind !== 'child-negotiated' || third === undefined) throw new Error('no child');
    forger.endpoint.confirmChild(forger.now, negotiated.child.inbound);
    forger.drain();
    const before = forger.endpoint.children();
    expect(forger.send(third).result).toEqual({ ok: true });
    expect(forger.endpoint.children()).toEqual(before);
    expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated', 'child-established']);
  });
});

describe('our own words, sent back to us', () => {
  it('are not the peer’s: a refusal that we told is no news and no sign of life', () => {
    const forger = new Forger({
      children: [childPolicy('R3', { name: 'other', remoteIdentity: childPolicy('R3').localIdentity })],
    });
    const sa = forger.establish();
    const [told] = forger.send(forger.quick(sa, 7).reply).replies;
    if (told === undefined) throw new Error('nothing was told');
    const notes: readonly NotificationPayload[] = all(forger.open(sa, told).payloads, 'notification');
    expect(notes).toHaveLength(1);
    expect(forger.header(told).exchange).toBe(EXCHANGE.informational);
    expect(forger.send(told).result).toEqual({ ok: false, reason: 'message-id-reused' });
    expect(forger.kinds()).not.toContain('notified');
  });
});

describe('a datagram from an address with a zone', () => {
  it('is refused as any other stranger’s', () => {
    const forger = new Forger();
    const from = { address: 'fe80::1%eth0', port: 500 };
    const result = forger.endpoint.handleDatagram(START, from, R3, forger.start().octets);
    expect(result).toEqual({ ok: false, reason: 'unknown-peer' });
  });
});

describe('a lifetime that cannot be said in 32 bits', () => {
  const peers = [
    ['of an IKE SA', { lifetime: seconds(2 ** 32) }],
    ['of a child', { children: [childPolicy('R3', { lifetime: seconds(2 ** 32) })] }],
    ['in kilobytes', { children: [childPolicy('R3', { lifetimeKilobytes: 2 ** 32 })] }],
    ['of part of a kilobyte', { children: [childPolicy('R3', { lifetimeKilobytes: 0.5 })] }],
  ] as const;

  it.each(peers)('%s is a RangeError at construction, not in the middle of a negotiation', (_name, changes) => {
    const { engine, rng } = new Forger();
    expect(() => new IkeEndpoint({ engine, rng, peers: [peerConfig('R3', changes)] })).toThrow(/^peers\[0\].*lifetime/);
  });
});

describe('a child that is asked for while the peer negotiates it', () => {
  it('is asked for again where the peer does not finish', () => {
    const forger = new Forger();
    const sa = forger.establish();
    forger.send(forger.quick(sa, 1).reply);
    forger.endpoint.initiate(forger.now, 'R2', 'net');
    forger.drain();
    forger.now = (START + seconds(30)) as Instant;
    for (let due = forger.endpoint.pollTimeout(); due && due.at <= forger.now; due = forger.endpoint.pollTimeout()) {
      catchUp(forger.endpoint, due.at);
    }
    forger.drain();
    expect(forger.endpoint.ikeSas().map(({ role }) => role)).toEqual(['responder', 'initiator']);
  });
});

describe('a peer that restarts again and again, and says nothing of it', () => {
  it('is let in all the same: of its SAs the oldest go', () => {
    const forger = new Forger();
    for (let i = 0; i < 60; i++) {
      forger.establish();
      forger.now = (forger.now + 1000) as Instant;
    }
    expect(forger.endpoint.ikeSas()).toHaveLength(32);
    expect(forger.events.filter(({ kind }) => kind === 'ike-deleted')).toHaveLength(28);
  });
});
