import { concat, fragmentMessage, fromAscii, fromHex, type Instant, isFragment, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../test/shared.ts';
import { FragmentedMessages } from '../src/exchange/fragments.ts';
import { readMessage } from '../src/exchange/message.ts';
import {
  FRAGMENT_LIFETIME,
  FRAGMENTED_IN_ALL,
  FRAGMENTED_OCTETS_IN_ALL,
  FRAGMENTED_PER_IKE_SA,
} from '../src/limits.ts';
import { takesFragments } from '../src/v1/vendor-ids.ts';
import type { CaptureFile } from './support/capture.ts';
import { Pair, type PairOptions, R2, R3, START } from './support/pair.ts';

const SMALL = 256;
const TINY = 128;
const BOTH: PairOptions = { R2: { fragmentOctets: TINY }, R3: { fragmentOctets: TINY } };

/** A message of so many octets behind its header, with a cookie of its own. */
function messageOf(octets: number, cookie = 1): Uint8Array {
  const message = new Uint8Array(28 + octets).map((_, i) => i);
  message.set(new Uint8Array(16).fill(cookie));
  new DataView(message.buffer).setUint32(0, cookie);
  message.set([5, 0x10, 2, 0, 0, 0, 0, 0], 16);
  new DataView(message.buffer).setUint32(24, message.length);
  return message;
}

const arrived = (octets: Uint8Array) => readMessage(octets, { local: R3, remote: R2 });
const isPiece = (octets: Uint8Array): boolean => isFragment({ nextPayload: octets[16] ?? 0 });

describe('messages in fragments', () => {
  it('are whole once, with their last missing fragment, in whatever order and however often the others come', () => {
    const sending = fc.record({ octets: fc.integer({ min: 10, max: 3000 }), most: fc.integer({ min: 100, max: 900 }) });
    fc.assert(
      fc.property(sending, fc.infiniteStream(fc.nat()), ({ octets, most }, chance) => {
        const message = messageOf(octets);
        const fragments = fragmentMessage(message, 9, most);
        const one = (): Uint8Array => fragments[(chance.next().value ?? 0) % fragments.length] ?? expect.fail();
        const fragmented = new FragmentedMessages();
        const seen = new Set<Uint8Array>();
        while (seen.size < fragments.length) {
          const fragment = one();
          seen.add(fragment);
          const whole = fragmented.add(START, arrived(fragment));
          expect(whole?.octets).toEqual(seen.size === fragments.length ? message : undefined);
        }
        expect([fragmented.size, fragmented.octets]).toEqual([0, 0]);
      }),
    );
  });

  it('that contradict themselves are refused, and begin anew: the repetition makes a message', () => {
    const message = messageOf(900);
    const fragments = fragmentMessage(message, 9, SMALL);
    const count = fragments.length;
    const other = fragmentMessage(
      message.map((octet, i) => (i < 40 ? octet : octet ^ 1)),
      9,
      SMALL,
    );
    const longer = fragmentMessage(messageOf(1500), 9, SMALL);
    const shorter = fragmentMessage(messageOf(300), 9, SMALL);
    const at = (list: readonly Uint8Array[], i: number): Uint8Array => list.at(i) ?? expect.fail();
    const cases: readonly (readonly Uint8Array[])[] = [
      [at(fragments, 0), at(other, 0)],
      [at(fragments, -1), at(longer, count)],
      [at(fragments, -1), at(longer, -1)],
      [at(longer, count), at(fragments, -1)],
      [at(fragments, -1), at(shorter, -1)],
    ];
    for (const [first, second] of cases) {
      const fragmented = new FragmentedMessages();
      expect(fragmented.add(START, arrived(first ?? expect.fail()))).toBeUndefined();
      expect(() => fragmented.add(START, arrived(second ?? expect.fail()))).toThrow('bad-fragment');
      expect([fragmented.size, fragmented.octets]).toEqual([0, 0]);
      expect(fragments.map((fragment) => fragmented.add(START, arrived(fragment))).at(-1)?.octets).toEqual(message);
    }
  });

  it('are few and small, whoever sends them, and forgotten in time', () => {
    const fragmented = new FragmentedMessages();
    const first = (octets: number, cookie: number, id: number): Uint8Array =>
      fragmentMessage(messageOf(octets, cookie), id, Math.ceil(octets / 2))[0] ?? expect.fail();
    for (let id = 0; id < 50; id++) fragmented.add(START, arrived(first(500, 1, id)));
    expect(fragmented.size).toBe(FRAGMENTED_PER_IKE_SA);
    for (let cookie = 2; cookie < 1000; cookie++) fragmented.add(START, arrived(first(500, cookie, 1)));
    expect(fragmented.size).toBe(FRAGMENTED_IN_ALL);
    for (let cookie = 2; cookie < 500; cookie++) fragmented.add(START, arrived(first(30_000, cookie, 2)));
    expect(fragmented.octets).toBeLessThanOrEqual(FRAGMENTED_OCTETS_IN_ALL);
    const later = (START + FRAGMENT_LIFETIME) as Instant;
    fragmented.add(later, arrived(first(500, 1, 1)));
    expect(fragmented.size).toBe(1);
  });

  it('of whom no IKE SA knows, or who takes none, are refused', () => {
    const stranger = fragmentMessage(messageOf(900), 9, SMALL)[0] ?? expect.fail();
    const pair = new Pair({ R3: { fragmentOctets: 'off' } }).initiate();
    pair.run(seconds(1));
    expect(pair.inject('R3', stranger)).toEqual({ ok: false, reason: 'unknown-cookies' });
    const cookies = pair.sent.at(-1)?.transmit.octets.slice(0, 16) ?? expect.fail();
    const known = stranger.slice();
    known.set(cookies);
    expect(pair.inject('R3', known)).toEqual({ ok: false, reason: 'bad-fragment' });
    expect(pair.inject('R2', known, { address: '192.0.2.66', port: 500 })).toEqual({
      ok: false,
      reason: 'wrong-endpoint',
    });
  });

  it('are refused where what they make is not what they are of', () => {
    const pair = new Pair(BOTH).initiate();
    pair.run(seconds(1));
    const cookies = pair.sent.at(-1)?.transmit.octets.slice(0, 16) ?? expect.fail();
    const fragments = fragmentMessage(messageOf(900, 77), 9, 600).map((fragment) => {
      const forged = fragment.slice();
      forged.set(cookies);
      return forged;
    });
    expect(fragments.map((fragment) => pair.inject('R3', fragment))).toEqual([
      { ok: true },
      { ok: false, reason: 'bad-fragment' },
    ]);
  });
});

describe('two ends that take fragments', () => {
  it.each(['main', 'aggressive'] as const)('in %s mode send what is large in pieces, and whole what is not', (mode) => {
    const pair = new Pair({ R2: { ...BOTH.R2, mode }, R3: { ...BOTH.R3, mode } }).initiate();
    pair.run(seconds(1));
    expect(pair.nodes.map(({ endpoint }) => endpoint.children().length)).toEqual([1, 1]);
    const pieces = pair.sent.filter(({ transmit }) => isPiece(transmit.octets));
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every(({ transmit }) => transmit.octets.length <= TINY)).toBe(true);
    expect(isPiece(pair.sent[0]?.transmit.octets ?? expect.fail())).toBe(false);
  });

  it.each([1, 2, 3, 4])('make up for pieces that are lost, late or repeated, run %i', (seed) => {
    const network = ({ index }: { readonly index: number }): readonly number[] => {
      if ((index * 7 + seed) % 4 === 0) return [];
      return (index + seed) % 3 === 0 ? [30, 700] : [10 + ((index * 13) % 40)];
    };
    const pair = new Pair({ ...BOTH, seed, network }).initiate();
    pair.run(seconds(60));
    expect(pair.nodes.map(({ endpoint }) => endpoint.children().length)).toEqual([1, 1]);
    expect(pair.R3.of('child-established')).toHaveLength(1);
  });

  it('send none where one of them does not say that it takes them', () => {
    for (const off of ['R2', 'R3'] as const) {
      const pair = new Pair({ ...BOTH, [off]: { fragmentOctets: 'off' } }).initiate();
      pair.run(seconds(1));
      expect(pair.nodes.map(({ endpoint }) => endpoint.children().length)).toEqual([1, 1]);
      expect(pair.sent.some(({ transmit }) => isPiece(transmit.octets))).toBe(false);
    }
  });
});

