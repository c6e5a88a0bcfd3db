import type { Engine } from '../engine.ts';
import { armsOf, checkTransformOptions, type EngineParts } from '../engine-parts.ts';
import { provenEngine } from '../known-answers.ts';
import type { KernelSource } from './kernels/kernels.ts';
import { KernelMemory } from './memory/kernel-memory.ts';
import { KERNEL_AEADS } from './transforms/aeads/aeads.ts';
import { KERNEL_CIPHERS } from './transforms/ciphers/ciphers.ts';
import { encryptThenMac } from './transforms/encrypt-then-mac.ts';
import { KernelTransform } from './transforms/lanes/kernel-transform.ts';
import { LaneGroups } from './transforms/lanes/lane-group.ts';
import { ManySas } from './transforms/lanes/many.ts';
import { KERNEL_MACS } from './transforms/macs/macs.ts';
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

/** What an engine has that is no kernel's. */
export type OtherParts = Pick<
  Engine,
  'supports' | 'createEspTransform' | 'createIcvTransform' | 'createDhKeyPair' | 'signatures'
>;

/** @throws RangeError for `arenaOctets` out of bounds. */
export function createKernelMemory(
  { arenaOctets = ARENA_OCTETS }: WasmEngineOptions,
  source: KernelSource,
): KernelMemory {
  checkArena(arenaOctets);
  return new KernelMemory(arenaOctets, source);
}

/** @throws RangeError unless `arenaOctets` is an integer from 1 to 2^31. */
export function checkArena(arenaOctets: number | undefined): void {
  if (arenaOctets === undefined) return;
  if (!(Number.isSafeInteger(arenaOctets) && arenaOctets > 0 && arenaOctets <= 2 ** 31)) {
    throw new RangeError('arenaOctets must be an integer from 1 to 2^31');
  }
}

/**
 * An engine whose arena is `memory`, and that computes each part of a suite as `parts` has it; suites that these lack, the
 * ICVs of AH and key pairs as `others` does.
 * @throws TypeError where it does not give known answers on this platform.
 */
export function kernelEngine(name: string, memory: KernelMemory, parts: KernelParts, others: OtherParts): Engine {
  const groups = new LaneGroups();
  const many = new ManySas(memory);
  const engine: Engine = {
    name,
    supports: (suite) => armsOf(parts, suite) !== undefined || others.supports(suite),
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
      if (arms === undefined) return others.createEspTransform(given);
      const arm = arms.aead ? arms.algorithm : encryptThenMac(arms.cipher, arms.mac);
      return new KernelTransform(memory, options, arm, groups.groupOf(options));
    },
    sealMany: (octets, jobs, transforms, iv) => many.seal(octets, jobs, transforms, iv),
    openMany: (octets, jobs, transforms) => many.open(octets, jobs, transforms),
    createIcvTransform: others.createIcvTransform,
    createDhKeyPair: others.createDhKeyPair,
    signatures: others.signatures,
  };
  return provenEngine(`${name} ${memory.level}`, engine);
}
