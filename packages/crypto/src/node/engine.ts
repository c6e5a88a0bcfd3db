import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { createKernelMemory, kernelEngine, kernelTransform, type WasmEngineOptions } from '../wasm/engine.ts';
import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { NodeAesHmacTransform } from './aes-cbc.ts';
import { NodeGcmTransform } from './aes-gcm.ts';
import { createNodeDhKeyPair } from './dh.ts';

/**
 * The engine for Node: AES and Diffie-Hellman by node:crypto, all else on the WebAssembly kernels. Keys that node:crypto
 * holds are freed with their SA, when the garbage collector comes to it.
 * @throws TypeError where the platform has no WebAssembly with SIMD.
 */
export function nodeEngine(options: WasmEngineOptions = {}): Engine {
  const memory = createKernelMemory(options);
  return kernelEngine('node', memory, (transform) => nodeTransform(memory, transform), createNodeDhKeyPair);
}

function nodeTransform(memory: KernelMemory, options: EspTransformOptions): EspTransform {
  const { encryption, integrity } = options.suite;
  if (encryption === 'aes-gcm-16') return new NodeGcmTransform(memory, options);
  if (encryption === 'aes-cbc' && integrity !== 'none') return new NodeAesHmacTransform(memory, options, integrity);
  return kernelTransform(memory, options);
}
