import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** By which a test changes what all files of a worker have, loads something for its effect, measures the process, or needs its event loop. */
const TAKES_HOLD = /\bvi\.|\bglobalThis\b|\bimport\(|memoryUsage|cpuUsage|process-memory|\bLinux\.load\(/;

/** The test files that need a worker of their own, as paths from the root. All others take turns in one per processor. */
export function filesAlone(): readonly string[] {
  return ['packages', 'apps', 'bench', 'soak', 'examples', 'test']
    .flatMap(filesIn)
    .filter((file) => file.endsWith('.test.ts') && TAKES_HOLD.test(readFileSync(`${root}${file}`, 'utf8')));
}

/** Of a folder and those in it, but for what is installed there. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(`${root}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' ? [] : filesIn(path);
  });
}
