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
  'ike/src/v1/quick-mode/choice.ts',
  'wire/src/ip/fragment-set.ts',
];

/** Files that name `Uint8Array`, but where what is sliced from here to there is none, or is their own; and what it is. */
const NO_OCTETS_THERE: ReadonlyMap<string, string> = new Map([
  ['capture/src/observer/ike/reading/dh-privates.ts', 'a list of private values'],
  ['capture/src/observer/ike/reading/header.ts', 'a list of messages'],
  ['capture/src/observer/ike/reading/secrets.ts', 'lists of keys'],
  ['capture/src/packets/finder.ts', 'a list of layers'],
  ['crypto/src/known-answers.ts', 'words of jobs of its own'],
  ['crypto/src/integers.ts', 'hexadecimal digits'],
  ['ike/src/peer/peers.ts', 'lists of peers'],
  ['ike/src/recording/script.ts', 'text'],
  ['ike/src/reception.ts', 'hexadecimal digits'],
  ['ike/src/sa/ike-sas.ts', 'a list of IKE SAs'],
  ['ike/src/v1/identities.ts', 'a list of identities'],
  ['ike/src/v1/informational/informational.ts', 'hexadecimal digits'],
  ['ike/src/v1/proposals/describe.ts', 'lists of transforms'],
  ['ike/src/v1/quick-mode/choice.ts', 'lists of offers and of policies'],
  ['ike/src/v1/quick-mode/responder.ts', 'a list of policies'],
  ['junos/src/text/secret.ts', 'text'],
  ['junos/src/views/pki/certificates.ts', 'the name of a curve'],
  ['node/src/linux/udp/kernel-socket.ts', 'a list of datagrams'],
  ['pki/src/chain/name-constraints.ts', 'text'],
  ['pki/src/der/element.ts', 'digits of a time'],
  ['pki/src/issue/time.ts', 'text'],
  ['wire/src/addresses/ipv6-text.ts', 'groups of digits'],
  ['wire/src/addresses/prefix.ts', 'text'],
]);

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

/** `x.slice(a, b)` in a file that knows octets by their type: of texts and lists too, which look the same. */
function partialCopies(file: string): readonly Copy[] {
  const text = readFileSync(`${packages}${file}`, 'utf8');
  if (DOOR.test(text) || !text.includes('Uint8Array')) return [];
  return [...text.matchAll(/([\w.#?[\]()' ]*[\w)\]])\??\.slice\([^)]/g)]
    .map(([, receiver = '']) => ({ file, receiver }))
    .filter(({ receiver }) => !DECODED.test(receiver.trim()));
}

// Each `src` for itself: installed packages link to one another in circles, which Node 20 follows. What tests are made of
// makes its own octets.
const files = readdirSync(packages)
  .filter((name) => name !== 'testing')
  .flatMap((name) =>
    readdirSync(`${packages}${name}/src`, { recursive: true, encoding: 'utf8' }).map((file) => `${name}/src/${file}`),
  )
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.includes('.generated.'));

describe('octets that a caller may have in a Node Buffer', () => {
  it('are copied by copyOctets, or asked for by octetsView before they are sliced (a Buffer’s slice is a view)', () => {
    expect(files.length).toBeGreaterThan(200);
    const wrong = files
      .flatMap(copies)
      .filter(({ file, receiver }) => !BEHIND_A_DOOR.includes(file) && !DECODED.test(receiver.trim()));
    expect(wrong).toEqual([]);
  });

  it('and so are parts of them', () => {
    expect(files.flatMap(partialCopies).filter(({ file }) => !NO_OCTETS_THERE.has(file))).toEqual([]);
  });

  it('and no file is excused that needs no excuse', () => {
    for (const file of NO_OCTETS_THERE.keys()) expect(partialCopies(file), file).not.toEqual([]);
    for (const file of BEHIND_A_DOOR) expect(copies(file), file).not.toEqual([]);
  });
});
