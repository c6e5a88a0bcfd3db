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

/** `0:30:02.250` */
export function clockText(time: Instant | Duration): string {
  const whole = Math.round(time);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, whole % 60_000];
  return `${hours}:${String(minutes).padStart(2, '0')}:${(rest / 1000).toFixed(3).padStart(6, '0')}`;
}

function erase(characters: number): string {
  return characters === 0 ? '' : `\r${' '.repeat(characters)}\r`;
}
