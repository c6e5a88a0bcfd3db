import { type Engine, nobleEngine } from '@espalier/crypto';
import { encodeIpv4, milliseconds, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, hostAddress, INSIDE } from '../support/bed.ts';
import { toyDhEngine } from '../support/toy-dh.ts';

/** A packet of 948 octets every 5 ms, for as many milliseconds. */
function stream(bed: Bed, duration: number): void {
  for (let at = 0; at < duration; at += 5) {
    bed.ping('R2', at, 920);
    bed.run(milliseconds(5));
  }
}

const countOf = (bed: Bed, kind: string): number => bed.site('R2').events.filter((event) => event.kind === kind).length;

describe('a peer that lets an SA carry a kilobyte', () => {
  it('is not negotiated with for every packet', () => {
    const bed = new Bed({ R2: {}, R3: { ipsecKilobytes: 1 } });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    stream(bed, 3000);
    expect(countOf(bed, 'ipsec-established')).toBeLessThanOrEqual(6);
  });
});

describe('an engine that has no room for one SA more', () => {
  /** Room for so many transforms at a time. */
  function engineOf(room: { left: number }): Engine {
    const engine = toyDhEngine(nobleEngine());
    const createEspTransform: Engine['createEspTransform'] = (options) => {
      if (room.left === 0) throw new RangeError("the engine's arena has no 1024 octets left");
      room.left -= 1;
      const transform = engine.createEspTransform(options);
      const wipe = (): void => {
        room.left += 1;
        transform.wipe();
      };
      return { ...transform, seal: transform.seal.bind(transform), open: transform.open.bind(transform), wipe };
    };
    return { ...engine, createEspTransform };
  }

  it.each(['R2', 'R3'] as const)('makes %s give up the negotiation, not throw, and lets it come back', (name) => {
    const room = { left: 1 };
    const bed = new Bed({ R2: {}, R3: {}, [name]: { options: { engine: engineOf(room) } } });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const failed = bed.site(name).events.filter(({ kind }) => kind === 'ipsec-failed');
    expect(failed).toMatchObject([{ reason: 'engine-exhausted' }]);
    expect(room.left).toBe(1);
    room.left = 8;
    bed.run(seconds(5));
    bed.ping('R2', 1);
    bed.run(seconds(5));
    expect(bed.pings('R3').at(-1)).toBe(1);
  });
});

describe('an engine that is broken', () => {
  it('is not taken for one that has no room: what it throws is the caller’s', () => {
    const engine: Engine = {
      ...toyDhEngine(nobleEngine()),
      createEspTransform: () => {
        throw new TypeError('a fault of the engine');
      },
    };
    const bed = new Bed({ R2: {}, R3: { options: { engine } } });
    bed.ping('R2', 0);
    expect(() => bed.run(seconds(1))).toThrow(new TypeError('a fault of the engine'));
  });
});

describe('a caller who leaves outputs where they are', () => {
  it('is refused further input until they are fetched: memory stays bounded', () => {
    const bed = new Bed({});
    bed.ping('R2', 0);
    bed.run(seconds(1));
    const { gateway } = bed.site('R2');
    const packet = encodeIpv4({
      source: parseAddress(hostAddress('R2')),
      destination: parseAddress(hostAddress('R3')),
      protocol: 17,
      payload: new Uint8Array(44),
    });
    const take = () => gateway.handleInside(bed.now, packet, INSIDE);
    const outcomes = Array.from({ length: 20_000 }, take);
    expect(outcomes.filter(({ ok }) => ok).length).toBe(16_384);
    expect(outcomes.at(-1)).toMatchObject({ ok: false, by: 'gateway', reason: 'outputs-pending' });
    while (gateway.pollTransmit() !== undefined);
    expect(take()).toMatchObject({ ok: true });
  });
});
