/** Runs a program with its options; says how it is used where that is asked for, or they are wrong, and then ends with status 2. */
export async function runProgram<Options>(
  usage: string,
  readOptions: (args: readonly string[], environment: Readonly<Record<string, string | undefined>>) => Options | 'help',
  run: (options: Options) => Promise<void>,
): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options === 'help') process.stdout.write(usage);
    else await run(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exitCode = 2;
  }
}
