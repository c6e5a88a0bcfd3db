import { after, milliseconds, seconds, writeU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { UNREACHED_OCTETS_IN_ALL } from '../../src/limits.ts';
import { Forger } from '../support/forger.ts';
import { catchUp, type PeerChanges, R3 } from '../support/pair.ts';
import { AGGRESSIVE, begin, upToConfirm } from './client.ts';

const ANYBODY: PeerChanges = {
  ...AGGRESSIVE,
  remote: { addresses: 'any' },
  remoteIdentity: 'any',
  allowWildcardKey: true,
};

/** First messages, each from another address, that nobody there has sent. */
function flood(forger: Forger, count: number, perSecond: number): void {
  const { octets } = begin(forger);
  for (let i = 0; i < count; i++) {
    writeU32(octets, 0, i + 1);
    const source = { address: `198.18.${(i >> 8) & 0xff}.${i & 0xff}`, port: 500 };
    forger.endpoint.handleDatagram(forger.now, source, R3, octets);
    forger.drain();
    forger.now = after(forger.now, milliseconds(1000 / perSecond));
    catchUp(forger.endpoint, forger.now);
  }
}

describe('first messages with forged sources', () => {
  it('cost one key pair a minute and no key exchange, however many', () => {
    const forger = new Forger(ANYBODY);
    const before = forger.engine.keyPairs();
    flood(forger, 1500, 10);
    expect(forger.engine.keyPairs() - before).toBe(3);
    expect(forger.engine.agreements()).toBe(0);
  });

  it('are kept as far as their octets go, make one event, and are all forgotten after a minute: 8,192 held 70 MB', () => {
    const forger = new Forger(ANYBODY);
    const most = Math.floor(UNREACHED_OCTETS_IN_ALL / begin(new Forger(ANYBODY)).octets.length);
    flood(forger, most + 100, 100_000);
    expect(forger.endpoint.ikeSas()).toHaveLength(most);
    forger.now = after(forger.now, seconds(61));
    catchUp(forger.endpoint, forger.now);
    forger.drain();
    expect(forger.endpoint.ikeSas()).toEqual([]);
    expect(forger.events).toMatchObject([{ kind: 'ike-failed', reason: 'no-answer', suppressed: 0 }]);
    forger.now = after(forger.now, seconds(60));
    catchUp(forger.endpoint, forger.now);
    expect(forger.endpoint.pollTimeout()).toBeUndefined();
  });

  it('do not keep out who is there: at 2,000 a second its message 3 may take a second', () => {
    const forger = new Forger(ANYBODY);
    flood(forger, 100, 2000);
    const third = upToConfirm(forger);
    flood(forger, 2000, 2000);
    expect(forger.send(third.encrypted).result).toEqual({ ok: true });
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('leave no private value behind: the shared key pairs are overwritten, at the latest when the endpoint closes', () => {
    const forger = new Forger(ANYBODY);
    flood(forger, 2, 1 / 61);
    expect(forger.engine.unwiped()).toBeGreaterThan(0);
    forger.endpoint.close(forger.now);
    expect(forger.engine.unwiped()).toBe(0);
  });
});
