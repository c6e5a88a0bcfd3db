import {
  IkeEndpoint,
  type IkeEvent,
  type Question,
  RecordedEndpoint,
  RecordingError,
  Replay,
  type ReplayedStep,
  type Transmit,
} from '@espalier/ike';
import { after, type Duration, fromAscii, type Instant, milliseconds, seconds, spi, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, espOf, Pair, type PairOptions, peerConfig, R2, R3, type Side, START } from '../support/pair.ts';
import { PRIVATE_GROUP } from '../support/private-groups.ts';

it('an endpoint that begins without peers is recorded, and replays', () => {
  const lines: string[] = [];
  const config = { engine: cheapEngine(), rng: seededRng(1) };
  const endpoint = new RecordedEndpoint(config, { secrets: true, write: (line) => lines.push(line) });
  endpoint.addPeer(START, peerConfig('R2'));
  endpoint.initiate(START, 'R3');
  expect(endpoint.pollTransmit()).toBeDefined();
  expect([...new Replay(lines, { engine: cheapEngine() })]).toHaveLength(3);
});

interface Outputs {
  readonly events: readonly IkeEvent[];
  readonly news: readonly IkeEvent[];
  readonly transmits: readonly Transmit[];
  readonly questions: readonly Question[];
}

interface Session {
  readonly pair: Pair;
  readonly questions: Readonly<Record<Side, Question[]>>;
}

type Deed = (pair: Pair, side: Side) => void;

const DEEDS: readonly Deed[] = [
  (pair, side) => pair.initiate(side),
  (pair, side) => pair.on(side, (endpoint, now) => endpoint.rekeyIke(now, pair[side].peer)),
  (pair, side) => pair.on(side, (endpoint, now) => endpoint.newGroup(now, pair[side].peer, 0x8001, PRIVATE_GROUP)),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? spi(300))),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.deleteChild(now, endpoint.children()[0]?.inbound ?? spi(300))),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.confirmChild(now, endpoint.children().at(-1)?.inbound ?? spi(300))),
  (pair, side) =>
    pair.on(side, (endpoint, now) => {
      if (endpoint.peerNames().includes('other')) endpoint.removePeer(now, 'other', 'keep');
      else endpoint.addPeer(now, peerConfig(side, { name: 'other', remote: { address: '192.0.2.7', port: 500 } }));
    }),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.replacePeer(now, peerConfig(side, { lifetime: seconds(120) }))),
  (pair, side) =>
    pair.on(side, (endpoint, now) => {
      const error = caught(() => endpoint.addChild(now, pair[side].peer, childPolicy(side)));
      expect(String(error ?? 'closed')).toMatch(/closed|child.name/);
      endpoint.replaceChild(now, pair[side].peer, childPolicy(side, { lifetime: seconds(60) }), 'keep');
    }),
  (pair, side) => void pair.inject(side, fromAscii('no message at all')),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.noteTraffic(now, endpoint.children()[0]?.inbound ?? spi(300))),
  (pair, side) =>
    pair.on(side, (endpoint, now) => endpoint.askForLife(now, endpoint.children()[0]?.inbound ?? spi(300))),
  (pair, side) =>
    pair.on(side, (endpoint, now) =>
      endpoint.noteUnknownSpi(now, pair[pair[side].peer].address, pair[side].address, 'esp', spi(300)),
    ),
  (pair, side) => pair.on(side, (endpoint, now) => endpoint.close(now)),
];

/** What a network does to the datagrams, by their numbers. */
const networks = fc.array(fc.constantFrom([10], [10], [10], [], [10, 15], [200], [3000]), {
  minLength: 1,
  maxLength: 9,
});

const sessions = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  network: networks,
  mode: fc.constantFrom('main' as const, 'aggressive' as const),
  asks: fc.subarray(['R2', 'R3'] as const),
  pause: fc.constantFrom(0, 5000, 40_000),
  softLifetime: fc.boolean(),
  pfsGroup: fc.constantFrom(undefined, 2 as const),
  deeds: fc.array(
    fc.tuple(
      fc.constantFrom(...DEEDS),
      fc.constantFrom('R2' as const, 'R3' as const),
      fc.integer({ min: 0, max: 90_000 }),
    ),
    {
      maxLength: 8,
    },
  ),
});
type Plan = typeof sessions extends fc.Arbitrary<infer T> ? T : never;

