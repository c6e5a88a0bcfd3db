import { endianness } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { koffiNative } from './koffi-native.ts';
import type { Native } from './native.ts';

let loading: Promise<Native> | undefined;

/** The functions of the process, once. Rejects with an Error that says why there are none. */
export function loadNative(): Promise<Native> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Native> {
  const { platform, arch, versions } = process;
  if (platform !== 'linux') throw new Error(`it is for Linux, and this is ${platform}`);
  if (!arch.endsWith('64') || endianness() !== 'LE')
    throw new Error(`it is for 64 bits, little-endian, not for ${arch}`);
  if ('bun' in versions || 'deno' in versions) throw new Error('it is for Node, whose event loop it uses');
  if (!isMainThread) throw new Error('it is for the main thread, whose event loop it uses');
  return koffiNative(await importKoffi());
}

async function importKoffi(): Promise<typeof import('koffi')> {
  try {
    return await import('koffi');
  } catch (error) {
    throw new Error('koffi, an optional peer dependency, is not installed', { cause: error });
  }
}
