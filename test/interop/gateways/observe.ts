import { existsSync, readFileSync } from 'node:fs';

/** The text of a log; empty while there is none. */
export function readLog(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

export function countLines(text: string, pattern: RegExp): number {
  return text.split('\n').filter((line) => pattern.test(line)).length;
}

/** Resident memory of a process; 0 when there is no such process. */
export function residentOctets(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readLog(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Whether the process's network has a UDP socket on `port` (any address). */
export function listensOn(pid: number, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = [readLog(`/proc/${pid}/net/udp`), readLog(`/proc/${pid}/net/udp6`)].join('\n').split('\n');
  return rows.some((row) => row.trim().split(/\s+/)[1]?.endsWith(suffix));
}
