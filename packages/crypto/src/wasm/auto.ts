import type { Engine } from '../engine.ts';
import { nobleEngine } from '../noble/engine.ts';
import { type WasmEngineOptions, wasmEngine } from './engine.ts';
import { simdLevel } from './kernels/kernels.ts';

/** The engine that `autoEngine` took, and why. */
export interface ChosenEngine {
  readonly engine: Engine;
  /** For people: what was found, and what the engine runs on. */
  readonly reason: string;
}

/** The fastest engine that needs nothing but the language and WebAssembly, and why it is that one. */
export function autoEngine(options: WasmEngineOptions = {}): ChosenEngine {
  const level = simdLevel();
  if (level === 'none') return { engine: nobleEngine(), reason: 'this platform has no WebAssembly with SIMD' };
  const kernels = level === 'relaxed' ? 'relaxed SIMD' : 'SIMD without its relaxed part';
  return { engine: wasmEngine(options), reason: `WebAssembly kernels with ${kernels}` };
}
