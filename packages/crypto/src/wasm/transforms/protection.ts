import type { EspTransformOptions } from '../../engine.ts';
import type { AeadArm } from '../../engine-parts.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { IvPlacer } from './ivs.ts';

/** SPI and sequence number (RFC 4303 §2). */
export const ESP_HEADER_OCTETS = 8;

/**
 * What is done to the packets at the front of the job table, each with the keys of its own context. All of them are of this
 * one's suite and direction: what one SA has made does for the packets of many.
 */
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
  /** Forgets keys that are not in the context. */
  wipe(): void;
}

/** What an arm is keyed with. */
export interface Keying {
  readonly memory: KernelMemory;
  /** Address of zeros, as many as the arm said. */
  readonly context: number;
  /** How far into the packets' contexts that is. */
  readonly keysAt: number;
  readonly options: EspTransformOptions;
  readonly placeIvs: IvPlacer;
}

/** How a part of a suite is keyed on kernels. */
export interface KernelArm<Keyed> {
  /** Octets of keys and schedules in the kernels' memory: a multiple of 16. */
  contextOctets(options: EspTransformOptions): number;
  key(keying: Keying): Keyed;
}

export interface KernelAeadArm extends AeadArm, KernelArm<Protection> {}
