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

/** A moment, to the microsecond, in UTC; nothing where the file does not say. */
export function moment(time: number): string {
  if (time === 0) return '';
  const micros = Math.round((time % 1) * 1e6);
  return `${new Date(Math.floor(time) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${String(micros).padStart(6, '0')}`;
}

export function spi(value: number): string {
  return value.toString(16).padStart(8, '0');
}
