import type { EspTransformOptions } from '../../engine.ts';
import type { AeadArm } from '../../engine-parts.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';

/** What the keys of one direction of an SA do to the packets at the front of the job table. */
export interface Protection {
  readonly constantTime: boolean;
  /** Encrypts and writes ICVs; `freshIv`: IVs too. */
  seal(count: number, freshIv: boolean): void;
  /** Verifies, then decrypts: what is refused is no longer alive, and left as it came. */
  open(count: number): void;
  /** Forgets keys that are not in the context. */
  wipe(): void;
}

/** A cipher over the text of the packets at the front of the job table. */
export interface KernelCipher {
  readonly constantTime: boolean;
  /** `freshIv`: writes the IVs, too. */
  encrypt(count: number, freshIv: boolean): void;
  /** Decrypts the packets that are alive. */
  decrypt(count: number): void;
  /** Forgets keys that are not in the context. */
  wipe(): void;
}

/** A MAC over the packets at the front of the job table, from the SPI to the ICV. */
export interface KernelMac {
  /** Writes the ICVs. */
  seal(count: number): void;
  /** Leaves those packets alive whose ICV is right. */
  open(count: number): void;
}

/** What an arm is keyed with. */
export interface Keying {
  readonly memory: KernelMemory;
  /** Address of zeros, as many as the arm said. */
  readonly context: number;
  readonly options: EspTransformOptions;
  /** Writes the IVs of the first `count` packets, as the suite has them. */
  readonly placeIvs: (count: number) => void;
}

/** How a part of a suite is keyed on kernels. */
export interface KernelArm<Keyed> {
  /** Octets of keys and schedules in the kernels' memory: a multiple of 16. */
  contextOctets(options: EspTransformOptions): number;
  key(keying: Keying): Keyed;
}

export interface KernelAeadArm extends AeadArm, KernelArm<Protection> {}
