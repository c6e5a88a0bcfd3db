import type { Engine } from '../engine.ts';
import { nobleEngine } from '../noble/engine.ts';
import { wasmEngine } from './engine.ts';
import { checkArena, type WasmEngineOptions } from './kernel-engine.ts';
import { simdLevel } from './kernels/level.ts';

/** The engine that `autoEngine` took, and why. */
export interface ChosenEngine {
  readonly engine: Engine;
  /** For people: what was found, and what the engine runs on; where it is not the fastest of its kind, why not. */
  readonly reason: string;
}

/**
 * The fastest engine that needs nothing but the language and WebAssembly, and that gives known answers on this platform;
 * and why it is that one. Where WebAssembly may not be compiled, as in a page whose policy forbids it, that is \`noble\`.
 * @throws RangeError unless \`arenaOctets\` is an integer from 1 to 2^31.
 */
export function autoEngine(options: WasmEngineOptions = {}): ChosenEngine {
  checkArena(options.arenaOctets);
  const level = simdLevel();
  if (level === 'none') return { engine: nobleEngine(), reason: 'this platform has no WebAssembly with SIMD' };
  return firstOf([
    () => ({ engine: wasmEngine(options), reason: `WebAssembly kernels with ${kernelsWith(level)}` }),
    () => ({ engine: nobleEngine(), reason: 'plain JavaScript' }),
  ]);
}

/** What kernels of that level are made of. */
export function kernelsWith(level: 'simd' | 'relaxed'): string {
  return level === 'relaxed' ? 'relaxed SIMD' : 'SIMD without its relaxed part';
}

/** The first engine that can be made, and why those before it could not. @throws What the last one throws. */
export function firstOf([first, ...rest]: readonly (() => ChosenEngine)[]): ChosenEngine {
  if (first === undefined) throw new TypeError('no engine can be made on this platform');
  if (rest.length === 0) return first();
  try {
    return first();
  } catch (error) {
    const chosen = firstOf(rest);
    return { ...chosen, reason: `${chosen.reason}, for ${error instanceof Error ? error.message : String(error)}` };
  }
}
