/** `ESPALIER_WRITE=vectors npx vitest run packages/testing/test/vectors/written.test.ts -u` writes `vectors/` anew. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { espVectors } from './esp.ts';
import { espOutboundVectors } from './esp-outbound.ts';
import type { VectorFile } from './format.ts';
import { IKE_VECTOR_NAMES, ikeVectors } from './ike.ts';
import { pkiVectors } from './pki.ts';
import { wireVectors } from './wire.ts';

const { ESPALIER_WRITE } = process.env;

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../../vectors/${name}.json`, import.meta.url));
}

/** A line for each vector, so that a change shows which. */
function textOf({ vectors, ...head }: VectorFile<unknown>): string {
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`);
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

describe('the vectors', () => {
  it.each([
    ['wire', wireVectors],
    ['esp', espVectors],
    ['esp-outbound', espOutboundVectors],
    ['pki', pkiVectors],
  ])('of %s are as they are made', async (name, vectors) => {
    await expect(textOf(vectors())).toMatchFileSnapshot(fileOf(name));
  });

  it('of ike are those that are made, though sessions may have come to look otherwise', async () => {
    if (ESPALIER_WRITE === 'vectors') {
      await expect(textOf(ikeVectors())).toMatchFileSnapshot(fileOf('ike'));
    } else {
      const { vectors } = JSON.parse(readFileSync(fileOf('ike'), 'utf8'));
      expect(vectors.map(({ name }: { name: string }) => name)).toEqual(IKE_VECTOR_NAMES);
    }
  });
});
