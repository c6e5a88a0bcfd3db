import type { Engine } from '../engine.ts';
import { espOnlyEngine } from './esp-only.ts';
import type { WasmEngineOptions } from './kernel-engine.ts';
import { SIMD } from './kernels/simd.ts';

export type { WasmEngineOptions } from './kernel-engine.ts';

/**
 * An engine for ESP alone on kernels with SIMD without its relaxed part: a page that has no IKE loads no Diffie-Hellman, no MACs for AH, no
 * second module and no portable engine. Asked for these, or for a suite that kernels lack, it throws TypeError.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 * @throws TypeError where the platform computes known answers wrongly; what the platform throws where it has no such
 * WebAssembly, or where that may not be compiled.
 */
export function wasmEngine(options: WasmEngineOptions = {}): Engine {
  return espOnlyEngine(options, SIMD);
}
