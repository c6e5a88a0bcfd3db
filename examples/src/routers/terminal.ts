import type { Duration, Instant } from '@espalier/wire';

/** Where the demonstration tells its story. */
export interface Terminal {
  print(line?: string): void;
  /** Says how far a long work is; on a screen each one replaces the one before. */
  progress(line: string): void;
}

/** The terminal of a demonstration. Whoever reads its output and stops has seen enough. */
export function standardTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return createTerminal(process.stdout);
}

/** The last words of a demonstration, which exits non-zero where something differs from what `original` shows. */
export function conclude(
  terminal: Terminal,
  original: string,
  differences: readonly string[],
  startedAt: number,
): void {
  for (const difference of differences) terminal.print(`DIFFERS: ${difference}`);
  const verdict = differences.length === 0 ? `All as ${original} shows it` : `Not as ${original} shows it`;
  terminal.print(`${verdict}; ${((performance.now() - startedAt) / 1000).toFixed(1)} s of real time.`);
  if (differences.length > 0) process.exitCode = 1;
}

/** Hours, minutes and seconds: `00:30:02.250`. */
export function clockText(time: Instant | Duration): string {
  const milliseconds = Math.floor(time);
  const hours = Math.floor(milliseconds / 3_600_000);
  return `${String(hours).padStart(2, '0')}:${new Date(milliseconds % 3_600_000).toISOString().slice(14, 23)}`;
}

function createTerminal(stream: NodeJS.WriteStream): Terminal {
  let shown = 0;
  return {
    print(line = '') {
      stream.write(`${erase(shown)}${line}\n`);
      shown = 0;
    },
    progress(line) {
      stream.write(stream.isTTY ? `${erase(shown)}${line}` : `${line}\n`);
      shown = stream.isTTY ? line.length : 0;
    },
  };
}

function erase(characters: number): string {
  return characters === 0 ? '' : `\r${' '.repeat(characters)}\r`;
}
