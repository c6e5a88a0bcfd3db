import { viewOf, word } from '../../memory.ts';
import { wipe } from '../../secrets.ts';
import { camelliaF, type Halves } from './f.ts';

/** Sigma1 to Sigma6 (RFC 3713 §2.2). */
const SIGMA: readonly (readonly [number, number])[] = [
  [0xa09e667f, 0x3bcc908b],
  [0xb67ae858, 0x4caa73b2],
  [0xc6ef372f, 0xe94f82be],
  [0x54ff53a5, 0xf1d36f1c],
  [0x10e527fa, 0xde682d1d],
  [0xb05688c2, 0xb3e6c1fd],
];

type Source = 'KL' | 'KR' | 'KA' | 'KB';

/** A subkey of 64 bits, or two: which 128 bits, rotated to the left by how many, and which half alone. */
type Subkeys = readonly [from: Source, by: number, half?: 'left' | 'right'];

/** kw1 kw2, then six of k and two of ke in turn, then kw3 kw4 (RFC 3713 §2.2). */
const SUBKEYS_128: readonly Subkeys[] = [
  ['KL', 0],
  ...rounds(['KA', 0], ['KL', 15], ['KA', 15]),
  ['KA', 30],
  ...rounds(['KL', 45], ['KA', 45, 'left'], ['KL', 60, 'right'], ['KA', 60]),
  ['KL', 77],
  ...rounds(['KL', 94], ['KA', 94], ['KL', 111]),
  ['KA', 111],
];
const SUBKEYS_256: readonly Subkeys[] = [
  ['KL', 0],
  ...rounds(['KB', 0], ['KR', 15], ['KA', 15]),
  ['KR', 30],
  ...rounds(['KB', 30], ['KL', 45], ['KA', 45]),
  ['KL', 60],
  ...rounds(['KR', 60], ['KB', 60], ['KL', 77]),
  ['KA', 77],
  ...rounds(['KR', 94], ['KA', 94], ['KL', 111]),
  ['KB', 111],
];

function rounds(...subkeys: readonly Subkeys[]): readonly Subkeys[] {
  return subkeys;
}

/** The subkeys in the order of their use; a key of 16, 24 or 32 octets. */
export function camelliaSchedule(key: Uint8Array, direction: 'encrypt' | 'decrypt'): Int32Array {
  const sources = keysOf(key);
  const subkeys = key.length === 16 ? SUBKEYS_128 : SUBKEYS_256;
  const words: number[] = [];
  for (const [from, by, half] of subkeys) {
    const rotated = rotate(sources[from], by);
    if (half !== 'right') words.push(rotated(0), rotated(1));
    if (half !== 'left') words.push(rotated(2), rotated(3));
  }
  wipe(...Object.values(sources));
  const schedule = Int32Array.from(words);
  words.fill(0);
  return direction === 'encrypt' ? schedule : reversed(schedule);
}

/** For decryption kw1, kw2 change places with kw3, kw4, and all between comes in the opposite order (RFC 3713 §2.3.3). */
function reversed(schedule: Int32Array): Int32Array {
  const last = schedule.length - 4;
  const out = schedule.map((_, i) => {
    if (i < 4) return word(schedule, last + i);
    if (i >= last) return word(schedule, i - last);
    return word(schedule, schedule.length - 2 - (i & ~1) + (i & 1));
  });
  wipe(schedule);
  return out;
}

/** KL and KR of the key, KA and KB of both (RFC 3713 §2.2). */
function keysOf(key: Uint8Array): Record<Source, Int32Array> {
  const view = viewOf(key);
  const wordAt = (i: number): number => (4 * i < key.length ? view.getInt32(4 * i) : 0);
  const KL = Int32Array.from([0, 1, 2, 3], wordAt);
  const KR = Int32Array.from([4, 5, 6, 7], wordAt);
  if (key.length === 24) {
    KR[2] = ~word(KR, 0);
    KR[3] = ~word(KR, 1);
  }
  const KA = mix(KL, KR);
  twoRounds(KA, 0);
  KA.set(mix(KA, KL));
  twoRounds(KA, 2);
  const KB = mix(KA, KR);
  twoRounds(KB, 4);
  return { KL, KR, KA, KB };
}

function mix(one: Int32Array, other: Int32Array): Int32Array {
  return one.map((value, i) => value ^ word(other, i));
}

/** D2 = D2 ^ F(D1, Sigma); D1 = D1 ^ F(D2, the next). */
function twoRounds(d: Int32Array, sigma: number): void {
  const out: Halves = { left: 0, right: 0 };
  for (let i = 0; i < 2; i++) {
    const [high, low] = SIGMA[sigma + i] ?? [0, 0];
    const from = 2 * i;
    const to = 2 - from;
    camelliaF(word(d, from) ^ high, word(d, from + 1) ^ low, out);
    d[to] = word(d, to) ^ out.left;
    d[to + 1] = word(d, to + 1) ^ out.right;
  }
}

/** The words of 128 bits rotated to the left, by their index. */
function rotate(words: Int32Array, by: number): (index: number) => number {
  const skip = by >> 5;
  const bits = by & 31;
  return (index) => {
    const high = word(words, (index + skip) & 3);
    return bits === 0 ? high : (high << bits) | (word(words, (index + skip + 1) & 3) >>> (32 - bits));
  };
}
