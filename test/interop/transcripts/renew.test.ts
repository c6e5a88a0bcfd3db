import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readTranscript, writeTranscript } from './file.ts';
import { renewTranscripts } from './renew.ts';

const KEPT = new URL('../../peers/transcripts/psk-crack/initiator/psk-crack.jsonl.gz', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'espalier-renew-'));
const kept = join(folder, 'kept.jsonl.gz');
afterAll(() => rmSync(folder, { recursive: true }));

it('a session whose end stays what it was is written as it goes today', () => {
  cpSync(KEPT, kept);
  const today = readTranscript(kept);
  writeTranscript(kept, today.replaceAll(/("octets":\{"hex":"[0-9a-f]{30})./g, '$1f'));
  expect(readTranscript(kept)).not.toBe(today);
  expect(renewTranscripts(folder)).toEqual([]);
  expect(readTranscript(kept)).toBe(today);
});

it.each([
  ['comes to another end', /^\{"event":.*\n/m],
  ['draws what it did not draw', /^\{"random":.*\n/m],
])('one that %s is named, and left as it was', (_, line) => {
  const then = readTranscript(KEPT).replace(line, '');
  writeTranscript(kept, then);
  expect(then).not.toBe(readTranscript(KEPT));
  expect(renewTranscripts(folder)).toEqual(['kept.jsonl.gz']);
  expect(readTranscript(kept)).toBe(then);
});