describe('the vendor ID of fragmentation', () => {
  const NAME = '4048b7d56ebce88525e7de7f00d6c2d3';
  it.each([
    [NAME, true],
    [`${NAME}80000000`, true],
    [`${NAME}c0000000`, true],
    [`${NAME}40000000`, false],
    [`${NAME}8000`, false],
    [`${NAME.slice(0, -2)}00`, false],
  ])('%s: %s', (hex, takes) => {
    expect(takesFragments(fromHex(hex))).toBe(takes);
    expect(takesFragments(concat(fromAscii('x'), fromHex(hex)))).toBe(false);
  });
});

describe.skipIf(!hasShared)('what strongSwan sent in fragments', () => {
  it('is put together as it was', () => {
    const { ike_messages } = sharedJson<CaptureFile>('captures/main-rsa-frag/keys.json');
    const fragmented = new FragmentedMessages();
    const whole = ike_messages.flatMap(({ message, reassembled }) => {
      const octets = fromHex(message ?? '');
      if (!isPiece(octets)) return [];
      return [
        [fragmented.add(START, arrived(octets))?.octets, reassembled === undefined ? undefined : fromHex(reassembled)],
      ];
    });
    expect(whole.filter(([ours]) => ours !== undefined).length).toBeGreaterThan(1);
    for (const [ours, theirs] of whole) expect(ours).toEqual(theirs);
  });
});
