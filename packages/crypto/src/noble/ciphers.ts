import type { EspTransformOptions } from '../engine.ts';
import { type CbcName, keyCbc } from '../modes/cbc-blocks.ts';
import { AesCtr } from '../modes/ctr.ts';
import type { EspCipher } from '../suites/ciphers.ts';

/** A cipher keyed for one direction of one SA. */
export interface TextCipher {
  /** False where it looks secrets up in tables. */
  readonly constantTime: boolean;
  /** Encrypts or decrypts the octets `from` to `to`, in place; the packet's IV lies right in front of them. */
  run(view: DataView, from: number, to: number): void;
  wipe(): void;
}

export type CipherArm = (options: EspTransformOptions) => TextCipher;

/** How this engine keys each cipher. */
export const CIPHERS: Readonly<Record<EspCipher, CipherArm>> = {
  null: () => NULL,
  'des-cbc': (options) => cbc('des-cbc', options),
  '3des-cbc': (options) => cbc('3des-cbc', options),
  'aes-cbc': (options) => cbc('aes-cbc', options),
  'camellia-cbc': (options) => cbc('camellia-cbc', options),
  'aes-ctr': ({ keys }) => new AesCtr(keys.encryption, keys.salt),
};

/** RFC 2410. */
const NULL: TextCipher = { constantTime: true, run: () => {}, wipe: () => {} };

/** Blocks of AES, DES and Camellia are computed by tables. */
export function cbc(name: CbcName, { keys, direction }: EspTransformOptions): TextCipher {
  const { run, wipe } = keyCbc(name, keys.encryption, direction === 'seal' ? 'encrypt' : 'decrypt');
  return { constantTime: false, run, wipe };
}
