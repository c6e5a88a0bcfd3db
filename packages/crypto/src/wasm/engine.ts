import { createDhKeyPair } from '../dh/key-pair.ts';
import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { checkEspKeys } from '../esp-keys.ts';
import { ESP_SUITES, type EspSuite } from '../suites/suites.ts';
import { simdLevel } from './kernels/kernels.ts';
import { KernelMemory } from './memory/kernel-memory.ts';
import { AesHmacTransform, DesHmacTransform, NullHmacTransform } from './transforms/cbc-hmac.ts';
import { ChachaTransform } from './transforms/chacha20-poly1305.ts';
import { GcmTransform } from './transforms/gcm.ts';

/** How much memory the kernels have for packets and keys. */
export interface WasmEngineOptions {
  /** Octets of the arena: what `allocate` gives out, and 1024 for every transform. Default 16 MiB; it never grows. */
  readonly arenaOctets?: number;
}

const ARENA_OCTETS = 16 * 1024 * 1024;

/**
 * The engine on WebAssembly SIMD kernels, for browsers and Node alike. Its module is embedded: loading needs no I/O.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 * @throws TypeError where the platform has no WebAssembly with SIMD.
 */
export function wasmEngine(options: WasmEngineOptions = {}): Engine {
  const memory = createKernelMemory(options);
  return kernelEngine('wasm', memory, (transform) => kernelTransform(memory, transform), createDhKeyPair);
}

/**
 * @throws RangeError for `arenaOctets` out of bounds.
 * @throws TypeError where the platform has no WebAssembly with SIMD.
 */
export function createKernelMemory({ arenaOctets = ARENA_OCTETS }: WasmEngineOptions): KernelMemory {
  if (!(Number.isSafeInteger(arenaOctets) && arenaOctets > 0 && arenaOctets <= 2 ** 31)) {
    throw new RangeError('arenaOctets must be an integer from 1 to 2^31');
  }
  const level = simdLevel();
  if (level === 'none') throw new TypeError('this platform has no WebAssembly with SIMD');
  return new KernelMemory(arenaOctets, level);
}

/** An engine whose arena is `memory`. */
export function kernelEngine(
  name: string,
  memory: KernelMemory,
  transform: (options: EspTransformOptions) => EspTransform,
  createKeyPair: Engine['createDhKeyPair'],
): Engine {
  return {
    name,
    supports,
    allocate: (octets) => {
      const address = memory.take(octets);
      return memory.at(address, octets).fill(0);
    },
    release: (allocated) => {
      if (!memory.jobs.reaches(allocated)) throw new RangeError('this memory is not allocated from this engine');
      memory.giveBack(allocated.byteOffset);
    },
    createEspTransform: (options) => {
      if (!supports(options.suite)) throw new TypeError(`${options.suite.name} is not supported by ${name}`);
      checkEspKeys(options.suite, options.keys);
      return transform(options);
    },
    createDhKeyPair: createKeyPair,
  };
}

function supports(suite: EspSuite): boolean {
  return ESP_SUITES.includes(suite);
}

/** A transform that runs on kernels alone. */
export function kernelTransform(memory: KernelMemory, options: EspTransformOptions): EspTransform {
  const { encryption, integrity }: EspSuite = options.suite;
  if (integrity === 'none') {
    return encryption === 'aes-gcm-16' ? new GcmTransform(memory, options) : new ChachaTransform(memory, options);
  }
  if (encryption === 'null') return new NullHmacTransform(memory, options, integrity);
  if (encryption === 'aes-cbc') return new AesHmacTransform(memory, options, integrity);
  return new DesHmacTransform(memory, options, integrity);
}
