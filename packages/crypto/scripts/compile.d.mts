export function compile(
  entry: string,
  sources: ReadonlyMap<string, string>,
  flags: readonly string[],
): Promise<Uint8Array<ArrayBuffer>>;
