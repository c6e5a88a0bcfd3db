export { autoEngine, type ChosenEngine } from './auto.ts';
export { wasmEngine } from './engine.ts';
export type { WasmEngineOptions } from './kernel-engine.ts';
