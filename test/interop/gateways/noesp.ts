import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../machine/command.ts';

const SOURCE = fileURLToPath(new URL('../../gateways/noesp.c', import.meta.url));

/** Preloaded, it lets a daemon finish Quick Mode on a kernel without ESP; compiled when it is first wanted. */
export async function noEspShim(runFolder: string, signal: AbortSignal): Promise<string> {
  const shim = join(runFolder, 'noesp.so');
  if (!existsSync(shim)) await must(['gcc', '-shared', '-fPIC', '-O1', '-o', shim, SOURCE], { signal });
  return shim;
}
