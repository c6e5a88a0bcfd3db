// The key schedule of AES (FIPS 197 §5.2), in the representations that the rounds of aes.ts and aes-planes.ts work in.
import { plain, substitute, toTower } from './aes';

/** A context: the number of rounds, the form of the round keys, then these. */
const FORM: usize = 4;
const KEYS: usize = 16;
export const AES_CONTEXT_OCTETS: usize = 16 + 15 * 16;

/** To encrypt with, by the rounds of aes.ts; those of aes-planes.ts take them, too. */
export const TOWER_KEYS: u32 = 0;
/** To decrypt with, or to encrypt with, by the rounds of aes-planes.ts alone. */
export const DECRYPTION_KEYS: u32 = 1;
export const PLAIN_KEYS: u32 = 2;

const EXPANDED: usize = memory.data(15 * 16 + 32, 16);

/** Schedules a key of 16, 24 or 32 octets into the 256 octets at `context`. */
export function aesKey(context: usize, key: usize, keyOctets: usize, form: u32): void {
  const rounds: usize = keyOctets / 4 + 6;
  expandKey(key, keyOctets, 16 * (rounds + 1));
  store<u32>(context, <u32>rounds);
  store<u32>(context, form, FORM);
  for (let round: usize = 0; round <= rounds; round++) {
    const k = v128.load(EXPANDED + 16 * round);
    const place = form === DECRYPTION_KEYS ? rounds - round : round;
    // The constant of SubBytes, which MixColumns leaves as it is, moves into the key that is added next; to decrypt, into the
    // one that is added before.
    const key = round === 0 ? k : v128.xor(k, i8x16.splat(0x63));
    v128.store(roundKeys(context) + 16 * place, form === TOWER_KEYS && round < rounds ? toTower(key) : key);
  }
  memory.fill(EXPANDED, 0, 15 * 16 + 32);
}

export function roundsOf(context: usize): usize {
  return <usize>load<u32>(context);
}

/** A round key as it is, but for the constant. */
export function plainRoundKey(context: usize, round: usize): v128 {
  const key = v128.load(roundKeys(context) + 16 * round);
  return load<u32>(context, FORM) === TOWER_KEYS && round < roundsOf(context) ? plain(key) : key;
}

export function roundKeys(context: usize): usize {
  return context + KEYS;
}

function expandKey(key: usize, keyOctets: usize, octets: usize): void {
  memory.copy(EXPANDED, key, keyOctets);
  let constant: u32 = 1;
  for (let at = keyOctets; at < octets; at += 4) {
    let word = load<u32>(EXPANDED + at - 4);
    const isFirst = at % keyOctets === 0;
    if (isFirst) word = rotr<u32>(word, 8);
    if (isFirst || (keyOctets === 32 && at % keyOctets === 16)) word = substituteWord(word);
    if (isFirst) {
      word ^= constant;
      constant = (constant << 1) ^ (constant >= 128 ? 0x11b : 0);
    }
    store<u32>(EXPANDED + at, load<u32>(EXPANDED + at - keyOctets) ^ word);
  }
}

function substituteWord(word: u32): u32 {
  return <u32>i32x4.extract_lane(substitute(i32x4.splat(<i32>word)), 0);
}
