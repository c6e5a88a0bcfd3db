import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeEngine } from '@espalier/crypto/node';
import type { Case } from '../case.ts';
import type { Testbed } from '../machine/testbed.ts';
import { compact } from './compact.ts';
import { ENDING, stemOf, writeTranscript } from './file.ts';

/** Writes what our side recorded in a case, and beside it, with `.2` and so on behind, what ours did when it was started again. */
export function keepTranscripts(bed: Testbed, folder: string, test: Case): void {
  const texts = bed.recordings.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  for (const [i, text] of texts.entries()) {
    const file = join(folder, `${stemOf(test)}${i === 0 ? '' : `.${i + 1}`}${ENDING}`);
    writeTranscript(file, compact(text, nodeEngine()));
  }
}
