// ChaCha20 (RFC 8439 §2.3) of no more than four blocks: a vector is a row of one block, so that all of it stays in
// registers. Eight blocks (chacha20.ts) take a third longer.
import { add32, rotateLeft8, rotateLeft16, rotateLeft32 } from '../vectors/vectors';
import { KEY_AT } from './chacha20';

/** Makes four blocks where they shall lie: each place begins as for eight. */
export function chachaFourBlocks(places: usize): void {
  const sigma = i32x4(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
  const key0 = keyOf(places + 0);
  const key1 = keyOf(places + 64);
  const key2 = keyOf(places + 128);
  const key3 = keyOf(places + 192);
  let a0 = sigma;
  let b0 = v128.load(key0);
  let c0 = v128.load(key0, 16);
  let d0 = v128.load(places, 0);
  let a1 = sigma;
  let b1 = v128.load(key1);
  let c1 = v128.load(key1, 16);
  let d1 = v128.load(places, 64);
  let a2 = sigma;
  let b2 = v128.load(key2);
  let c2 = v128.load(key2, 16);
  let d2 = v128.load(places, 128);
  let a3 = sigma;
  let b3 = v128.load(key3);
  let c3 = v128.load(key3, 16);
  let d3 = v128.load(places, 192);
  let left = 10;
  do {
    a0 = add32(a0, b0);
    a1 = add32(a1, b1);
    a2 = add32(a2, b2);
    a3 = add32(a3, b3);
    d0 = rotateLeft16(v128.xor(d0, a0));
    d1 = rotateLeft16(v128.xor(d1, a1));
    d2 = rotateLeft16(v128.xor(d2, a2));
    d3 = rotateLeft16(v128.xor(d3, a3));
    c0 = add32(c0, d0);
    c1 = add32(c1, d1);
    c2 = add32(c2, d2);
    c3 = add32(c3, d3);
    b0 = rotateLeft32(v128.xor(b0, c0), 12);
    b1 = rotateLeft32(v128.xor(b1, c1), 12);
    b2 = rotateLeft32(v128.xor(b2, c2), 12);
    b3 = rotateLeft32(v128.xor(b3, c3), 12);
    a0 = add32(a0, b0);
    a1 = add32(a1, b1);
    a2 = add32(a2, b2);
    a3 = add32(a3, b3);
    d0 = rotateLeft8(v128.xor(d0, a0));
    d1 = rotateLeft8(v128.xor(d1, a1));
    d2 = rotateLeft8(v128.xor(d2, a2));
    d3 = rotateLeft8(v128.xor(d3, a3));
    c0 = add32(c0, d0);
    c1 = add32(c1, d1);
    c2 = add32(c2, d2);
    c3 = add32(c3, d3);
    b0 = rotateLeft32(v128.xor(b0, c0), 7);
    b1 = rotateLeft32(v128.xor(b1, c1), 7);
    b2 = rotateLeft32(v128.xor(b2, c2), 7);
    b3 = rotateLeft32(v128.xor(b3, c3), 7);
    b0 = turnOne(b0);
    c0 = turnTwo(c0);
    d0 = turnThree(d0);
    b1 = turnOne(b1);
    c1 = turnTwo(c1);
    d1 = turnThree(d1);
    b2 = turnOne(b2);
    c2 = turnTwo(c2);
    d2 = turnThree(d2);
    b3 = turnOne(b3);
    c3 = turnTwo(c3);
    d3 = turnThree(d3);
    a0 = add32(a0, b0);
    a1 = add32(a1, b1);
    a2 = add32(a2, b2);
    a3 = add32(a3, b3);
    d0 = rotateLeft16(v128.xor(d0, a0));
    d1 = rotateLeft16(v128.xor(d1, a1));
    d2 = rotateLeft16(v128.xor(d2, a2));
    d3 = rotateLeft16(v128.xor(d3, a3));
    c0 = add32(c0, d0);
    c1 = add32(c1, d1);
    c2 = add32(c2, d2);
    c3 = add32(c3, d3);
    b0 = rotateLeft32(v128.xor(b0, c0), 12);
    b1 = rotateLeft32(v128.xor(b1, c1), 12);
    b2 = rotateLeft32(v128.xor(b2, c2), 12);
    b3 = rotateLeft32(v128.xor(b3, c3), 12);
    a0 = add32(a0, b0);
    a1 = add32(a1, b1);
    a2 = add32(a2, b2);
    a3 = add32(a3, b3);
    d0 = rotateLeft8(v128.xor(d0, a0));
    d1 = rotateLeft8(v128.xor(d1, a1));
    d2 = rotateLeft8(v128.xor(d2, a2));
    d3 = rotateLeft8(v128.xor(d3, a3));
    c0 = add32(c0, d0);
    c1 = add32(c1, d1);
    c2 = add32(c2, d2);
    c3 = add32(c3, d3);
    b0 = rotateLeft32(v128.xor(b0, c0), 7);
    b1 = rotateLeft32(v128.xor(b1, c1), 7);
    b2 = rotateLeft32(v128.xor(b2, c2), 7);
    b3 = rotateLeft32(v128.xor(b3, c3), 7);
    b0 = turnThree(b0);
    c0 = turnTwo(c0);
    d0 = turnOne(d0);
    b1 = turnThree(b1);
    c1 = turnTwo(c1);
    d1 = turnOne(d1);
    b2 = turnThree(b2);
    c2 = turnTwo(c2);
    d2 = turnOne(d2);
    b3 = turnThree(b3);
    c3 = turnTwo(c3);
    d3 = turnOne(d3);
  } while (--left > 0);
  storeBlock(places, add32(a0, sigma), add32(b0, v128.load(key0)), add32(c0, v128.load(key0, 16)), d0);
  storeBlock(places + 64, add32(a1, sigma), add32(b1, v128.load(key1)), add32(c1, v128.load(key1, 16)), d1);
  storeBlock(places + 128, add32(a2, sigma), add32(b2, v128.load(key2)), add32(c2, v128.load(key2, 16)), d2);
  storeBlock(places + 192, add32(a3, sigma), add32(b3, v128.load(key3)), add32(c3, v128.load(key3, 16)), d3);
}

/** A place that shall be made may hold none. */
function keyOf(place: usize): usize {
  return <usize>load<u32>(place, KEY_AT);
}

/** The last row is added to what lies at its place. */
function storeBlock(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, add32(d, v128.load(to)), 48);
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
}

function turnOne(row: v128): v128 {
  return v128.shuffle<u32>(row, row, 1, 2, 3, 0);
}

function turnTwo(row: v128): v128 {
  return v128.shuffle<u32>(row, row, 2, 3, 0, 1);
}

function turnThree(row: v128): v128 {
  return v128.shuffle<u32>(row, row, 3, 0, 1, 2);
}