function run(plan: Plan, record: 'with secrets' | 'without secrets'): Session {
  const { asks, network, pause, deeds } = plan;
  const options = optionsOf(plan);
  const pair = new Pair({ ...options, record, network: ({ index }) => network[index % network.length] ?? [] });
  const questions: Session['questions'] = { R2: [], R3: [] };
  const answers: { readonly at: Instant; readonly side: Side; readonly id: number }[] = [];
  const tick = (end: Instant): void => {
    for (;;) {
      for (const side of asks) {
        const { endpoint } = pair[side];
        for (let asked = endpoint.pollQuestion(); asked !== undefined; asked = endpoint.pollQuestion()) {
          questions[side].push(asked);
          answers.push({ at: after(pair.now, milliseconds(pause)), side, id: asked.id });
        }
      }
      const [due] = answers;
      if (due !== undefined && due.at <= pair.now) {
        answers.shift();
        const key = fromAscii('juniper');
        pair.on(due.side, (endpoint, now) => endpoint.answer(now, due.id, { kind: 'shared-key', key }));
      } else if (!pair.step(end)) {
        return;
      }
    }
  };
  pair.initiate();
  for (const [deed, side, wait] of [...deeds, [() => {}, 'R2', 5000] as const]) {
    const end = after(pair.now, milliseconds(wait));
    tick(end);
    if (end > pair.now) pair.run((end - pair.now) as Duration);
    deed(pair, side);
  }
  return { pair, questions };
}

function optionsOf({ seed, mode, asks, softLifetime, pfsGroup }: Plan): PairOptions {
  const changes = (side: Side) => ({
    mode,
    ...(asks.includes(side) ? { preSharedKey: 'ask' as const } : {}),
    children: [childPolicy(side, { ...(pfsGroup === undefined ? {} : { pfsGroup }), lifetime: seconds(100) })],
  });
  return {
    seed,
    R2: changes('R2'),
    R3: changes('R3'),
    ...(softLifetime ? { endpoint: { softLifetime: (hard) => milliseconds(hard * 0.7) } } : {}),
  };
}

function outputsOf(steps: readonly ReplayedStep[]): Outputs {
  return {
    events: steps.flatMap(({ events }) => events).filter(({ kind }) => kind !== 'negotiation-refused'),
    news: steps.flatMap(({ events }) => events).filter(({ kind }) => kind === 'negotiation-refused'),
    transmits: steps.flatMap(({ transmits }) => transmits),
    questions: steps.flatMap(({ questions }) => questions),
  };
}

function replayed(recording: readonly string[]): { readonly replay: Replay; readonly steps: readonly ReplayedStep[] } {
  const replay = new Replay(recording, { engine: cheapEngine() });
  return { replay, steps: [...replay] };
}

const PLAIN: Plan = {
  seed: 1,
  network: [[10]],
  mode: 'main',
  asks: [],
  pause: 0,
  softLifetime: false,
  pfsGroup: undefined,
  deeds: [],
};

