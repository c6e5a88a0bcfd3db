import type { PrivateGroup } from './dh/private-group.ts';
import type { DhGroupNumber, DhKeyPair, DhSide } from './dh/types.ts';
import type { Rng } from './rng.ts';
import type { Signatures } from './signatures/signatures.ts';
import type { AhSuite } from './suites/ah.ts';
import type { EspSuite } from './suites/suites.ts';

/** The keys of one direction of an ESP SA. Lengths are those of the suite; others are a RangeError. */
export interface EspKeys {
  /** `suite.encryptionKeyOctets`; 0 octets for NULL. */
  readonly encryption: Uint8Array;
  /** `suite.saltOctets` of an AEAD or counter mode, taken from KEYMAT after the encryption key; 0 octets otherwise. */
  readonly salt: Uint8Array;
  /** `suite.integrityKeyOctets`; 0 octets for an AEAD. */
  readonly integrity: Uint8Array;
}

/** What one direction of an SA is keyed with. */
export interface EspTransformOptions {
  readonly suite: EspSuite;
  /** Taken over: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  readonly direction: 'seal' | 'open';
  /** Whether the high half of the sequence number is authenticated (RFC 4303 §2.2.1). */
  readonly esn: boolean;
  /** Source of IVs; required to seal with a cipher in CBC mode. */
  readonly rng?: Rng;
  /** Refuse to run where the engine's path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** Words of one job in `EspJobs.words`. */
export const JOB_WORDS = 4;
/** Offset of the SPI in `memory`. */
export const JOB_OFFSET = 0;
/** Octets from the SPI to the end of the ICV. */
export const JOB_LENGTH = 1;
/** High half of the sequence number, read as unsigned; ignored without ESN. */
export const JOB_SEQUENCE_HIGH = 2;
/** Written by `open`: 1 if the ICV was right and the payload is decrypted, else 0. `seal` writes 1. */
export const JOB_STATUS = 3;

/** Packets of one SA to be transformed in place; each is SPI | sequence | IV | ciphertext | ICV (RFC 4303 §2). */
export interface EspJobs {
  readonly words: Int32Array;
  count: number;
}

/**
 * One direction of one SA, keyed once: the cryptography alone. The caller has laid the packets out and checked their
 * lengths (whole cipher blocks, at least IV and ICV): see `@espalier/esp`. What is asked is done when a call returns.
 */
export interface EspTransform {
  readonly suite: EspSuite;
  /** False where this engine looks secrets up in tables for this suite. */
  readonly constantTime: boolean;
  /**
   * Encrypts in place and writes the ICV. `iv` 'fresh': this transform writes each IV (unpredictable for CBC, RFC 3602
   * §3; the sequence number for counter modes and AEADs, RFC 4106 §3.1); 'given': each packet already holds its IV.
   * @throws RangeError for a job outside of `memory` or shorter than header, IV and ICV; the jobs before it are sealed.
   */
  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined;
  /** Verifies, then decrypts in place; a packet whose ICV is wrong is left as it came, with status 0. */
  open(memory: Uint8Array, jobs: EspJobs): undefined;
  /** Overwrites the keys. Every later call throws TypeError. */
  wipe(): void;
}

/** What an AH SA is keyed with. */
export interface IcvTransformOptions {
  readonly suite: AhSuite;
  /** `suite.integrityKeyOctets`; copied. */
  readonly key: Uint8Array;
  /** Refuse to run where the engine's path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/**
 * A MAC keyed once: the ICVs of AH (RFC 4302 §2.6). The caller has laid the packet out with what is mutable as it is to
 * be authenticated, and knows that all offsets lie inside of their octets: a RangeError otherwise. Every call after `wipe`
 * throws TypeError.
 */
export interface IcvTransform {
  readonly suite: AhSuite;
  /** False where this engine looks secrets up in tables for this suite. */
  readonly constantTime: boolean;
  /**
   * Writes the `suite.icvOctets` octets of the ICV of `memory` from `from` to `to` into `icv` at `icvAt`, which may be the
   * same memory. The high half of an extended sequence number follows what is authenticated (RFC 4302 §2.5.1). Where the
   * suite has an IV, that is what lies at `icvAt`, which the caller has put there; the ICV comes behind it, and neither is to
   * be in what is authenticated (RFC 4543 §4).
   */
  compute(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): void;
  /** Whether that ICV is at `icvAt`, behind its IV, in constant time. */
  verify(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): boolean;
  /** Overwrites the key. */
  wipe(): void;
}

/** One way to compute. All engines give the same octets for the same keys, packets and IVs. */
export interface Engine {
  readonly name: string;
  supports(suite: EspSuite): boolean;
  /** Memory that this engine's kernels reach without a copy. @throws RangeError when the engine's arena is spent. */
  allocate(octets: number): Uint8Array;
  /** Gives back what `allocate` returned. */
  release(memory: Uint8Array): void;
  /**
   * @throws RangeError for keys of a wrong length; TypeError for a suite that this engine does not support, for one
   * that it does not compute in constant time where that was asked for, and for a missing `rng`.
   */
  createEspTransform(options: EspTransformOptions): EspTransform;
  /** What `sealMany` does, for an engine that gains by it; without it, it is done transform by transform. */
  sealMany?(memory: Uint8Array, jobs: EspJobs, transforms: readonly EspTransform[], iv: 'fresh' | 'given'): undefined;
  /** What `openMany` does, likewise. */
  openMany?(memory: Uint8Array, jobs: EspJobs, transforms: readonly EspTransform[]): undefined;
  /**
   * A MAC for AH. All engines have all of `AH_SUITES`.
   * @throws RangeError for a suite that is not known and for a key of a wrong length; TypeError for a key that is no
   * octets, and for a suite that is not computed in constant time where that was asked for.
   */
  createIcvTransform(options: IcvTransformOptions): IcvTransform;
  createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair;
  /** What `createPrivateGroupKeyPair` does, for an engine that has its own; without it, it is done by BigInt. */
  createPrivateGroupKeyPair?(group: PrivateGroup, rng: Rng): DhSide;
  readonly signatures: Signatures;
}
