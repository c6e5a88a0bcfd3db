import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../statistics.ts';

const CHILD = fileURLToPath(new URL('./cold-start-child.js', import.meta.url));
const STARTS = 7;

/** Milliseconds from the first import of the library to the first sealed packet: the median of fresh processes. */
export function coldStartMilliseconds(engine: 'noble' | 'wasm' | 'node'): number {
  return median(
    Array.from({ length: STARTS }, () => {
      const { status, stdout } = spawnSync(process.execPath, [CHILD, engine], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`a cold start of ${engine} failed`);
      return Number(stdout);
    }),
  );
}
