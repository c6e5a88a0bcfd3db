import { type ChosenEngine, autoEngine as portableEngine } from '../wasm/auto.ts';
import type { WasmEngineOptions } from '../wasm/engine.ts';
import { simdLevel } from '../wasm/kernels/kernels.ts';
import { nodeEngine } from './engine.ts';

/** The fastest engine of this Node, and why it is that one. */
export function autoEngine(options: WasmEngineOptions = {}): ChosenEngine {
  const level = simdLevel();
  if (level === 'none') return portableEngine(options);
  const kernels = level === 'relaxed' ? 'relaxed SIMD' : 'SIMD without its relaxed part';
  return { engine: nodeEngine(options), reason: `node:crypto for AES, kernels with ${kernels} for the rest` };
}
