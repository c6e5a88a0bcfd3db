// AES on eight blocks at once, each under its own keys, by logic alone: plane b holds bit b of all their octets, a lane's in
// the bit of an octet that has its number.
import { decryptPlanes, encryptPlanes } from './aes-circuits';
import { plainRoundKey } from './aes-key';

export const PLANE_LANES: i32 = 8;

/** Where eight blocks are put for `encrypt8` and `decrypt8`. */
export const EIGHT: usize = memory.data(8 * 16, 16);
/** The round keys in planes. */
const KEYS: usize = memory.data(15 * 8 * 16, 16);

const CONTEXTS: usize = memory.data(4 * 8, 16);

/** The context that all lanes have the keys of, or 0. */
let current: usize = 0;

/** The keys of all lanes. */
export function useKeys(context: usize, rounds: usize): void {
  if (current === context) return;
  for (let lane: usize = 0; lane < 8; lane++) store<u32>(CONTEXTS + 4 * lane, <u32>context);
  useKeysOfLanes(CONTEXTS, rounds);
  current = context;
}

/** The keys of each lane, from eight addresses of contexts. */
export function useKeysOfLanes(contexts: usize, rounds: usize): void {
  current = 0;
  for (let round: usize = 0; round <= rounds; round++) {
    const planes = KEYS + 128 * round;
    for (let lane: usize = 0; lane < 8; lane++) {
      v128.store(planes + 16 * lane, plainRoundKey(<usize>load<u32>(contexts + 4 * lane), round));
    }
    turn(planes);
  }
}

export function encrypt8(rounds: usize): void {
  turn(EIGHT);
  encryptPlanes(EIGHT, KEYS, rounds);
  turn(EIGHT);
}

export function decrypt8(rounds: usize): void {
  turn(EIGHT);
  decryptPlanes(EIGHT, KEYS, rounds);
  turn(EIGHT);
}

export function forgetPlanes(): void {
  current = 0;
  memory.fill(EIGHT, 0, 8 * 16);
  memory.fill(KEYS, 0, 15 * 8 * 16);
}

/** Eight blocks to planes, or back. */
function turn(at: usize): void {
  let a = rows(v128.load(at));
  let b = rows(v128.load(at, 16));
  let c = rows(v128.load(at, 32));
  let d = rows(v128.load(at, 48));
  let e = rows(v128.load(at, 64));
  let f = rows(v128.load(at, 80));
  let g = rows(v128.load(at, 96));
  let h = rows(v128.load(at, 112));
  const odd = i8x16.splat(0x55);
  let x = v128.and(v128.xor(v128.shr<u64>(a, 1), b), odd);
  b = v128.xor(b, x);
  a = v128.xor(a, v128.shl<u64>(x, 1));
  x = v128.and(v128.xor(v128.shr<u64>(c, 1), d), odd);
  d = v128.xor(d, x);
  c = v128.xor(c, v128.shl<u64>(x, 1));
  x = v128.and(v128.xor(v128.shr<u64>(e, 1), f), odd);
  f = v128.xor(f, x);
  e = v128.xor(e, v128.shl<u64>(x, 1));
  x = v128.and(v128.xor(v128.shr<u64>(g, 1), h), odd);
  h = v128.xor(h, x);
  g = v128.xor(g, v128.shl<u64>(x, 1));
  const pairs = i8x16.splat(0x33);
  x = v128.and(v128.xor(v128.shr<u64>(a, 2), c), pairs);
  c = v128.xor(c, x);
  a = v128.xor(a, v128.shl<u64>(x, 2));
  x = v128.and(v128.xor(v128.shr<u64>(b, 2), d), pairs);
  d = v128.xor(d, x);
  b = v128.xor(b, v128.shl<u64>(x, 2));
  x = v128.and(v128.xor(v128.shr<u64>(e, 2), g), pairs);
  g = v128.xor(g, x);
  e = v128.xor(e, v128.shl<u64>(x, 2));
  x = v128.and(v128.xor(v128.shr<u64>(f, 2), h), pairs);
  h = v128.xor(h, x);
  f = v128.xor(f, v128.shl<u64>(x, 2));
  const nibbles = i8x16.splat(0x0f);
  x = v128.and(v128.xor(v128.shr<u64>(a, 4), e), nibbles);
  v128.store(at, v128.xor(a, v128.shl<u64>(x, 4)));
  v128.store(at, v128.xor(e, x), 64);
  x = v128.and(v128.xor(v128.shr<u64>(b, 4), f), nibbles);
  v128.store(at, v128.xor(b, v128.shl<u64>(x, 4)), 16);
  v128.store(at, v128.xor(f, x), 80);
  x = v128.and(v128.xor(v128.shr<u64>(c, 4), g), nibbles);
  v128.store(at, v128.xor(c, v128.shl<u64>(x, 4)), 32);
  v128.store(at, v128.xor(g, x), 96);
  x = v128.and(v128.xor(v128.shr<u64>(d, 4), h), nibbles);
  v128.store(at, v128.xor(d, v128.shl<u64>(x, 4)), 48);
  v128.store(at, v128.xor(h, x), 112);
}

/** Columns to rows, or back. */
function rows(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}
