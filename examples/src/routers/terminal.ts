import type { Duration, Instant } from '@espalier/wire';

/** Where the demonstration tells its story. */
export interface Terminal {
  print(line?: string): void;
  /** Says how far a long work is; on a screen each one replaces the one before. */
  progress(line: string): void;
}

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
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

/** Hours, minutes and seconds: `00:30:02.250`. */
export function clockText(time: Instant | Duration): string {
  const milliseconds = Math.floor(time);
  const hours = Math.floor(milliseconds / 3_600_000);
  return `${String(hours).padStart(2, '0')}:${new Date(milliseconds % 3_600_000).toISOString().slice(14, 23)}`;
}

function erase(characters: number): string {
  return characters === 0 ? '' : `\r${' '.repeat(characters)}\r`;
}
