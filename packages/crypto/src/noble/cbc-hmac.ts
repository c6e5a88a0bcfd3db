import type { EspTransformOptions } from '../engine.ts';
import { digestOf } from '../hash/digest/digest.ts';
import { HmacCore } from '../hash/digest/hmac-core.ts';
import type { HashName } from '../hash/hash.ts';
import { type CbcBlocks, keyCbc } from '../modes/cbc-blocks.ts';
import type { EspIntegrity } from '../suites/suites.ts';
import { IvPool } from './iv-pool.ts';
import { ESP_HEADER_OCTETS, JobTransform } from './job-transform.ts';

const HASHES: Readonly<Record<Exclude<EspIntegrity, 'none'>, HashName>> = {
  'hmac-md5-96': 'md5',
  'hmac-sha1-96': 'sha1',
  'hmac-sha2-256-128': 'sha2-256',
  'hmac-sha2-384-192': 'sha2-384',
  'hmac-sha2-512-256': 'sha2-512',
};

/** A cipher in CBC mode, or none, then HMAC over all from the SPI to the last block (RFC 4303 §3.3.2.1). */
export class CbcHmacTransform extends JobTransform {
  readonly constantTime: boolean;
  readonly #esn: boolean;
  readonly #mac: HmacCore;
  readonly #cipher: CbcBlocks | undefined;
  readonly #ivs: IvPool | undefined;

  constructor(options: EspTransformOptions, integrity: Exclude<EspIntegrity, 'none'>) {
    super(options, Math.max(1, options.suite.ivOctets));
    const { suite, keys, direction, esn } = options;
    this.constantTime = suite.encryption === 'null';
    this.#esn = esn;
    this.#mac = new HmacCore(digestOf(HASHES[integrity]), keys.integrity);
    this.#cipher = keyCipher(options);
    this.#ivs = this.#cipher && direction === 'seal' ? ivPool(options) : undefined;
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number, freshIv: boolean): void {
    const { ivOctets, icvOctets } = this.suite;
    const iv = from + ESP_HEADER_OCTETS;
    const icv = to - icvOctets;
    if (freshIv) this.#ivs?.write(view, iv, ivOctets);
    this.#cipher?.run(view, iv + ivOctets, icv);
    this.#mac.compute(view, from, icv, this.#esn ? sequenceHigh : undefined);
    this.#mac.write(view, icv, icvOctets);
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const { ivOctets, icvOctets } = this.suite;
    const icv = to - icvOctets;
    this.#mac.compute(view, from, icv, this.#esn ? sequenceHigh : undefined);
    if (!this.#mac.matches(view, icv, icvOctets)) return false;
    this.#cipher?.run(view, from + ESP_HEADER_OCTETS + ivOctets, icv);
    return true;
  }

  protected wipeKeys(): void {
    this.#mac.wipe();
    this.#cipher?.wipe();
    this.#ivs?.wipe();
  }
}

function keyCipher({ suite, keys, direction }: EspTransformOptions): CbcBlocks | undefined {
  const { encryption } = suite;
  if (encryption !== 'des-cbc' && encryption !== '3des-cbc' && encryption !== 'aes-cbc') return undefined;
  return keyCbc(encryption, keys.encryption, direction === 'seal' ? 'encrypt' : 'decrypt');
}

function ivPool({ rng, suite }: EspTransformOptions): IvPool {
  if (rng === undefined) throw new TypeError(`rng is required to seal with ${suite.name}`);
  return new IvPool(rng);
}
