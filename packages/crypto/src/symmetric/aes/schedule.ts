import { viewOf, word } from '../../memory.ts';
import { DECRYPTION, S, xtimes } from './boxes.ts';

/** The round keys of AES-128, -192 or -256, four words a round (FIPS 197 §5.2). */
export function encryptionSchedule(key: Uint8Array): Int32Array {
  const keyWords = key.length / 4;
  const view = viewOf(key);
  const schedule = new Int32Array(4 * (keyWords + 7));
  let roundConstant = 1;
  for (let i = 0; i < schedule.length; i++) {
    if (i < keyWords) {
      schedule[i] = view.getInt32(4 * i);
      continue;
    }
    let t = word(schedule, i - 1);
    if (i % keyWords === 0) {
      t = substituteWord((t << 8) | (t >>> 24)) ^ (roundConstant << 24);
      roundConstant = xtimes(roundConstant);
    } else if (keyWords > 6 && i % keyWords === 4) {
      t = substituteWord(t);
    }
    schedule[i] = word(schedule, i - keyWords) ^ t;
  }
  return schedule;
}

/** The same keys for the equivalent inverse cipher (FIPS 197 §5.3.5): last round first, those between unmixed. */
export function decryptionSchedule(key: Uint8Array): Int32Array {
  const forward = encryptionSchedule(key);
  const last = forward.length - 4;
  const schedule = forward.map((_, i) => {
    const round = i & ~3;
    const roundKey = word(forward, last - round + (i & 3));
    return round === 0 || round === last ? roundKey : unmix(roundKey);
  });
  forward.fill(0);
  return schedule;
}

function substituteWord(t: number): number {
  return (
    (word(S, t >>> 24) << 24) | (word(S, (t >>> 16) & 255) << 16) | (word(S, (t >>> 8) & 255) << 8) | word(S, t & 255)
  );
}

/** INVMIXCOLUMNS: the table of decryption, whose substitution SBOX undoes beforehand. */
function unmix(column: number): number {
  const t = substituteWord(column);
  return (
    word(DECRYPTION, t >>> 24) ^
    word(DECRYPTION, 256 | ((t >>> 16) & 255)) ^
    word(DECRYPTION, 512 | ((t >>> 8) & 255)) ^
    word(DECRYPTION, 768 | (t & 255))
  );
}
