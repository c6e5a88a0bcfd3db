export type { ChosenEngine } from '../wasm/auto.ts';
export { autoEngine } from './auto.ts';
export { nodeEngine } from './engine.ts';
