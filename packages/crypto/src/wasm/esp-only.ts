import type { Engine } from '../engine.ts';
import { WITHOUT_OTHERS } from '../lean/without.ts';
import { createKernelMemory, KERNEL_PARTS, kernelEngine, type WasmEngineOptions } from './kernel-engine.ts';
import type { KernelSource } from './kernels/kernels.ts';

/** An engine of one module of kernels, and of nothing else: ESP with what they have. */
export function espOnlyEngine(options: WasmEngineOptions, source: KernelSource): Engine {
  return kernelEngine('wasm', createKernelMemory(options, source), KERNEL_PARTS, WITHOUT_OTHERS);
}
