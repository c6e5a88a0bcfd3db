import type { EspTransformOptions } from '../../engine.ts';
import type { EspEncryption, EspIntegrity } from '../../suites/suites.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { withSecrets } from '../memory/secrets.ts';
import { KernelTransform } from './kernel-transform.ts';

/** Both pads' states, at the front of a context. */
const HMAC_CONTEXT_OCTETS = 128;

/** The kernels' number of each hash. */
const KERNEL_HASH: Readonly<Record<Exclude<EspIntegrity, 'none'>, number>> = {
  'hmac-md5-96': 0,
  'hmac-sha1-96': 1,
  'hmac-sha2-256-128': 2,
  'hmac-sha2-384-192': 3,
  'hmac-sha2-512-256': 4,
};

/** What the ciphertext must be whole blocks of. */
const BLOCK_OCTETS: Readonly<Partial<Record<EspEncryption, number>>> = { 'des-cbc': 8, '3des-cbc': 8, 'aes-cbc': 16 };

/** A cipher in CBC mode, or none, then HMAC over all from the SPI to the last block (RFC 4303 §3.3.2.1). */
abstract class HmacTransform extends KernelTransform {
  protected readonly hash: number;

  constructor(
    memory: KernelMemory,
    options: EspTransformOptions,
    integrity: Exclude<EspIntegrity, 'none'>,
    constantTime: boolean,
  ) {
    super(memory, options, BLOCK_OCTETS[options.suite.encryption] ?? 1, constantTime);
    this.hash = KERNEL_HASH[integrity];
    const key = options.keys.integrity;
    withSecrets(memory, [key], (at) => memory.kernels.hmacKey(this.context, this.hash, at, key.length));
  }

  protected override sealEntered(count: number, freshIv: boolean): void {
    this.encrypt(count, freshIv);
    this.memory.kernels.hmacSeal(this.context, this.hash, count, this.suite.icvOctets, this.esn);
  }

  protected override openEntered(count: number): void {
    this.memory.kernels.hmacOpen(this.context, this.hash, count, this.suite.icvOctets, this.esn);
    this.decrypt(count);
  }

  protected abstract encrypt(count: number, freshIv: boolean): void;
  /** Decrypts the packets that are alive. */
  protected abstract decrypt(count: number): void;

  /** Address of the cipher's part of the context. */
  protected get cipherContext(): number {
    return this.context + HMAC_CONTEXT_OCTETS;
  }

  /** Writes an unpredictable IV into every packet (RFC 3602 §3). */
  protected placeIvs(count: number): void {
    const { ivOctets } = this.suite;
    this.memory.kernels.placeIvs(this.memory.random.take(this.rng, count * ivOctets), ivOctets, count);
  }
}

/** NULL encryption (RFC 2410). */
export class NullHmacTransform extends HmacTransform {
  constructor(memory: KernelMemory, options: EspTransformOptions, integrity: Exclude<EspIntegrity, 'none'>) {
    super(memory, options, integrity, true);
  }

  protected override encrypt(): void {}
  protected override decrypt(): void {}
}

/** DES-CBC (RFC 2405) and 3DES-CBC (RFC 2451). Sealing a few packets looks secrets up in tables, unless strict. */
export class DesHmacTransform extends HmacTransform {
  readonly #triple: 0 | 1;
  readonly #strict: 0 | 1;

  constructor(memory: KernelMemory, options: EspTransformOptions, integrity: Exclude<EspIntegrity, 'none'>) {
    const { suite, keys, direction, strictConstantTime } = options;
    super(memory, options, integrity, direction === 'open' || strictConstantTime === true);
    this.#triple = suite.encryption === '3des-cbc' ? 1 : 0;
    this.#strict = strictConstantTime === true ? 1 : 0;
    withSecrets(memory, [keys.encryption], (at) => memory.kernels.desKey(this.cipherContext, at, this.#triple));
  }

  protected override encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.placeIvs(count);
    this.memory.kernels.desSeal(this.cipherContext, count, this.suite.icvOctets, this.#triple, this.#strict);
  }

  protected override decrypt(count: number): void {
    this.memory.kernels.desOpen(this.cipherContext, count, this.suite.icvOctets, this.#triple);
  }
}

/** AES-CBC (RFC 3602). */
export class AesHmacTransform extends HmacTransform {
  constructor(memory: KernelMemory, options: EspTransformOptions, integrity: Exclude<EspIntegrity, 'none'>) {
    super(memory, options, integrity, true);
    const key = options.keys.encryption;
    withSecrets(memory, [key], (at) => memory.kernels.aesKey(this.cipherContext, at, key.length));
  }

  protected override encrypt(count: number, freshIv: boolean): void {
    if (freshIv) this.placeIvs(count);
    this.memory.kernels.aesCbcSeal(this.cipherContext, count, this.suite.icvOctets);
  }

  protected override decrypt(count: number): void {
    this.memory.kernels.aesCbcOpen(this.cipherContext, count, this.suite.icvOctets);
  }
}
