import { describe, expect, it } from 'vitest';
import { fromAscii, seconds } from '../../../packages/wire/src/index.ts';
import type { Internet } from '../support/internet.ts';
import { failuresOf, markedPacket, marksIn } from '../support/play.ts';
import { configs, EAST, ENDS, type EndName, ends, MODES, reaches, sas, upInternet, WEST } from '../support/two-ends.ts';

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
  const build = (): Internet => ends((name) => configs(1, { mode })[name]);

  it('may come twice: one IKE SA, one child, and nothing told wrong', () => {
    const internet = build();
    internet.link = (_, packet) => [packet, packet];
    // Replay protection lets each packet in once.
    expect(reaches(internet, 'west')).toBe(true);
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

it('a packet of the mark is what it seems', () => {
  expect(Buffer.from(markedPacket('10.1.0.9', '10.2.0.9')).includes(Buffer.from(fromAscii('what nobody')))).toBe(true);
});
