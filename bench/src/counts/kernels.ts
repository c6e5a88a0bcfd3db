import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Octets of one build of the WebAssembly kernels, and of the file that embeds it, compressed. */
export interface KernelOctets {
  readonly build: 'kernels' | 'kernels-relaxed';
  readonly module: number;
  readonly compressed: number;
}

export function kernelOctets(build: KernelOctets['build']): KernelOctets {
  const file = new URL(`../../../packages/crypto/src/wasm/kernels/${build}.generated.ts`, import.meta.url);
  const source = readFileSync(file, 'utf8');
  const text = [...source.slice(source.indexOf('text:')).matchAll(/^ {4}'(.+)'/gm)].map(([, line]) => line).join('');
  return { build, module: text.replace(/[}~]/g, '').length, compressed: gzipSync(source, { level: 9 }).length };
}
