import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));

/** What a decoder of `wire` hands out, which is plain whatever it was given; what an object has of its own. */
const DECODED = /(\bdata|this\.#\w+|\.(body|octets|spi)|Cookie|\bnextIv)$/;

/** Files that ask for octets by their name before they copy: what is copied there is plain. */
const DOOR = /\b(octetsView|octetsOf|plainOctets|copyOctets)\(/;

/** Files that no caller reaches but through a door that has asked, or whose octets are their own. */
const BEHIND_A_DOOR: readonly string[] = [
  'crypto/src/known-answers.ts',
  'gateway/src/outbound/path-mtu.ts',
  'gateway/src/packets/packet-queue.ts',
  'wire/src/ip/fragment-set.ts',
];

interface Copy {
  readonly file: string;
  readonly receiver: string;
}

/** `x.slice()`, the way to copy octets that copies none of a Node `Buffer`: it makes a view of it. */
function copies(file: string): readonly Copy[] {
  const text = readFileSync(`${packages}${file}`, 'utf8');
  if (DOOR.test(text)) return [];
  return [...text.matchAll(/([\w.#?[\]()' ]*[\w)\]])\??\.slice\(\)/g)].map(([, receiver = '']) => ({ file, receiver }));
}

const files = readdirSync(packages, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /^[a-z]+\/src\/.*\.ts$/.test(file) && !file.includes('.generated.'));

describe('octets that a caller may have in a Node Buffer', () => {
  it('are copied by copyOctets, or asked for by octetsView before they are sliced (a Buffer’s slice is a view)', () => {
    expect(files.length).toBeGreaterThan(200);
    const wrong = files
      .flatMap(copies)
      .filter(({ file, receiver }) => !BEHIND_A_DOOR.includes(file) && !DECODED.test(receiver.trim()));
    expect(wrong).toEqual([]);
  });

  it('and no file is excused that needs no excuse', () => {
    for (const file of BEHIND_A_DOOR) expect(copies(file), file).not.toEqual([]);
  });
});
