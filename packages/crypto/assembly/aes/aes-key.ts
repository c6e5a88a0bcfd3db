// The key schedule of AES (FIPS 197 §5.2), in the representations that the rounds of aes.ts work in.
import { substitute, toTower, unmixed, untransform } from './aes';

/** A context: the number of rounds, then the round keys of one direction. */
const KEYS: usize = 16;
export const AES_CONTEXT_OCTETS: usize = 16 + 15 * 16;

const EXPANDED: usize = memory.data(15 * 16 + 32, 16);

/** Schedules a key of 16, 24 or 32 octets into the 256 octets at `context`, to encrypt or to decrypt. */
export function aesKey(context: usize, key: usize, keyOctets: usize, decrypt: bool): void {
  const rounds: usize = keyOctets / 4 + 6;
  expandKey(key, keyOctets, 16 * (rounds + 1));
  store<u32>(context, <u32>rounds);
  for (let round: usize = 0; round <= rounds; round++) {
    const k = v128.load(EXPANDED + 16 * round);
    if (decrypt) v128.store(context + KEYS + 16 * (rounds - round), decryptionKey(k, round, rounds));
    else v128.store(context + KEYS + 16 * round, encryptionKey(k, round, rounds));
  }
  memory.fill(EXPANDED, 0, 15 * 16 + 32);
}

export function roundsOf(context: usize): usize {
  return <usize>load<u32>(context);
}

export function roundKeys(context: usize): usize {
  return context + KEYS;
}

/** The constant of SubBytes, which MixColumns leaves as it is, moves into the key that is added next. */
function encryptionKey(k: v128, round: usize, rounds: usize): v128 {
  if (round === 0) return toTower(k);
  const key = v128.xor(k, i8x16.splat(0x63));
  return round < rounds ? toTower(key) : key;
}

function decryptionKey(k: v128, round: usize, rounds: usize): v128 {
  if (round === 0) return k;
  const constant = i8x16.splat(0x63);
  return round < rounds ? v128.xor(unmixed(k), untransform(constant)) : untransform(v128.xor(k, constant));
}

function expandKey(key: usize, keyOctets: usize, octets: usize): void {
  memory.copy(EXPANDED, key, keyOctets);
  let constant: u32 = 1;
  for (let at = keyOctets; at < octets; at += 4) {
    let word = load<u32>(EXPANDED + at - 4);
    if (at % keyOctets === 0) {
      word = substituteWord(rotr<u32>(word, 8)) ^ constant;
      constant = (constant << 1) ^ (constant >= 128 ? 0x11b : 0);
    } else if (keyOctets === 32 && at % keyOctets === 16) {
      word = substituteWord(word);
    }
    store<u32>(EXPANDED + at, load<u32>(EXPANDED + at - keyOctets) ^ word);
  }
}

function substituteWord(word: u32): u32 {
  return <u32>i32x4.extract_lane(substitute(i32x4.splat(<i32>word)), 0);
}
