import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Case } from '../case.ts';

/** Of the name of a transcript's file: lines of JSON, by gzip. */
export const ENDING = '.jsonl.gz';

export function readTranscript(file: string | URL): string {
  return gunzipSync(readFileSync(file)).toString('utf8');
}

export function writeTranscript(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, gzipSync(text, { level: 9 }));
}

/** Where the transcripts of a case are in their folder: `PEER/ROLE/REST-OF-ITS-NAME`, whatever follows. */
export function stemOf({ name, peer, role }: Case): string {
  return `${peer}/${role}/${name.replace(`${peer}-${role}-`, '')}`;
}
