import type { KernelArm, KernelCipher, KernelMac, Keying, Protection } from './protection.ts';

/** A cipher, or none, then a MAC over all from the SPI to the end of the ciphertext (RFC 4303 §3.3.2.1). */
export function encryptThenMac(cipher: KernelArm<KernelCipher>, mac: KernelArm<KernelMac>): KernelArm<Protection> {
  return {
    contextOctets: (options) => mac.contextOctets(options) + cipher.contextOctets(options),
    key: (keying) => new EncryptThenMac(keying, cipher, mac),
  };
}

/** A context is that of the MAC, then that of the cipher. */
class EncryptThenMac implements Protection {
  readonly constantTime: boolean;
  readonly #cipher: KernelCipher;
  readonly #mac: KernelMac;

  constructor(keying: Keying, cipher: KernelArm<KernelCipher>, mac: KernelArm<KernelMac>) {
    this.#mac = mac.key(keying);
    const keysAt = mac.contextOctets(keying.options);
    this.#cipher = cipher.key({ ...keying, context: keying.context + keysAt, keysAt });
    this.constantTime = this.#cipher.constantTime;
  }

  seal(count: number, freshIv: boolean): void {
    this.#cipher.encrypt(count, freshIv);
    this.#mac.seal(count);
  }

  open(count: number): void {
    this.#mac.open(count);
    this.#cipher.decrypt(count);
  }

  wipe(): void {
    this.#cipher.wipe();
    this.#mac.wipe();
  }
}
