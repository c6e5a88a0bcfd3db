// The key schedule of AES (FIPS 197 §5.2), in the representations that the rounds of aes.ts work in.
import { substitute, toTower, unmixed, untransform } from './aes';

/** A context: the number of rounds, then the round keys of encryption, then those of decryption. */
const ENCRYPTION: usize = 16;
const DECRYPTION: usize = 16 + 15 * 16;

const EXPANDED: usize = memory.data(15 * 16 + 32, 16);

/** Schedules a key of 16, 24 or 32 octets into the 496 octets at `context`. */
export function aesKey(context: usize, key: usize, keyOctets: usize): void {
  const rounds: usize = keyOctets / 4 + 6;
  expandKey(key, keyOctets, 16 * (rounds + 1));
  store<u32>(context, <u32>rounds);
  const constant = i8x16.splat(0x63);
  const encryption = context + ENCRYPTION;
  const decryption = context + DECRYPTION;
  for (let round: usize = 0; round <= rounds; round++) {
    const k = v128.load(EXPANDED + 16 * round);
    // The constant of SubBytes, which MixColumns leaves as it is, moves into the key that is added next.
    const e = round === 0 ? toTower(k) : round < rounds ? toTower(v128.xor(k, constant)) : v128.xor(k, constant);
    v128.store(encryption + 16 * round, e);
    const d =
      round === 0
        ? k
        : round < rounds
          ? v128.xor(unmixed(k), untransform(constant))
          : untransform(v128.xor(k, constant));
    v128.store(decryption + 16 * (rounds - round), d);
  }
  memory.fill(EXPANDED, 0, 15 * 16 + 32);
}

export function roundsOf(context: usize): usize {
  return <usize>load<u32>(context);
}

export function encryptionKeys(context: usize): usize {
  return context + ENCRYPTION;
}

export function decryptionKeys(context: usize): usize {
  return context + DECRYPTION;
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
