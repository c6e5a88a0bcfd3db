import { describe, expect, it } from 'vitest';
import { powerCuts, session } from '../src/power-cuts/power-cuts.ts';
import { runWorld } from '../src/world/world.ts';

describe('a gateway whose power is cut', () => {
  it.each(['main', 'aggressive'] as const)(
    'at every 24th step of a session in %s mode uses nothing twice, and is up again',
    (mode) => {
      const cuts = powerCuts(mode, 24);
      expect(cuts.length).toBeGreaterThan(5);
      expect(cuts.filter(({ violations }) => violations.length > 0)).toEqual([]);
    },
    120_000,
  );

  it('is not cut where nothing happens: a session that cannot be is an error', () => {
    expect(() => powerCuts('main', 24, 'chacha20-poly1305')).toThrow(/^without a cut: exception: /);
  });

  it('again and again uses nothing twice', () => {
    const plan = session(3, 'main');
    const disasters = Array.from({ length: 20 }, (_, i) => ({
      kind: 'restart' as const,
      at: 150 * (i + 1),
      site: i % 2,
      pause: 1,
    }));
    expect(runWorld({ ...plan, disasters }).violations).toEqual([]);
  });

  it('and that has lost its disk is found out: the law sees a number that is used twice', () => {
    const plan = session(4, 'main');
    const cut = { kind: 'restart', at: 2500, site: 0, pause: 1 } as const;
    const { violations } = runWorld({ ...plan, disasters: [cut] }, { forgetful: true });
    expect(violations[0]).toMatchObject({ law: 'used-twice' });
  });
});
