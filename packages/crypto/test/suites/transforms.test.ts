import { ESP_SUITES, espSuite, keyLimits } from '@espalier/crypto';
import { expect, test } from 'vitest';
import { AEADS } from '../../src/suites/aeads.ts';
import { CIPHERS, type CipherParts } from '../../src/suites/ciphers.ts';
import { MACS, NO_MAC } from '../../src/suites/macs.ts';
import type { TransformSource } from '../../src/suites/status.ts';
import { ENGINES } from '../support/engines.ts';
import { isOnKernels } from '../support/suites.ts';

type Cell = string | number;

test('docs/reference/transforms.md has the transforms as they are (vitest -u writes it anew)', async () => {
  await expect(pages()).toMatchFileSnapshot('../../../../docs/reference/transforms.md');
});

test('every part is in the table once', () => {
  expect(new Set([...CIPHERS, ...AEADS].map(({ name }) => name)).size).toBe(CIPHERS.length + AEADS.length);
  expect(ESP_SUITES.length).toBe(CIPHERS.length * MACS.length + AEADS.length);
});

function pages(): string {
  return [
    '# Transforms',
    '',
    'Written by `packages/crypto/test/suites/transforms.test.ts` from the tables in `packages/crypto/src/suites`. Lengths are in',
    'octets. The status is that of RFC 8221; `unlisted` is what it does not name. Limits are the hard ones of `keyLimits`, in one',
    'direction of an SA; a key is renewed at a quarter of them. Every engine has all of them: what is not named for `wasm` or',
    '`node` they compute as `noble` does.',
    '',
    '## Ciphers, each with every MAC',
    '',
    ...table(
      ['name', 'key', 'salt', 'IV', 'block', 'defined in', 'status', 'limit', 'engines'],
      CIPHERS.map((row) => [
        row.name,
        ...lengths(row),
        row.blockOctets,
        ...source(row),
        limit(`${row.name}/hmac-sha1-96`),
        engines(`${row.name}/hmac-sha1-96`),
      ]),
    ),
    '',
    '## AEADs',
    '',
    'The block is 1. AES-GMAC encrypts nothing. An IV of 0 octets is implicit.',
    '',
    ...table(
      ['name', 'key', 'salt', 'IV', 'ICV', 'defined in', 'status', 'limit', 'engines'],
      AEADS.map((row) => [
        row.name,
        ...lengths(row),
        row.icvOctets,
        ...source(row),
        limit(row.name),
        engines(row.name),
      ]),
    ),
    '',
    '## MACs',
    '',
    'Those of ESP are those of AH, which every engine has. `none` is for ciphers with unpredictable IVs alone, in ESP that has AH',
    'around it or that a caller takes so by name (`UNAUTHENTICATED_SUITES`). AH has AES-GMAC as well (RFC 4543 §4), on every engine:',
    '`aes-128-gmac`, `aes-192-gmac`, `aes-256-gmac`, whose keys end with four octets of salt, with 8 octets of IV, which are the',
    'sequence number, in front of an ICV of 16. Its limit is that of GCM.',
    '',
    ...table(
      ['name', 'key', 'ICV', 'defined in', 'status', 'limit', 'engines, in ESP'],
      [...MACS, NO_MAC].map((row) => [
        row.integrity,
        row.keyOctets,
        row.icvOctets,
        ...source(row),
        row === NO_MAC ? 'none' : limit(`null/${row.integrity}`),
        engines(`3des-cbc/${row.integrity}`),
      ]),
    ),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function lengths({ keyOctets, saltOctets, ivOctets }: CipherParts): Cell[] {
  return [keyOctets, saltOctets, ivOctets];
}

function source({ reference, status }: TransformSource): Cell[] {
  return [
    reference,
    status.replace('-', ' ').toUpperCase().replace('MUST MINUS', 'MUST-').replace('UNLISTED', 'unlisted'),
  ];
}

function limit(name: string): string {
  const { packets, octets } = keyLimits(espSuite(name)).hard;
  const parts = [packets && `2^${Math.log2(packets)} packets`, octets && `2^${Math.log2(octets)} octets`];
  return parts.filter(Boolean).join(', ') || 'none';
}

function engines(name: string): string {
  const suite = espSuite(name);
  const own = ENGINES.filter((engine) => engine.name === 'noble' || isOnKernels(suite));
  return own.map((engine) => engine.name).join(', ');
}
