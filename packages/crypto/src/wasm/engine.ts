import type { Engine } from '../engine.ts';
import { nobleEngine } from '../noble/engine.ts';
import { createKernelMemory, KERNEL_PARTS, kernelEngine, type WasmEngineOptions } from './kernel-engine.ts';
import type { KernelSource } from './kernels/kernels.ts';
import { simdLevel } from './kernels/level.ts';
import { RELAXED } from './kernels/relaxed.ts';
import { SIMD } from './kernels/simd.ts';

/**
 * The engine on WebAssembly SIMD kernels, for browsers and Node alike. Its module is embedded: loading needs no I/O.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 * @throws TypeError where the platform has no WebAssembly with SIMD, or computes known answers wrongly; what the platform
 * throws where WebAssembly may not be compiled.
 */
export function wasmEngine(options: WasmEngineOptions = {}): Engine {
  return kernelEngine('wasm', createKernelMemory(options, bestSource()), KERNEL_PARTS, nobleEngine());
}

/** The kernels for this platform. @throws TypeError where it has no WebAssembly with SIMD. */
export function bestSource(): KernelSource {
  const level = simdLevel();
  if (level === 'none') throw new TypeError('this platform has no WebAssembly with SIMD');
  return level === 'relaxed' ? RELAXED : SIMD;
}
