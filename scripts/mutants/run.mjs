import { spawnSync } from 'node:child_process';

/** Runs a command to its end; whatever it prints goes to standard error. */
export function run(cwd, command, args) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
