import { describe, expect, it } from 'vitest';
import { seconds } from '../../../packages/wire/src/index.ts';
import { markedPacket, marksIn } from '../support/play.ts';
import {
  configs,
  cookies,
  type EndName,
  ends,
  exchangeOf,
  hostOf,
  mend,
  reaches,
  SHORT,
  sas,
  upInternet,
} from '../support/two-ends.ts';

describe('a renewal', () => {
  it.each([
    ['the initiator renews phase 2: the new SA is used, the old one still receives', 'west'],
    ['the responder renews phase 2: the new SA is used, the old one still receives', 'east'],
  ] as const)('%s', (_, end) => {
    const other = end === 'west' ? 'east' : 'west';
    const soft = (name: EndName) => (name === end ? seconds(200) : seconds(299));
    const internet = ends(
      (name) => configs(1, SHORT)[name],
      (name) => ({ softLifetime: () => soft(name) }),
    );
    expect(reaches(internet, 'west')).toBe(true);
    const [old] = sas(internet, end);
    const late: Uint8Array[] = [];
    internet.link = (from, packet) => {
      if (from !== other || exchangeOf(packet) !== undefined) return [packet];
      late.push(packet);
      return [];
    };
    internet.run(seconds(190));
    // On its way while the SA is renewed.
    internet.send(other, markedPacket(hostOf(other), hostOf(end)));
    mend(internet);
    internet.run(seconds(16));
    const [renewed] = sas(internet, end);
    expect(renewed?.inbound).not.toBe(old?.inbound);
    expect(renewed?.role).toBe('initiator');
    const before = internet.host(end).received.length;
    internet.link = (_from, packet) => [...late.splice(0), packet];
    internet.send(end, markedPacket(hostOf(end), hostOf(other)));
    internet.run(seconds(1));
    expect(late).toEqual([]);
    expect(marksIn(internet.host(end), before)).toHaveLength(1);
    expect(reaches(internet, end)).toBe(true);
  });

  it.each([
    ['the initiator renews phase 1: the new SA is used, the old one still receives', 'west'],
    ['the responder renews phase 1: the new SA is used, the old one still receives', 'east'],
  ] as const)('%s', (_, end) => {
    const internet = ends(
      (name) => configs(2, { peer: { lifetime: seconds(400) } })[name],
      (name) => ({ softLifetime: () => (name === end ? seconds(200) : seconds(399)) }),
    );
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
