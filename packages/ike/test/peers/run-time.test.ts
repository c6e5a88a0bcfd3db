import type { ChildPolicy, PeerConfig, SasOfOld } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childPolicy, Pair, peerConfig, tunnelled } from '../support/pair.ts';

const other = (changes: Partial<PeerConfig> = {}): PeerConfig =>
  peerConfig('R2', { name: 'R9', remote: { address: '10.1.15.9', port: 500 }, ...changes });

const second: ChildPolicy = childPolicy('R2', { name: 'second', lifetime: seconds(600) });

describe('peers that come and go', () => {
  it('are negotiated with once they are there, as if they had always been', () => {
    const pair = new Pair({ endpoint: {} });
    pair.on('R2', (endpoint, now) => endpoint.removePeer(now, 'R3'));
    expect(() => pair.initiate('R2')).toThrow(RangeError);
    pair.on('R2', (endpoint, now) => endpoint.addPeer(now, peerConfig('R2')));
    pair.initiate('R2').run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
    expect(pair.R3.of('child-established')).toHaveLength(1);
  });

  it('that are removed are gone at both ends, and nobody of that name is left', () => {
    const pair = tunnelled();
    pair.on('R2', (endpoint, now) => endpoint.removePeer(now, 'R3'));
    pair.run(seconds(1));
    for (const node of pair.nodes) {
      expect(node.endpoint.children()).toEqual([]);
      expect(node.endpoint.ikeSas()).toEqual([]);
    }
    expect(pair.R2.endpoint.peerNames()).toEqual([]);
    pair.run(seconds(300));
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });

  it('that are removed, their SAs kept, last as long as those last, and are not renewed', () => {
    const pair = tunnelled({
      R2: { children: [second] },
      R3: { children: [childPolicy('R3', { lifetime: seconds(600) })] },
    });
    pair.on('R2', (endpoint, now) => endpoint.removePeer(now, 'R3', 'keep'));
    pair.on('R3', (endpoint, now) => endpoint.removePeer(now, 'R2', 'keep'));
    pair.run(seconds(590));
    expect(pair.R2.endpoint.children()).toHaveLength(1);
    pair.run(seconds(20));
    expect(pair.R2.endpoint.children()).toEqual([]);
    expect(pair.R2.of('child-established')).toHaveLength(1);
    pair.run(seconds(3600));
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.of('ike-established')).toHaveLength(1);
  });

  it.each<SasOfOld>(['delete', 'keep'])('that are replaced speak by the new configuration, SAs of old: %s', (sas) => {
    const pair = tunnelled();
    const key = fromAscii('another key');
    pair.on('R2', (endpoint, now) => endpoint.replacePeer(now, peerConfig('R2', { preSharedKey: key }), sas));
    pair.on('R3', (endpoint, now) => endpoint.replacePeer(now, peerConfig('R3', { preSharedKey: key }), sas));
    pair.run(seconds(1));
    expect(pair.R2.endpoint.children()).toHaveLength(sas === 'keep' ? 1 : 0);
    pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    pair.initiate('R2').run(seconds(1));
    expect(pair.R2.of('ike-established')).toHaveLength(2);
    expect(pair.R2.endpoint.children()).toHaveLength(1);
  });

  it('may have children that come, change and go, and the others stay as they are', () => {
    const pair = tunnelled();
    const before = pair.R2.endpoint.children();
    const theirs = childPolicy('R3', { name: 'second' });
    pair.on('R2', (endpoint, now) => endpoint.addChild(now, 'R3', second));
    pair.on('R3', (endpoint, now) => endpoint.replaceChild(now, 'R2', { ...theirs, name: 'net' }, 'keep'));
    pair.on('R2', (endpoint, now) => endpoint.initiate(now, 'R3', 'second'));
    pair.run(seconds(1));
    expect(pair.R2.endpoint.children().map(({ policy }) => policy)).toEqual(['net', 'second']);
    pair.on('R2', (endpoint, now) => endpoint.removeChild(now, 'R3', 'second'));
    pair.run(seconds(1));
    expect(pair.R2.endpoint.children()).toEqual(before);
    expect(() => pair.on('R2', (endpoint, now) => endpoint.removeChild(now, 'R3', 'second'))).toThrow('second');
    expect(() => pair.on('R2', (endpoint, now) => endpoint.addChild(now, 'R3', childPolicy('R2')))).toThrow('net');
  });

  it('whatever is asked in whatever order, disturb nobody else', () => {
    const step = fc.constantFrom('add', 'replace', 'remove', 'time' as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.constantFrom<SasOfOld>('delete', 'keep'), (steps, sas) => {
        const pair = tunnelled();
        const [before, sent] = [pair.R2.endpoint.children(), pair.sent.length];
        let isThere = false;
        for (const what of steps) {
          if (what === 'time') pair.run(seconds(1));
          else {
            const isPossible = what === 'add' ? !isThere : isThere;
            const ask = (): void =>
              pair.on('R2', (endpoint, now) => {
                if (what === 'add') endpoint.addPeer(now, other());
                else if (what === 'replace') endpoint.replacePeer(now, other({ lifetime: seconds(60) }), sas);
                else endpoint.removePeer(now, 'R9', sas);
              });
            if (isPossible) ask();
            else expect(ask).toThrow(RangeError);
            if (isPossible && what !== 'replace') isThere = what === 'add';
          }
        }
        expect(pair.R2.endpoint.children()).toEqual(before);
        expect(pair.sent).toHaveLength(sent);
        expect(pair.R2.endpoint.peerNames()).toEqual(isThere ? ['R3', 'R9'] : ['R3']);
      }),
      { numRuns: 50 },
    );
  });
});
