import { ESP_REFUSALS } from '@espalier/esp';
import { instant, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../src/packets/fifo.ts';
import { PacketQueue } from '../../src/packets/packet-queue.ts';
import { GATEWAY_REFUSALS, RefusalCounter } from '../../src/refusals.ts';
import { Agenda } from '../../src/sas/agenda.ts';
import { StatisticsCounters } from '../../src/sas/statistics.ts';
import { BackOff } from '../../src/tunnels/back-off.ts';
import { Silence } from '../../src/tunnels/silence.ts';

describe('packets that wait', () => {
  it('never exceed the bounds, and leave in the order of their arrival', () => {
    const sizes = fc.array(fc.nat(40), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 200 }), (list, packets, octets) => {
        const queue = new PacketQueue({ packets, octets });
        const kept = list.map((size, i) => new Uint8Array(size).fill(i)).filter((packet) => queue.add(packet));
        expect(kept.length).toBeLessThanOrEqual(packets);
        expect(kept.reduce((sum, packet) => sum + packet.length, 0)).toBeLessThanOrEqual(octets);
        expect(queue.take()).toEqual(kept);
        expect(queue.length).toBe(0);
      }),
    );
  });

  it('are copies: the caller may use its buffer again', () => {
    const queue = new PacketQueue({ packets: 1, octets: 8 });
    const packet = Uint8Array.of(1, 2, 3);
    queue.add(packet);
    packet.fill(0);
    expect(queue.take()).toEqual([Uint8Array.of(1, 2, 3)]);
  });
});

describe('a queue', () => {
  it('gives back what was put in, in order, however puts and takes mix', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
        const queue = new Fifo<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === undefined) expect(queue.shift()).toBe(model.shift());
          else {
            queue.push(step);
            model.push(step);
          }
        }
      }),
    );
  });

  it('gives back what was put in, in order, however long it goes without running empty', () => {
    const queue = new Fifo<number>();
    const wrong: number[] = [];
    let next = 0;
    for (let i = 0; i < 10_000; i++) {
      queue.push(i);
      const isRight = (i % 3 === 0 && i <= 5000) || queue.shift() === next++;
      const isAt = queue.at(0) === (queue.length === 0 ? undefined : next) && queue.at(queue.length) === undefined;
      if (!isRight || !isAt || queue.length !== i + 1 - next) wrong.push(i);
    }
    expect([wrong, queue.length]).toEqual([[], 10_000 - next]);
  });
});

describe('an agenda', () => {
  it('gives what is due, the first first and each once, however items are set, moved and taken off', () => {
    const step = fc.record({
      item: fc.nat(6),
      at: fc.option(fc.nat(20), { nil: undefined }),
      take: fc.option(fc.record({ now: fc.nat(20), most: fc.nat(3) }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const agenda = new Agenda<number>();
        const model = new Map<number, number>();
        for (const { item, at, take } of steps) {
          if (at === undefined) agenda.delete(item);
          else agenda.set(item, instant(at));
          if (at === undefined) model.delete(item);
          else model.set(item, at);
          expect(agenda.has(item)).toBe(model.has(item));
          expect(agenda.first).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
          if (take === undefined) continue;
          const taken = agenda.take(instant(take.now), take.most);
          const due = [...model.values()].filter((time) => time <= take.now).sort((a, b) => a - b);
          expect(taken.map((each) => model.get(each))).toEqual(due.slice(0, take.most));
          for (const each of taken) model.delete(each);
        }
        agenda.clear();
        expect(agenda.first).toBeUndefined();
      }),
    );
  });
});

describe('the pause after a failure', () => {
  it('is a second, then twice as long each time, up to a minute, until there is success', () => {
    const backOff = new BackOff();
    const pauses = [1, 2, 4, 8, 16, 32, 60, 60].map((pause) => {
      backOff.failed(instant(1000));
      return [backOff.until, instant(1000 + seconds(pause))];
    });
    for (const [until, expected] of pauses) expect(until).toBe(expected);
    expect(backOff.isOver(instant(60_999))).toBe(false);
    expect(backOff.isOver(instant(61_000))).toBe(true);
    backOff.succeeded();
    expect(backOff.until).toBeUndefined();
    backOff.failed(instant(0));
    expect(backOff.until).toBe(seconds(1));
  });

  it('is told from a rest, which is a second each time', () => {
    const backOff = new BackOff();
    for (let i = 0; i < 3; i++) {
      backOff.rest(instant(1000));
      expect([backOff.until, backOff.isFailing]).toEqual([2000, false]);
    }
    backOff.failed(instant(0));
    expect([backOff.until, backOff.isFailing]).toEqual([1000, true]);
    backOff.succeeded();
    expect(backOff.isFailing).toBe(false);
  });
});

describe('statistics', () => {
  it('are those of their label as long as somebody holds it, and then begin anew', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean())), (steps) => {
        const counters = new StatisticsCounters();
        const model = { a: 0, b: 0 };
        for (const [label, holds] of steps) {
          const before = counters.find(label);
          if (holds) {
            const held = counters.hold(label);
            if (before !== undefined) expect(held).toBe(before);
          } else counters.release(label);
          model[label] = Math.max(0, model[label] + (holds ? 1 : -1));
          expect(counters.find(label) !== undefined).toBe(model[label] > 0);
        }
      }),
    );
  });
});

describe('silence', () => {
  /** When it tells of some, counted from its beginning, and whether that is news. */
  const toldOf = (silence: Silence, times: readonly number[]) =>
    times.flatMap((time) => {
      const told = silence.sent(instant(seconds(time)));
      return told === undefined ? [] : [[time, told.isFirst, told.since]];
    });
  const everySecond = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  it('is told of 10 s after the first packet that nothing came back after, and every 10 s, once as news', () => {
    const silence = new Silence();
    const first = seconds(0);
    expect(toldOf(silence, everySecond(0, 35))).toEqual([
      [10, true, first],
      [20, false, first],
      [30, false, first],
    ]);
    silence.end();
    expect(toldOf(silence, everySecond(35, 50))).toEqual([[45, true, seconds(35)]]);
  });

  it('begins anew with who has sent nothing for 10 s', () => {
    const silence = new Silence();
    expect(toldOf(silence, [0, 9, 19, 28, 29])).toEqual([[29, true, seconds(19)]]);
  });
});

describe('a refusal', () => {
  it.each(GATEWAY_REFUSALS)('by the gateway as %s is frozen, one value, and counted', (reason) => {
    const counter = new RefusalCounter();
    const refused = counter.refuse(reason);
    expect(refused).toEqual({ ok: false, by: 'gateway', reason });
    expect(Object.isFrozen(refused)).toBe(true);
    expect(counter.refuse(reason, 2)).toBe(refused);
    expect(counter.snapshot().gateway[reason]).toBe(3);
  });

  it.each(ESP_REFUSALS)('by ESP as %s is frozen, one value, and counted', (reason) => {
    const counter = new RefusalCounter();
    const refused = counter.refuseByEsp(reason);
    expect(refused).toEqual({ ok: false, by: 'esp', reason });
    expect(Object.isFrozen(refused)).toBe(true);
    expect(counter.refuseByEsp(reason)).toBe(refused);
    expect(counter.snapshot().esp[reason]).toBe(2);
  });
});
