import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The folder of vectors and captures beside the repository; absent on a stranger's clone. */
const root = new URL('../../shared/', import.meta.url);

export const hasShared: boolean = existsSync(new URL('vectors/MANIFEST.md', root));

if (!hasShared) console.warn('../shared is missing: tests that read its vectors and captures are skipped');

export function sharedUrl(path: string): URL {
  return new URL(path, root);
}

export function sharedFile(path: string): Uint8Array {
  const octets = readFileSync(sharedUrl(path));
  return path.endsWith('.gz') ? gunzipSync(octets) : octets;
}

/** Reads JSON, gunzipping `.gz`; the caller names the shape it expects. */
export function sharedJson<T>(path: string): T {
  return JSON.parse(new TextDecoder().decode(sharedFile(path)));
}
