import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeEngine } from '@espalier/crypto/node';
import { ENDING, readTranscript, writeTranscript } from './file.ts';
import { again, outcomesOf, unlessOtherwise } from './transcript.ts';

/**
 * Does the transcripts in a folder again and writes them as they go today. Returns those that it leaves as they were, for
 * they come to another end, or draw otherwise: with what the peer answered then they are no sessions any more.
 */
export function renewTranscripts(folder: string): readonly string[] {
  const engine = nodeEngine();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ENDING));
  return files.filter((name) => {
    const file = join(folder, name);
    const then = readTranscript(file);
    const today = unlessOtherwise(() => again(then, engine));
    if (today === undefined || outcomesOf(today).join() !== outcomesOf(then).join()) return true;
    if (today !== then) writeTranscript(file, today);
    return false;
  });
}
