export { autoEngine, type ChosenEngine } from './auto.ts';
export { type WasmEngineOptions, wasmEngine } from './engine.ts';
