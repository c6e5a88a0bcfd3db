import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeEngine } from '@espalier/crypto/node';
import type { Case } from '../case.ts';
import type { Testbed } from '../machine/testbed.ts';
import { compact } from './transcript.ts';

/**
 * Writes what our side recorded in a case: `PEER/ROLE/REST-OF-ITS-NAME.jsonl` in `folder`, and one with `-2` behind when
 * ours was started again.
 */
export function keepTranscripts(bed: Testbed, folder: string, { name, peer, role }: Case): void {
  const rest = name.replace(`${peer}-${role}-`, '');
  const texts = bed.recordings.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  for (const [i, text] of texts.entries()) {
    const file = join(folder, peer, role, `${rest}${i === 0 ? '' : `-${i + 1}`}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, compact(text, nodeEngine()));
  }
}
