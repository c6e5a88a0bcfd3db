/** @throws TypeError unless there is a list of SAs. */
export function requireSas(sas: readonly unknown[]): void {
  if (!Array.isArray(sas)) throw new TypeError('sas must be an array');
}

/** The end of the packets from `from` on that are neighbours and of one SA. */
export function endOfRun(sas: readonly unknown[], from: number, size: number): number {
  const sa = sas[from];
  let end = from + 1;
  while (end < size && sas[end] === sa) end += 1;
  return end;
}
