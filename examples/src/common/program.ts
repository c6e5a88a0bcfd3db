/**
 * Runs a program with its options; says how it is used where that is asked for, or they are wrong, and then ends with status 2.
 * What goes wrong later is said, and ends it with status 1.
 */
export async function runProgram<Options>(
  usage: string,
  readOptions: (args: readonly string[], environment: Readonly<Record<string, string | undefined>>) => Options | 'help',
  run: (options: Options) => Promise<void>,
): Promise<void> {
  const options = optionsOf(usage, readOptions);
  if (options === undefined) return;
  try {
    await run(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Has a driver close, which tells the peers, when the program is to end. */
export function closeOnSignal(driver: { close(): Promise<void> }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => driver.close());
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function optionsOf<Options>(
  usage: string,
  readOptions: (args: readonly string[], environment: Readonly<Record<string, string | undefined>>) => Options | 'help',
): Options | undefined {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options !== 'help') return options;
    process.stdout.write(usage);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}`);
    process.exitCode = 2;
  }
  return undefined;
}
