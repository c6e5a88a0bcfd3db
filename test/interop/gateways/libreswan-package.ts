import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../machine/command.ts';
import { check } from '../machine/failures.ts';

/** Debian's libreswan, unpacked in the folder of this run: it cannot be installed beside strongSwan. Fetched when it is first wanted. */
export async function libreswanHome(runFolder: string, signal: AbortSignal): Promise<string> {
  const home = join(runFolder, 'libreswan');
  if (existsSync(join(home, 'usr'))) return home;
  mkdirSync(home, { recursive: true });
  await must(['apt-get', '-q', 'download', 'libreswan'], { folder: home, seconds: 60, signal });
  await must(['dpkg', '-x', join(home, packageFile(home)), home], { signal });
  return home;
}

/** The version of the package that was fetched, if one was. */
export function libreswanVersion(runFolder: string): string | undefined {
  const home = join(runFolder, 'libreswan');
  return existsSync(home) ? packageFile(home).split('_')[1] : undefined;
}

function packageFile(home: string): string {
  const file = readdirSync(home).find((name) => name.endsWith('.deb'));
  check(file !== undefined, 'apt-get brought no package of libreswan');
  return file;
}
