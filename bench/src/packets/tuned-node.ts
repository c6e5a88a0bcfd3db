import {
  type CipherChaCha20Poly1305,
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type DecipherChaCha20Poly1305,
  type DecipherGCM,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';
import type { EspKeys, EspSuite } from '@espalier/crypto';
import { ESP_HEADER_OCTETS, writeEspHeader, writeU32 } from '@espalier/wire';
import { type AeadName, nodeNames } from './node-names.ts';
import type { PacketCoder } from './per-packet.ts';
import { SPI } from './suites.ts';
import { withoutTrailer, writePadded } from './trailer.ts';

const PACKET_OCTETS = 2048;
const IV_POOL_OCTETS = 65_536;
/** Of no meaning but for CCM; the types ask for it. */
const NO_LENGTH = { plaintextLength: 0 };

/**
 * What one can get out of node:crypto packet by packet: keys as KeyObjects, IVs from a pool, packets built in place in a
 * buffer that is reused, no concatenation. The objects themselves must be new for every packet, and are used as the manual
 * asks: up to `final`.
 */
export function tunedNode(suite: EspSuite, keys: EspKeys): PacketCoder {
  const names = nodeNames(suite);
  if (names.kind === 'aead') return new TunedAead(names.cipher, suite, keys);
  return new TunedHmac(names.kind === 'cbc' ? names.cipher : undefined, names.hash, suite, keys);
}

class TunedHmac implements PacketCoder {
  readonly #cipher: string | undefined;
  readonly #hash: string;
  readonly #suite: EspSuite;
  readonly #textAt: number;
  readonly #encryptionKey: KeyObject;
  readonly #integrityKey: KeyObject;
  readonly #out = Buffer.alloc(PACKET_OCTETS);
  readonly #ivs = Buffer.alloc(IV_POOL_OCTETS);
  #ivsUsed = IV_POOL_OCTETS;

  constructor(cipher: string | undefined, hash: string, suite: EspSuite, keys: EspKeys) {
    this.#cipher = cipher;
    this.#hash = hash;
    this.#suite = suite;
    this.#textAt = ESP_HEADER_OCTETS + suite.ivOctets;
    this.#encryptionKey = createSecretKey(keys.encryption);
    this.#integrityKey = createSecretKey(keys.integrity);
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const out = this.#out;
    writeEspHeader(out, 0, SPI, sequence);
    const end = writePadded(this.#suite, inner, out, this.#textAt);
    if (this.#cipher !== undefined) {
      const iv = this.#nextIv(this.#suite.ivOctets);
      out.set(iv, ESP_HEADER_OCTETS);
      const cipher = createCipheriv(this.#cipher, this.#encryptionKey, iv).setAutoPadding(false);
      out.set(cipher.update(out.subarray(this.#textAt, end)), this.#textAt);
      cipher.final();
    }
    this.#digest(out.subarray(0, end)).copy(out, end, 0, this.#suite.icvOctets);
    return out.subarray(0, end + this.#suite.icvOctets);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - this.#suite.icvOctets;
    const digest = this.#digest(packet.subarray(0, end));
    if (!timingSafeEqual(digest.subarray(0, this.#suite.icvOctets), packet.subarray(end))) return undefined;
    const text = packet.subarray(this.#textAt, end);
    if (this.#cipher === undefined) return withoutTrailer(text);
    const iv = packet.subarray(ESP_HEADER_OCTETS, this.#textAt);
    const decipher = createDecipheriv(this.#cipher, this.#encryptionKey, iv).setAutoPadding(false);
    const padded = decipher.update(text);
    decipher.final();
    return withoutTrailer(padded);
  }

  #digest(octets: Uint8Array): Buffer {
    return createHmac(this.#hash, this.#integrityKey).update(octets).digest();
  }

  #nextIv(octets: number): Uint8Array {
    if (this.#ivsUsed + octets > IV_POOL_OCTETS) {
      randomFillSync(this.#ivs);
      this.#ivsUsed = 0;
    }
    this.#ivsUsed += octets;
    return this.#ivs.subarray(this.#ivsUsed - octets, this.#ivsUsed);
  }
}

class TunedAead implements PacketCoder {
  readonly #name: AeadName;
  readonly #suite: EspSuite;
  readonly #textAt: number;
  readonly #key: KeyObject;
  readonly #out = Buffer.alloc(PACKET_OCTETS);
  /** Salt, then the IV of the packet. */
  readonly #nonce: Uint8Array;
  readonly #saltOctets: number;

  constructor(name: AeadName, suite: EspSuite, keys: EspKeys) {
    this.#name = name;
    this.#suite = suite;
    this.#textAt = ESP_HEADER_OCTETS + suite.ivOctets;
    this.#key = createSecretKey(keys.encryption);
    this.#nonce = new Uint8Array(suite.saltOctets + suite.ivOctets);
    this.#nonce.set(keys.salt);
    this.#saltOctets = suite.saltOctets;
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const out = this.#out;
    writeEspHeader(out, 0, SPI, sequence);
    writeU32(out, ESP_HEADER_OCTETS, 0);
    writeU32(out, ESP_HEADER_OCTETS + 4, sequence);
    writeU32(this.#nonce, this.#saltOctets, 0);
    writeU32(this.#nonce, this.#saltOctets + 4, sequence);
    const end = writePadded(this.#suite, inner, out, this.#textAt);
    const cipher = createAead(this.#name, this.#key, this.#nonce);
    cipher.setAAD(out.subarray(0, ESP_HEADER_OCTETS), NO_LENGTH);
    out.set(cipher.update(out.subarray(this.#textAt, end)), this.#textAt);
    cipher.final();
    out.set(cipher.getAuthTag(), end);
    return out.subarray(0, end + this.#suite.icvOctets);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - this.#suite.icvOctets;
    this.#nonce.set(packet.subarray(ESP_HEADER_OCTETS, this.#textAt), this.#saltOctets);
    const decipher = createOpeningAead(this.#name, this.#key, this.#nonce);
    decipher.setAAD(packet.subarray(0, ESP_HEADER_OCTETS), NO_LENGTH);
    decipher.setAuthTag(packet.subarray(end));
    const text = decipher.update(packet.subarray(this.#textAt, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return withoutTrailer(text);
  }
}

function createAead(name: AeadName, key: KeyObject, nonce: Uint8Array): CipherGCM | CipherChaCha20Poly1305 {
  return name === 'aes-128-gcm' ? createCipheriv(name, key, nonce) : createCipheriv(name, key, nonce);
}

function createOpeningAead(name: AeadName, key: KeyObject, nonce: Uint8Array): DecipherGCM | DecipherChaCha20Poly1305 {
  return name === 'aes-128-gcm' ? createDecipheriv(name, key, nonce) : createDecipheriv(name, key, nonce);
}
