/** 1234567 as `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 packet`, `2 packets`. */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Octets as people say them. */
export function size(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = octets / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** A span of seconds. */
export function span(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** From the year 0 to the year 9999, in seconds since 1970: a file may say any time at all. */
const CALENDAR = [-62_167_219_200, 253_402_300_799] as const;

/** A moment, to the microsecond, in UTC; nothing where the file does not say, and seconds where that calendar ends. */
export function moment(time: number): string {
  if (time === 0) return '';
  const [first, last] = CALENDAR;
  if (!(time >= first && time < last)) return `${time} s since 1970`;
  const ticks = Math.round(time * 1e6);
  const seconds = Math.floor(ticks / 1e6);
  const date = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${date}.${String(ticks - seconds * 1e6).padStart(6, '0')}`;
}

export function spi(value: number): string {
  return value.toString(16).padStart(8, '0');
}
