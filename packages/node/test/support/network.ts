import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A network of its own, without rights on this machine's. */
const [UNSHARE, ...ALONE] = ['unshare', '--user', '--map-root-user', '--net'] as const;

/** Why there is none to be had here; undefined: there is. */
export function whyNoNetwork(): string | undefined {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (error) {
    return String(error);
  }
  const { status, error, stderr } = spawnSync(UNSHARE, [...ALONE, 'ip', 'link', 'show', 'lo']);
  return status === 0 ? undefined : (error?.message ?? String(stderr));
}

/** What a program that is given as its text prints there, where this host has an address. */
export function printedByText(text: string, address: string): string {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const script = `ip link set lo up && ip address add ${address}/32 dev lo && exec "$0" --input-type=module -e "$1"`;
  const argv = [...ALONE, 'sh', '-c', script, process.execPath, text];
  const { status, stdout, stderr } = spawnSync(UNSHARE, argv, { cwd, timeout: 25_000, encoding: 'utf8' });
  return `${stdout}${stderr}${status}`;
}

/** What a program of this folder prints there, on either stream, and the status with which it ends. */
export function printedInNetwork(program: string, ...words: readonly string[]): string {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const argv = [...ALONE, process.execPath, file, ...words];
  const { status, stdout, stderr } = spawnSync(UNSHARE, argv, { timeout: 25_000, encoding: 'utf8' });
  return `${stdout}${stderr}${status}`;
}
