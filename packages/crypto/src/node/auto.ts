import { type ChosenEngine, firstOf, kernelsWith, autoEngine as portableEngine } from '../wasm/auto.ts';
import { checkArena, type WasmEngineOptions } from '../wasm/kernel-engine.ts';
import { simdLevel } from '../wasm/kernels/level.ts';
import { nodeEngine } from './engine.ts';

/**
 * The fastest engine of this Node that gives known answers, and why it is that one.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 */
export function autoEngine(options: WasmEngineOptions = {}): ChosenEngine {
  checkArena(options.arenaOctets);
  const level = simdLevel();
  if (level === 'none') return portableEngine(options);
  return firstOf([
    () => ({
      engine: nodeEngine(options),
      reason: `node:crypto for AES, kernels with ${kernelsWith(level)} for the rest`,
    }),
    () => portableEngine(options),
  ]);
}
