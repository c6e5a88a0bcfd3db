import { describe, expect, it } from 'vitest';
import { planWorld } from '../src/plan/plan-world.ts';
import { commandFor, cutWorld, shrink } from '../src/shrink.ts';
import { encodeInner, innerId, markerOf } from '../src/world/inner-packet.ts';
import { runWorld } from '../src/world/world.ts';

const MINUTE = 60_000;

/** A world of two or three gateways, which is hostile for eight minutes. */
function smallWorld(from: number) {
  for (let seed = from; ; seed++) {
    const plan = planWorld(seed);
    const isSmall = plan.sites.length <= 3 && plan.storms.length > 0 && plan.disasters.length > 0;
    if (!isSmall) continue;
    const scale = (8 * MINUTE) / plan.healsAt;
    const sooner = <T extends { readonly until: number }>(one: T): T => ({ ...one, until: one.until * scale });
    return {
      ...plan,
      storms: plan.storms.map((one) => sooner({ ...one, from: one.from * scale })),
      disasters: plan.disasters.map((one) => {
        const at = one.at * scale;
        return one.kind === 'partition' ? sooner({ ...one, at }) : { ...one, at };
      }),
      healsAt: 11 * MINUTE,
      calmAt: 15 * MINUTE,
      endsAt: 19 * MINUTE,
    };
  }
}

describe('a hostile world', () => {
  it.each([100, 200, 400, 500])('keeps every law, from seed %d on', (from) => {
    const outcome = runWorld(smallWorld(from));
    expect(outcome.violations).toEqual([]);
    expect(outcome.delivered).toBeGreaterThan(20);
  });

  it('is the same again, octet for octet', () => {
    const plan = { ...smallWorld(400), endsAt: 4 * MINUTE };
    const first = runWorld(plan);
    expect(runWorld(plan).digest).toBe(first.digest);
    expect(runWorld({ ...plan, seed: plan.seed + 1 }).digest).not.toBe(first.digest);
  });

  it('in which a law does not hold is cut down to what is needed for that', () => {
    const plan = { ...smallWorld(400), storms: [] };
    // Nobody can be up again at once.
    const restart = { kind: 'restart', at: 5 * MINUTE, site: 0, pause: 30_000 } as const;
    const impossible = { ...plan, disasters: [restart], healsAt: 0, calmAt: 4 * MINUTE, endsAt: 8 * MINUTE };

    const outcome = runWorld(impossible);
    expect(outcome.violations[0]?.law).toMatch(/^(lost|refused)$/);
    const smallest = shrink(impossible, outcome, 3000);
    expect(smallest.outcome.violations[0]?.law).toBe(outcome.violations[0]?.law);
    expect(smallest.outcome.log.length).toBeGreaterThan(0);
    expect(runWorld(cutWorld(impossible, smallest.cut)).digest).toBe(smallest.outcome.digest);
    const { without } = smallest.cut;
    expect(commandFor(400, smallest.cut)).toBe(
      `npm run soak -- --seed 400 --worlds 1${without.length === 0 ? '' : ` --without ${without.join(',')}`}`,
    );
  });

  it('cannot be cut by what it does not have', () => {
    expect(() => cutWorld(planWorld(1), { without: ['s99'], until: undefined })).toThrow('the world has no s99');
  });
});

describe('the plan of a world', () => {
  const plans = Array.from({ length: 300 }, (_, seed) => planWorld(seed));

  it('sets no clock forward of a gateway that waits for users, who alone can renew', () => {
    const jumps = plans.flatMap(({ tunnels, disasters }) => {
      const waits = new Set(tunnels.filter(({ authentication }) => authentication === 'user').map(({ b }) => b));
      return disasters.flatMap((one) => (one.kind === 'jump' && waits.has(one.site) ? [one.by] : []));
    });
    expect(jumps.length).toBeGreaterThan(5);
    expect(Math.max(...jumps)).toBeLessThanOrEqual(0);
  });

  it('has nothing fragmented outside where a NAT is', () => {
    const longest = plans.flatMap(({ sites, tunnels }) =>
      tunnels
        .filter(({ a }) => sites[a]?.nat !== undefined)
        .flatMap(({ children }) => children.filter(({ mode }) => mode === 'transport'))
        .map((child) => child.longest),
    );
    expect(longest.length).toBeGreaterThan(5);
    expect(Math.max(...longest)).toBeLessThanOrEqual(600);
  });
});

describe('a packet of the inside', () => {
  it('is told by its number, and by every octet of it', () => {
    const marker = markerOf(7);
    const fields = { id: 5, source: '10.0.0.2', destination: '10.1.0.2', octets: 40, dontFragment: false };
    for (const packet of [
      encodeInner(marker, fields),
      encodeInner(marker, { ...fields, source: '2001:db8::1', destination: '2001:db8::2' }),
    ]) {
      expect(innerId(marker, packet)).toBe(5);
      expect(innerId(markerOf(8), packet)).toBeUndefined();
      for (let i = packet.length - 40; i < packet.length; i++) {
        const altered = packet.slice();
        altered[i] = (altered[i] ?? 0) ^ 1;
        expect(innerId(marker, altered)).toBeUndefined();
      }
    }
  });
});
