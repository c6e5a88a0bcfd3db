import { createDhKeyPair } from '../dh/groups.ts';
import type { Engine } from '../engine.ts';
import { armsOf, checkTransformOptions, type EngineParts } from '../engine-parts.ts';
import { provenEngine } from '../known-answers.ts';
import { nobleEngine } from '../noble/engine.ts';
import { simdLevel } from './kernels/kernels.ts';
import { KernelMemory } from './memory/kernel-memory.ts';
import { KERNEL_AEADS } from './transforms/aeads.ts';
import { KERNEL_CIPHERS } from './transforms/ciphers.ts';
import { encryptThenMac } from './transforms/encrypt-then-mac.ts';
import { KernelTransform } from './transforms/kernel-transform.ts';
import { LaneGroups } from './transforms/lane-group.ts';
import { KERNEL_MACS } from './transforms/macs.ts';
import { ManySas } from './transforms/many.ts';
import type { KernelAeadArm, KernelArm, KernelCipher, KernelMac } from './transforms/protection.ts';

/** How much memory the kernels have for packets and keys. */
export interface WasmEngineOptions {
  /**
   * Octets of the arena: what `allocate` gives out, and at most 512 for every transform. Default 60 MiB, of which the
   * platform provides what is used. It never grows.
   */
  readonly arenaOctets?: number;
}

export type KernelParts = EngineParts<KernelArm<KernelCipher>, KernelArm<KernelMac>, KernelAeadArm>;

/** What the kernels compute. */
export const KERNEL_PARTS: KernelParts = { ciphers: KERNEL_CIPHERS, macs: KERNEL_MACS, aeads: KERNEL_AEADS };

const ARENA_OCTETS = 60 * 1024 * 1024;

/**
 * The engine on WebAssembly SIMD kernels, for browsers and Node alike. Its module is embedded: loading needs no I/O.
 * @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31.
 * @throws TypeError where the platform has no WebAssembly with SIMD, or computes known answers wrongly; what the platform
 * throws where WebAssembly may not be compiled.
 */
export function wasmEngine(options: WasmEngineOptions = {}): Engine {
  return kernelEngine('wasm', createKernelMemory(options), KERNEL_PARTS, createDhKeyPair);
}

/**
 * @throws RangeError for `arenaOctets` out of bounds.
 * @throws TypeError where the platform has no WebAssembly with SIMD.
 */
export function createKernelMemory({ arenaOctets = ARENA_OCTETS }: WasmEngineOptions): KernelMemory {
  checkArena(arenaOctets);
  const level = simdLevel();
  if (level === 'none') throw new TypeError('this platform has no WebAssembly with SIMD');
  return new KernelMemory(arenaOctets, level);
}

/** @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31. */
export function checkArena(arenaOctets: number | undefined): void {
  if (arenaOctets === undefined) return;
  if (!(Number.isSafeInteger(arenaOctets) && arenaOctets > 0 && arenaOctets <= 2 ** 31)) {
    throw new RangeError('arenaOctets must be an integer from 1 to 2^31');
  }
}

/** Computes what kernels do not: suites with a part that they have no arm for, and the ICVs of AH. */
const PORTABLE: Engine = nobleEngine();

/**
 * An engine whose arena is `memory`, and that computes each part of a suite as `parts` has it, or as `noble` does.
 * @throws TypeError where it does not give known answers on this platform.
 */
export function kernelEngine(
  name: string,
  memory: KernelMemory,
  parts: KernelParts,
  createKeyPair: Engine['createDhKeyPair'],
): Engine {
  const groups = new LaneGroups();
  const many = new ManySas(memory);
  const engine: Engine = {
    name,
    supports: (suite) => armsOf(parts, suite) !== undefined || PORTABLE.supports(suite),
    allocate: (octets) => {
      const address = memory.take(octets);
      return memory.at(address, octets).fill(0);
    },
    release: (allocated) => {
      if (!memory.jobs.reaches(allocated)) throw new RangeError('this memory is not allocated from this engine');
      memory.giveBack(allocated.byteOffset);
    },
    createEspTransform: (given) => {
      const options = checkTransformOptions(given);
      const arms = armsOf(parts, options.suite);
      if (arms === undefined) return PORTABLE.createEspTransform(given);
      const arm = arms.aead ? arms.algorithm : encryptThenMac(arms.cipher, arms.mac);
      return new KernelTransform(memory, options, arm, groups.groupOf(options));
    },
    sealMany: (octets, jobs, transforms, iv) => many.seal(octets, jobs, transforms, iv),
    openMany: (octets, jobs, transforms) => many.open(octets, jobs, transforms),
    createIcvTransform: PORTABLE.createIcvTransform,
    createDhKeyPair: createKeyPair,
  };
  return provenEngine(`${name} ${memory.level}`, engine);
}
