import { fromAscii, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayPeer, PolicyConfig } from '../../src/index.ts';
import { hubConfig, OFFICE, ROAD, Road, TEMPLATE, type Warrior } from './road.ts';

/** One whose tunnel everything else goes past, and some who come and go. */
const WITNESS: Warrior = { address: '192.0.2.1', net: '10.80.0.0/24' };
const warrior = (i: number): Warrior => ({
  address: i % 2 === 0 ? `192.0.2.${10 + i}` : `192.168.1.${10 + i}`,
  net: `10.80.${1 + i}.0/24`,
  behindNat: i % 2 === 1,
});

const BRANCH: GatewayPeer = { ...TEMPLATE, name: 'branch', remote: '192.0.2.200', allowWildcardKey: false };
const branchPolicy = (suffix: string): PolicyConfig => ({
  ...ROAD,
  name: `branch ${suffix}`,
  selectors: { local: OFFICE, remote: '10.81.0.0/16' },
  action: { ...ROAD.action, kind: 'protect', peer: 'branch' } as PolicyConfig['action'],
});

type Step = { readonly kind: string; readonly i: number; readonly sas: 'delete' | 'keep' };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('call', 'call', 'restart', 'leave', 'branch', 'rekey', 'policy', 'no branch', 'wait'),
  i: fc.nat(5),
  sas: fc.constantFrom('delete', 'keep'),
});

class World {
  readonly road = new Road(hubConfig());
  readonly #joined = new Set<number>();
  #hasBranch = false;
  #isWide = true;

  constructor() {
    this.road.join('witness', WITNESS);
    this.road.call('witness');
    this.road.run(seconds(2));
  }

  do({ kind, i, sas }: Step): void {
    const { road } = this;
    const { gateway } = road.hub;
    if (kind === 'call' || kind === 'restart') {
      if (kind === 'restart' || !this.#joined.has(i)) road.join(`w${i}`, warrior(i));
      this.#joined.add(i);
      road.call(`w${i}`);
    } else if (kind === 'leave' && this.#joined.delete(i)) road.site(`w${i}`).gateway.close(road.now);
    else if (kind === 'branch' && !this.#hasBranch) {
      gateway.addPeer(road.now, BRANCH);
      gateway.addPolicy(road.now, branchPolicy('a'), 'road');
      gateway.addPolicy(road.now, branchPolicy('b'));
      this.#hasBranch = true;
    } else if (kind === 'rekey' && this.#hasBranch) {
      gateway.replacePeer(road.now, { ...BRANCH, preSharedKey: fromAscii(`key ${i}`) }, sas);
    } else if (kind === 'policy') {
      // Wide and narrow both take the witness.
      this.#isWide = !this.#isWide;
      const remote = this.#isWide ? '10.80.0.0/16' : '10.80.0.0/20';
      gateway.replacePolicy(road.now, { ...ROAD, selectors: { local: OFFICE, remote } }, 'keep');
    } else if (kind === 'no branch' && this.#hasBranch) this.#removeBranch(sas);
    road.run(seconds(kind === 'wait' ? 400 : 1));
  }

  /** Nobody is left, and nothing is configured. */
  end(sas: 'delete' | 'keep'): void {
    const { road } = this;
    if (this.#hasBranch) this.#removeBranch(sas);
    road.hub.gateway.removePolicy(road.now, 'road', sas);
    road.hub.gateway.removePeer(road.now, 'warriors', sas);
    road.run(seconds(4000));
    for (const i of this.#joined) road.site(`w${i}`).gateway.close(road.now);
    road.site('witness').gateway.close(road.now);
    road.run(seconds(200));
  }

  #removeBranch(sas: 'delete' | 'keep'): void {
    const { gateway } = this.road.hub;
    gateway.removePolicy(this.road.now, 'branch b', sas);
    gateway.removePolicy(this.road.now, 'branch a', sas);
    gateway.removePeer(this.road.now, 'branch', sas);
    this.#hasBranch = false;
  }
}

describe('whatever peers, templates and policies come, go and change', () => {
  it('a tunnel that is none of theirs carries every packet', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const world = new World();
        for (const each of steps) {
          world.do(each);
          expect(world.road.reaches('witness')).toBe(true);
        }
        const mine = world.road.hub.events.filter(
          (event) => 'peer' in event && event.peer === `warriors/${WITNESS.address}`,
        );
        expect(mine.filter(({ kind }) => kind === 'ipsec-failed')).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('nothing is left when all have gone: no SA, no tunnel, no timer, no memory of the engine', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.constantFrom('delete', 'keep'), (steps, sas) => {
        const world = new World();
        const { road } = world;
        for (const each of steps) world.do(each);
        const { gateway } = road.hub;
        world.end(sas);
        expect([gateway.ikeSas(), gateway.ipsecSas(), gateway.liveTunnels()]).toEqual([[], [], []]);
        expect(gateway.statistics('road')).toBeUndefined();
        expect(gateway.pollTimeout()).toBeUndefined();
        gateway.close(road.now);
        expect(road.held).toEqual({ transforms: 0, octets: 0 });
      }),
      { numRuns: 12 },
    );
  });
});
