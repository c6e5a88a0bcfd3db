import { appendFileSync, writeFileSync } from 'node:fs';
import type { RecordingOptions } from '@espalier/ike';

/** A recording into a file, made anew, that its owner alone can read. */
export function recordingInto(file: string, secrets: boolean): RecordingOptions {
  writeFileSync(file, '', { mode: 0o600 });
  return { secrets, write: (line) => appendFileSync(file, `${line}\n`) };
}
