import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Octets of one build of the WebAssembly kernels. */
export interface KernelOctets {
  readonly build: 'kernels' | 'kernels-relaxed';
  readonly module: number;
  readonly compressed: number;
}

export function kernelOctets(build: KernelOctets['build']): KernelOctets {
  const file = new URL(`../../../packages/crypto/src/wasm/kernels/${build}.generated.ts`, import.meta.url);
  const base64 = [...readFileSync(file, 'utf8').matchAll(/'([A-Za-z0-9+/=]+)'/g)].map(([, line]) => line).join('');
  const octets = Buffer.from(base64, 'base64');
  return { build, module: octets.length, compressed: gzipSync(octets, { level: 9 }).length };
}
