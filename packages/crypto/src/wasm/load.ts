import type { Engine } from '../engine.ts';
import type { WasmEngineOptions } from './kernel-engine.ts';
import { simdLevel } from './kernels/level.ts';

export type { WasmEngineOptions } from './kernel-engine.ts';

/**
 * The engine for ESP alone that this platform runs fastest. Its kernels are loaded when this is called, and no others.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 * @throws TypeError where the platform has no WebAssembly with SIMD, or computes known answers wrongly; what the platform
 * throws where WebAssembly may not be compiled.
 */
export async function loadEngine(options: WasmEngineOptions = {}): Promise<Engine> {
  const level = simdLevel();
  if (level === 'none') throw new TypeError('this platform has no WebAssembly with SIMD');
  const { wasmEngine } = level === 'relaxed' ? await import('./relaxed.ts') : await import('./simd.ts');
  return wasmEngine(options);
}
