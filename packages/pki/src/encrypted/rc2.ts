import { fromHex } from '@espalier/wire';

/** PITABLE of RFC 2268 §2. */
const PI_TABLE = fromHex(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32' +
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a' +
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e' +
    'c5f3db47e5a59c770aa62068fe7fc1ad',
);

const BLOCK_OCTETS = 8;
/** Of each word in a round of mixing. */
const ROTATIONS = [1, 2, 3, 5] as const;

/** RC2 (RFC 2268) in CBC mode, whose effective key is as long as the key: of PKCS#12 files of long ago, and for nothing else. */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  const words = expandKey(key);
  const plain = new Uint8Array(encrypted.length);
  let before = iv;
  for (let at = 0; at < encrypted.length; at += BLOCK_OCTETS) {
    const block = encrypted.subarray(at, at + BLOCK_OCTETS);
    const open = decryptBlock(words, block);
    for (let i = 0; i < BLOCK_OCTETS; i++) plain[at + i] = (open[i] ?? 0) ^ (before[i] ?? 0);
    before = block;
  }
  return plain;
}

/** RFC 2268 §2: 64 words. */
function expandKey(key: Uint8Array): Uint16Array {
  const octets = key.length;
  const l = new Uint8Array(128);
  l.set(key);
  for (let i = octets; i < 128; i++) l[i] = PI_TABLE[((l[i - 1] ?? 0) + (l[i - octets] ?? 0)) & 0xff] ?? 0;
  l[128 - octets] = PI_TABLE[l[128 - octets] ?? 0] ?? 0;
  for (let i = 127 - octets; i >= 0; i--) l[i] = PI_TABLE[(l[i + 1] ?? 0) ^ (l[i + octets] ?? 0)] ?? 0;
  return Uint16Array.from({ length: 64 }, (_, i) => (l[2 * i] ?? 0) | ((l[2 * i + 1] ?? 0) << 8));
}

/** RFC 2268 §4: sixteen rounds of mixing, backwards, with one of mashing after the fifth and the eleventh. */
function decryptBlock(k: Uint16Array, block: Uint8Array): Uint8Array {
  const r = Uint16Array.from({ length: 4 }, (_, i) => (block[2 * i] ?? 0) | ((block[2 * i + 1] ?? 0) << 8));
  const word = (i: number) => r[i & 3] ?? 0;
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const turned = turnRight(word(i), ROTATIONS[i] ?? 0);
      r[i] = turned - (k[4 * round + i] ?? 0) - (word(i - 1) & word(i - 2)) - (~word(i - 1) & word(i - 3));
    }
    if (round === 11 || round === 5) for (let i = 3; i >= 0; i--) r[i] = word(i) - (k[word(i - 1) & 63] ?? 0);
  }
  return Uint8Array.from({ length: BLOCK_OCTETS }, (_, i) => (word(i >> 1) >> (8 * (i & 1))) & 0xff);
}

function turnRight(word: number, bits: number): number {
  return ((word >> bits) | (word << (16 - bits))) & 0xffff;
}
