import {
  type CipherChaCha20Poly1305,
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  type DecipherChaCha20Poly1305,
  type DecipherGCM,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { EspKeys, EspSuite } from '@espalier/crypto';
import { ESP_HEADER_OCTETS } from '@espalier/wire';
import { type AeadName, nodeNames } from './node-names.ts';
import type { PacketCoder } from './per-packet.ts';
import { SPI } from './suites.ts';
import { paddedOctets, withoutTrailer, writePadded } from './trailer.ts';

/** What one writes first on node:crypto: objects by raw key, `Buffer.concat`, `randomBytes`, all anew for each packet. */
export function naiveNode(suite: EspSuite, keys: EspKeys): PacketCoder {
  const names = nodeNames(suite);
  if (names.kind === 'aead') return new NaiveAead(names.cipher, suite, keys);
  return new NaiveHmac(names.kind === 'cbc' ? names.cipher : undefined, names.hash, suite, keys);
}

class NaiveHmac implements PacketCoder {
  readonly #cipher: string | undefined;
  readonly #hash: string;
  readonly #suite: EspSuite;
  readonly #keys: EspKeys;

  constructor(cipher: string | undefined, hash: string, suite: EspSuite, keys: EspKeys) {
    this.#cipher = cipher;
    this.#hash = hash;
    this.#suite = suite;
    this.#keys = keys;
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const iv = randomBytes(this.#suite.ivOctets);
    const body = Buffer.concat([header(sequence), iv, this.#encrypt(iv, padded(this.#suite, inner))]);
    return Buffer.concat([body, this.#icv(body)]);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const body = packet.subarray(0, packet.length - this.#suite.icvOctets);
    if (!timingSafeEqual(this.#icv(body), packet.subarray(body.length))) return undefined;
    const textAt = ESP_HEADER_OCTETS + this.#suite.ivOctets;
    return withoutTrailer(this.#decrypt(body.subarray(ESP_HEADER_OCTETS, textAt), body.subarray(textAt)));
  }

  #encrypt(iv: Uint8Array, text: Uint8Array): Uint8Array {
    if (this.#cipher === undefined) return text;
    const cipher = createCipheriv(this.#cipher, this.#keys.encryption, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(text), cipher.final()]);
  }

  #decrypt(iv: Uint8Array, text: Uint8Array): Uint8Array {
    if (this.#cipher === undefined) return text;
    const decipher = createDecipheriv(this.#cipher, this.#keys.encryption, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(text), decipher.final()]);
  }

  #icv(body: Uint8Array): Uint8Array {
    const digest = createHmac(this.#hash, this.#keys.integrity).update(body).digest();
    return digest.subarray(0, this.#suite.icvOctets);
  }
}

class NaiveAead implements PacketCoder {
  readonly #name: AeadName;
  readonly #suite: EspSuite;
  readonly #keys: EspKeys;

  constructor(name: AeadName, suite: EspSuite, keys: EspKeys) {
    this.#name = name;
    this.#suite = suite;
    this.#keys = keys;
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const text = padded(this.#suite, inner);
    const iv = Buffer.alloc(this.#suite.ivOctets);
    iv.writeUInt32BE(sequence, 4);
    const cipher = createAead(this.#name, this.#keys.encryption, Buffer.concat([this.#keys.salt, iv]));
    cipher.setAAD(header(sequence), { plaintextLength: text.length });
    return Buffer.concat([header(sequence), iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const textAt = ESP_HEADER_OCTETS + this.#suite.ivOctets;
    const textEnd = packet.length - this.#suite.icvOctets;
    const iv = packet.subarray(ESP_HEADER_OCTETS, textAt);
    const decipher = createOpeningAead(this.#name, this.#keys.encryption, Buffer.concat([this.#keys.salt, iv]));
    decipher.setAAD(packet.subarray(0, ESP_HEADER_OCTETS), { plaintextLength: textEnd - textAt });
    decipher.setAuthTag(packet.subarray(textEnd));
    try {
      return withoutTrailer(Buffer.concat([decipher.update(packet.subarray(textAt, textEnd)), decipher.final()]));
    } catch {
      return undefined;
    }
  }
}

function createAead(name: AeadName, key: Uint8Array, nonce: Uint8Array): CipherGCM | CipherChaCha20Poly1305 {
  return name === 'aes-128-gcm' ? createCipheriv(name, key, nonce) : createCipheriv(name, key, nonce);
}

function createOpeningAead(name: AeadName, key: Uint8Array, nonce: Uint8Array): DecipherGCM | DecipherChaCha20Poly1305 {
  return name === 'aes-128-gcm' ? createDecipheriv(name, key, nonce) : createDecipheriv(name, key, nonce);
}

function header(sequence: number): Buffer {
  const octets = Buffer.alloc(ESP_HEADER_OCTETS);
  octets.writeUInt32BE(SPI, 0);
  octets.writeUInt32BE(sequence, 4);
  return octets;
}

function padded(suite: EspSuite, inner: Uint8Array): Buffer {
  const octets = Buffer.alloc(paddedOctets(suite, inner.length));
  writePadded(suite, inner, octets, 0);
  return octets;
}