describe('a recording with secrets', () => {
  it('replays to the same outputs, octet for octet, whatever happened', () => {
    fc.assert(
      fc.property(sessions, (plan) => {
        const { pair, questions } = run(plan, 'with secrets');
        for (const { side, recording, events, news, endpoint } of pair.nodes) {
          const { replay, steps } = replayed(recording);
          const transmits = pair.sent.filter(({ from }) => from === side).map(({ transmit }) => transmit);
          expect(outputsOf(steps)).toEqual({ events, news, transmits, questions: questions[side] });
          expect(replay.endedAt).toBe('end');
          expect(replay.endpoint?.ikeSas()).toEqual(endpoint.ikeSas());
          expect(replay.endpoint?.children()).toEqual(endpoint.children());
          expect(replay.endpoint?.counters).toEqual(endpoint.counters);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('replays to any step, and shows the endpoint as it was there', () => {
    const { pair } = run(PLAIN, 'with secrets');
    const replay = new Replay(pair.R2.recording.join('\n'), { engine: cheapEngine() });
    const states = Array.from(replay, ({ input }) => [
      input,
      replay.endpoint
        ?.ikeSas()
        .map(({ state }) => state)
        .join(),
    ]);
    expect(states.slice(0, 3).map(([input]) => input)).toEqual(['construct', 'initiate', 'handleDatagram']);
    expect(states.at(-1)?.[1]).toBe('ready');
    expect(new Set(states.map(([, state]) => state)).size).toBeGreaterThan(2);
  });
});

describe('a recording without secrets', () => {
  it('holds no key, and replays up to the first step that needs one', () => {
    fc.assert(
      fc.property(sessions, (plan) => {
        const { pair, questions } = run(plan, 'without secrets');
        for (const { side, recording, events } of pair.nodes) {
          const text = recording.join('\n');
          expect(text).not.toContain(toHex(fromAscii('juniper')));
          for (const event of events) {
            if (event.kind !== 'child-negotiated' && event.kind !== 'child-established') continue;
            const { inbound, outbound } = espOf(event.child);
            const keys = [inbound.encryption, inbound.integrity, outbound.encryption, outbound.integrity];
            for (const key of keys) expect(text).not.toContain(toHex(key));
          }
          const { replay, steps } = replayed(recording);
          const then = outputsOf(steps);
          const transmits = pair.sent.filter(({ from }) => from === side).map(({ transmit }) => transmit);
          expect(then.events).toEqual(events.slice(0, then.events.length));
          expect(then.transmits).toEqual(transmits.slice(0, then.transmits.length));
          expect(then.questions).toEqual(questions[side].slice(0, then.questions.length));
          const isEstablished = events.some(({ kind }) => kind === 'ike-established');
          if (isEstablished) expect(replay.endedAt).toBe('secret');
          if (isEstablished && plan.mode === 'main') expect(steps.length).toBeGreaterThan(1);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a replay', () => {
  it('names its options where there are none', () => {
    for (const none of [undefined, null, 5].map((value) => value as never)) {
      expect(() => new Replay('', none)).toThrow(new TypeError('options: must be an object'));
    }
  });
});

describe('what is no recording', () => {
  const lines = run({ ...PLAIN, pfsGroup: 2 }, 'with secrets').pair.R3.recording;

  it('is refused with the number of its line, or replays as it was recorded', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 32, max: 126 }), (which, where, code) => {
        const at = which % lines.length;
        const line = lines[at] ?? '';
        const place = where % line.length;
        const damaged = line.slice(0, place) + String.fromCharCode(code) + line.slice(place + 1);
        const recording = lines.with(at, damaged);
        try {
          replayed(recording);
        } catch (error) {
          if (!(error instanceof RecordingError)) throw error;
          expect(error.line).toBeGreaterThanOrEqual(1);
          expect(error.line).toBeLessThanOrEqual(lines.length + 1);
          expect(error.message).toMatch(/^line \d+: /);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where a line is missing, or there twice', () => {
    for (const at of lines.keys()) {
      const isNeeded = at < lines.length - 1 && lines[at]?.startsWith('{"drained"') === false;
      if (isNeeded) expect(() => replayed(lines.toSpliced(at, 1)), lines[at]).toThrow(RecordingError);
      if (!isInput(lines[at]))
        expect(() => replayed(lines.toSpliced(at, 0, lines[at] ?? '')), lines[at]).toThrow(RecordingError);
    }
  });

  it.each([
    ['text', 'IKE', 'line 1: is no JSON'],
    ['a number', '500', 'line 1: is no object'],
    ['nobody', 'null', 'line 1: is no object'],
  ])('says so where it is %s', (_, text, words) => {
    expect(() => replayed([text])).toThrow(words);
  });

  it.each([
    ['nothing', ''],
    ['text', 'IKE'],
    ['another format', '{"format":"pcap","version":1,"secrets":true}'],
    ['an earlier version', '{"format":"espalier-ike-recording","version":1,"secrets":true}'],
    ['a later version', '{"format":"espalier-ike-recording","version":3,"secrets":true}'],
    ['deep JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('is refused at line 1 where it is %s', (_, text) => {
    expect(() => replayed([text])).toThrow(/^line 1: /);
  });

  it('names the line where something else comes of an input', () => {
    const at = lines.findIndex((line) => line.startsWith('{"transmit"'));
    const other = (lines[at] ?? '').replace(/"hex":"../, '"hex":"00');
    const error = caught(() => replayed(lines.with(at, other)));
    expect(error).toMatchObject({ line: at + 1, kind: 'differs' });
  });
});

describe('a recorded endpoint', () => {
  it('records every input and output that an endpoint has', () => {
    const views = ['constructor', 'pollTimeout', 'ikeSas', 'children', 'peerNames'];
    const names = Object.getOwnPropertyNames(IkeEndpoint.prototype).filter((name) => !views.includes(name));
    expect(
      Object.getOwnPropertyNames(RecordedEndpoint.prototype)
        .filter((name) => !views.includes(name))
        .sort(),
    ).toEqual(names.sort());
  });

  it('is wrong where an endpoint is wrong, and says so in the same words', () => {
    const write = (): void => {};
    expect(() => new RecordedEndpoint({} as never, { write })).toThrow(/^engine: /);
    expect(() => new RecordedEndpoint(undefined as never, { write })).toThrow(/^config: /);
    expect(() => new RecordedEndpoint({ engine: cheapEngine(), rng: { fill() {} } }, {} as never)).toThrow(
      /^recording.write: /,
    );
    const { R2: node } = new Pair({ record: 'without secrets' });
    expect(() => node.endpoint.handleDatagram(START, R3, R2, 'text' as never)).toThrow(/^datagram must/);
    expect(() => node.endpoint.initiate(Number.NaN as never, 'R3')).toThrow(/^now: /);
  });

  it('replays what was refused with an error, and goes on', () => {
    const pair = new Pair({ record: 'with secrets' });
    expect(() => pair.R2.endpoint.initiate(START, 'R9')).toThrow(RangeError);
    expect(() => pair.R2.endpoint.handleDatagram(START, R3, R2, 'text' as never)).toThrow(TypeError);
    pair.initiate().run(seconds(1));
    const { steps, replay } = replayed(pair.R2.recording);
    expect(steps.map(({ threw }) => threw).filter((threw) => threw !== undefined)).toHaveLength(2);
    expect(replay.endpoint?.children()).toHaveLength(1);
  });
});

function isInput(line: string | undefined): boolean {
  return line?.startsWith('{"input"') === true;
}

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
