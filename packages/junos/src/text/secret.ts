/**
 * The `$9$` form in which Junos prints secrets that it must be able to read itself: an obfuscation without a key. Each
 * octet is a sum of weights; a character stands for the gap between it and the one before, in an alphabet of 65.
 */
const FAMILIES = ['QzF3n6/9CAtpu0O', 'B1IREhcSyrleKvMW8LXx', '7N-dVbwsY2g4oaJZGUDj', 'iHkq.mPf5T'] as const;
const ALPHABET: string = FAMILIES.join('');
const WEIGHTS: readonly (readonly number[])[] = [
  [1, 4, 32],
  [1, 16, 32],
  [1, 8, 32],
  [1, 64],
  [1, 32],
  [1, 4, 16, 128],
  [1, 32, 64],
];
const PREFIX = '$9$';

/** The octets behind `$9$`; undefined where the text is none of that form. */
export function decodeSecret(text: string): Uint8Array | undefined {
  const coded = [...text.slice(PREFIX.length)].map((character) => ALPHABET.indexOf(character));
  const [salt] = coded;
  if (!text.startsWith(PREFIX) || salt === undefined || coded.length < 4 || coded.includes(-1)) return undefined;
  const octets: number[] = [];
  let previous = salt;
  let at = 1 + fillers(salt);
  while (at < coded.length) {
    let octet = 0;
    for (const weight of weightsAt(octets.length)) {
      const index = coded[at];
      if (index === undefined) return undefined;
      octet += weight * (((index - previous + ALPHABET.length) % ALPHABET.length) - 1);
      previous = index;
      at += 1;
    }
    octets.push(((octet % 256) + 256) % 256);
  }
  return octets.length === 0 ? undefined : Uint8Array.from(octets);
}

/**
 * The `$9$` form of octets.
 * @param salt Which character of the alphabet comes first; it and as many others as its family asks for say nothing.
 */
export function encodeSecret(octets: Uint8Array, salt: number): string {
  const first = salt % ALPHABET.length;
  const filler = (ALPHABET[first] ?? '').repeat(fillers(first));
  let previous = first;
  const coded = Array.from(octets, (octet, position) => {
    let rest = octet;
    const gaps = weightsAt(position)
      .toReversed()
      .map((weight) => {
        const gap = Math.floor(rest / weight);
        rest %= weight;
        return gap;
      });
    return gaps
      .reverse()
      .map((gap) => {
        previous = (previous + gap + 1) % ALPHABET.length;
        return ALPHABET[previous] ?? '';
      })
      .join('');
  });
  return `${PREFIX}${ALPHABET[first] ?? ''}${filler}${coded.join('')}`;
}

function weightsAt(position: number): readonly number[] {
  return WEIGHTS[position % WEIGHTS.length] ?? [];
}

/** Characters behind the salt that say nothing. */
function fillers(salt: number): number {
  const character = ALPHABET[salt] ?? '';
  return 3 - FAMILIES.findIndex((family) => family.includes(character));
}
