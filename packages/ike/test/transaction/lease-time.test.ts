import { formatIdentification, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Road, type RoadOptions } from './road.ts';

/** Shorter than the lifetime of the IKE SA. */
const TERM = 1800;

/** A road on which addresses are given for a time. */
function lent(expirySeconds: number, options: RoadOptions = {}): Road {
  return new Road({ expirySeconds, ...options });
}

function leases(road: Road): number {
  return road.asked.filter(({ question }) => question.kind === 'lease').length;
}

describe('an address that is given for a time (INTERNAL_ADDRESS_EXPIRY)', () => {
  it.each(['pull', 'push'] as const)('is asked for anew before that is over, by %s, and stays the same', (method) => {
    const road = lent(TERM, { method }).up();
    const [child] = road.R2.endpoint.children();
    road.run(seconds(TERM - 136));
    expect(road.R2.of('configured')).toHaveLength(1);
    expect(leases(road)).toBe(1);
    road.run(seconds(5));
    expect(leases(road)).toBe(2);
    for (const node of road.nodes) {
      expect(node.of('configured').map(({ configuration }) => configuration.addresses)).toEqual([
        ['10.1.77.1'],
        ['10.1.77.1'],
      ]);
      expect(node.of('configuration-ended')).toEqual([]);
      expect(node.of('child-deleted')).toEqual([]);
    }
    expect(road.R2.endpoint.children()).toEqual([child]);
    expect(road.pool.size).toBe(1);
  });

  it('is told to the caller of the gateway as what the client would like to keep', () => {
    const road = lent(TERM).up();
    road.run(seconds(TERM));
    const wishes = road.asked.flatMap(({ question }) => (question.kind === 'lease' ? [question.wishes] : []));
    expect(wishes).toEqual([[], ['10.1.77.1']]);
  });

  it('that has no time is never asked for anew', () => {
    const road = new Road().up();
    road.run(seconds(5 * TERM));
    expect(leases(road)).toBe(1);
  });

  it.each([1, 5, 7, 20, 60, 600, TERM])('of %i seconds is never used longer than that, whatever is lost', (lasts) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), fc.integer({ min: 0, max: 70 }), (seed, percent) => {
        const isLost = (index: number): boolean => (Math.imul(index + seed, 2_654_435_761) >>> 0) % 100 < percent;
        let isLossy = false;
        const road = lent(lasts, { network: ({ index }) => (isLossy && isLost(index) ? [] : [10]) }).up();
        isLossy = true;
        const told = (): number => road.R2.of('configured').length;
        for (let since = 0, count = told(), tenth = 0; tenth < 30; tenth++) {
          road.run(seconds(lasts / 10));
          since = told() > count ? 0 : since + lasts / 10;
          count = told();
          if (since > lasts) expect(road.R2.endpoint.children()).toEqual([]);
          expect(road.pool.size).toBeLessThanOrEqual(1);
        }
        for (const { configuration } of road.R2.of('configured'))
          expect(configuration.addresses).toEqual(['10.1.77.1']);
        for (const { reason } of road.R2.of('configuration-ended')) expect(reason).toBe('expired');
      }),
      { numRuns: 6 },
    );
  });

  it('outlives any one datagram of its renewal that is lost', () => {
    const whole = lent(60).up();
    const from = whole.sent.length;
    whole.run(seconds(50));
    expect(leases(whole)).toBe(2);
    for (let lost = from; lost < whole.sent.length; lost++) {
      const road = lent(60, { network: ({ index }) => (index === lost ? [] : [10]) }).up();
      road.run(seconds(200));
      for (const node of road.nodes) expect(node.of('configuration-ended'), `datagram ${lost}`).toEqual([]);
      expect(road.R2.of('configured').length).toBeGreaterThanOrEqual(4);
    }
  });

  it('is over with its time where the gateway says nothing: nothing is used any more, and it is told', () => {
    const road = lent(TERM).up();
    road.answering = ({ kind }) => (kind === 'lease' ? { kind, lease: undefined } : undefined);
    road.run(seconds(TERM - 1));
    expect(road.R2.of('configuration-ended')).toEqual([]);
    road.run(seconds(2));
    expect(road.R2.of('configuration-ended')).toMatchObject([{ side: 'client', reason: 'expired' }]);
    expect(road.R2.of('child-deleted')).toMatchObject([{ reason: 'expired' }]);
    expect(road.R2.of('ike-deleted').at(-1)).toMatchObject({ reason: 'expired' });
    for (const node of road.nodes) {
      expect(node.endpoint.children()).toEqual([]);
      expect(node.endpoint.ikeSas()).toEqual([]);
    }
    expect(road.pool.size).toBe(0);
  });

  it('that is over is given again to who asks for something anew', () => {
    const road = lent(TERM).up();
    road.answering = ({ kind }) => (kind === 'lease' ? { kind, lease: undefined } : undefined);
    road.run(seconds(TERM + 1));
    road.answering = () => undefined;
    road.up();
    expect(road.R2.of('configured')).toHaveLength(2);
    const [child] = road.R3.of('child-established').slice(-1);
    expect(child && formatIdentification(child.child.remoteIdentity)).toContain('10.1.77.1');
  });

  it('is asked for under a new IKE SA where nobody answers under the present one', () => {
    const road = lent(TERM).up();
    const [first] = road.R2.endpoint.ikeSas();
    let asked = 0;
    road.answering = ({ kind }) => (kind === 'lease' && asked++ === 0 ? 'later' : undefined);
    road.run(seconds(TERM - 130));
    expect(asked).toBe(1);
    road.run(seconds(60));
    expect(road.R2.of('configured')).toHaveLength(2);
    expect(road.R2.endpoint.ikeSas()[0]?.initiatorCookie).not.toBe(first?.initiatorCookie);
    expect(road.R2.of('configuration-ended')).toEqual([]);
  });

  it('that is another after all takes the children with it', () => {
    const road = lent(TERM).up();
    road.answering = ({ kind }) =>
      kind === 'lease' ? { kind, lease: { addresses: ['10.1.77.9'], expirySeconds: TERM } } : undefined;
    road.run(seconds(TERM));
    expect(road.R2.of('configuration-ended')).toMatchObject([
      { configuration: { addresses: ['10.1.77.1'] }, reason: 'replaced' },
    ]);
    const children = road.R2.endpoint.children();
    expect(children).toHaveLength(1);
    const [child] = road.R3.of('child-established').slice(-1);
    expect(child && formatIdentification(child.child.remoteIdentity)).toContain('10.1.77.9');
  });

  it.each([1, 2, 3, 4, 5])(
    'of %i seconds is over before it could be asked for anew: every five seconds is often enough',
    (lasts) => {
      const road = lent(lasts).up();
      road.run(seconds(60));
      expect(leases(road)).toBe(1);
      expect(road.R2.of('configuration-ended')).toMatchObject([{ reason: 'expired' }]);
    },
  );
});
