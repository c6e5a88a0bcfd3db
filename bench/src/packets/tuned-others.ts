import {
  type CipherCCM,
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';
import type { EspKeys, EspSuite } from '@espalier/crypto';
import { ESP_HEADER_OCTETS, writeEspHeader, writeU32 } from '@espalier/wire';
import type { PacketCoder } from './per-packet.ts';
import { SPI } from './suites.ts';
import { withoutTrailer, writePadded } from './trailer.ts';

const PACKET_OCTETS = 2048;
const IV_POOL_OCTETS = 65_536;
const BLOCK_OCTETS = 16;
const ZEROS = new Uint8Array(BLOCK_OCTETS);

/** The suites of `OTHER_SUITES` by node:crypto, a packet at a time and as well as it can: see `tunedNode`. */
export function tunedOther(suite: EspSuite, keys: EspKeys): PacketCoder {
  return suite.aead ? new OtherAead(suite, keys) : new OtherCipherMac(suite, keys);
}

/** AES in CBC or counter mode, then HMAC-SHA1, AES-XCBC or AES-CMAC. */
class OtherCipherMac implements PacketCoder {
  readonly #suite: EspSuite;
  readonly #textAt: number;
  readonly #key: KeyObject;
  readonly #counter: Uint8Array;
  readonly #mac: (octets: Uint8Array) => Uint8Array;
  readonly #out = Buffer.alloc(PACKET_OCTETS);
  readonly #ivs = Buffer.alloc(IV_POOL_OCTETS);
  #ivsUsed = IV_POOL_OCTETS;

  constructor(suite: EspSuite, keys: EspKeys) {
    this.#suite = suite;
    this.#textAt = ESP_HEADER_OCTETS + suite.ivOctets;
    this.#key = createSecretKey(keys.encryption);
    this.#counter = new Uint8Array(BLOCK_OCTETS);
    this.#counter.set(keys.salt);
    this.#counter[BLOCK_OCTETS - 1] = 1;
    this.#mac = suite.integrity.startsWith('hmac') ? hmacSha1(keys.integrity) : aesMac(suite, keys.integrity);
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const out = this.#out;
    writeEspHeader(out, 0, SPI, sequence);
    const end = writePadded(this.#suite, inner, out, this.#textAt);
    this.#writeIv(sequence);
    const iv = this.#start(out);
    const name = this.#isCounter ? 'aes-128-ctr' : 'aes-128-cbc';
    const cipher = createCipheriv(name, this.#key, iv).setAutoPadding(false);
    out.set(cipher.update(out.subarray(this.#textAt, end)), this.#textAt);
    cipher.final();
    out.set(this.#mac(out.subarray(0, end)).subarray(0, this.#suite.icvOctets), end);
    return out.subarray(0, end + this.#suite.icvOctets);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - this.#suite.icvOctets;
    const icv = this.#mac(packet.subarray(0, end)).subarray(0, this.#suite.icvOctets);
    if (!timingSafeEqual(icv, packet.subarray(end))) return undefined;
    const name = this.#isCounter ? 'aes-128-ctr' : 'aes-128-cbc';
    const decipher = createDecipheriv(name, this.#key, this.#start(packet)).setAutoPadding(false);
    const padded = decipher.update(packet.subarray(this.#textAt, end));
    decipher.final();
    return withoutTrailer(padded);
  }

  get #isCounter(): boolean {
    return this.#suite.encryption === 'aes-ctr';
  }

  #writeIv(sequence: number): void {
    const octets = this.#suite.ivOctets;
    if (this.#isCounter) {
      writeU32(this.#out, ESP_HEADER_OCTETS, 0);
      writeU32(this.#out, ESP_HEADER_OCTETS + 4, sequence);
      return;
    }
    if (this.#ivsUsed + octets > IV_POOL_OCTETS) {
      randomFillSync(this.#ivs);
      this.#ivsUsed = 0;
    }
    this.#out.set(this.#ivs.subarray(this.#ivsUsed, this.#ivsUsed + octets), ESP_HEADER_OCTETS);
    this.#ivsUsed += octets;
  }

  /** What node:crypto is told of a packet: its IV, or the first counter block. */
  #start(packet: Uint8Array): Uint8Array {
    const iv = packet.subarray(ESP_HEADER_OCTETS, this.#textAt);
    if (!this.#isCounter) return iv;
    this.#counter.set(iv, 4);
    return this.#counter;
  }
}

function hmacSha1(key: Uint8Array): (octets: Uint8Array) => Uint8Array {
  const object = createSecretKey(key);
  return (octets) => createHmac('sha1', object).update(octets).digest();
}

/** AES-XCBC or AES-CMAC: one encryption in CBC mode, whose last block is the MAC. */
function aesMac(suite: EspSuite, key: Uint8Array): (octets: Uint8Array) => Uint8Array {
  const encrypt = (block: Uint8Array) => createCipheriv('aes-128-ecb', key, null).update(block);
  const isXcbc = suite.integrity === 'aes-xcbc-96';
  const chain = createSecretKey(isXcbc ? encrypt(ZEROS.map(() => 1)) : key);
  const whole = isXcbc ? encrypt(ZEROS.map(() => 2)) : doubled(encrypt(ZEROS));
  const padded = isXcbc ? encrypt(ZEROS.map(() => 3)) : doubled(whole);
  const message = Buffer.alloc(PACKET_OCTETS);
  return (octets) => {
    const end = Math.ceil(octets.length / BLOCK_OCTETS) * BLOCK_OCTETS;
    message.set(octets);
    if (end > octets.length) message.fill(0, octets.length, end)[octets.length] = 0x80;
    const last = end > octets.length ? padded : whole;
    for (let i = 0; i < BLOCK_OCTETS; i++) {
      message[end - BLOCK_OCTETS + i] = (message[end - BLOCK_OCTETS + i] ?? 0) ^ (last[i] ?? 0);
    }
    const cipher = createCipheriv('aes-128-cbc', chain, ZEROS).setAutoPadding(false);
    const blocks = cipher.update(message.subarray(0, end));
    cipher.final();
    return blocks.subarray(end - BLOCK_OCTETS);
  };
}

/** Times x in GF(2^128) (RFC 4493 §2.3). */
function doubled(block: Uint8Array): Uint8Array {
  const out = block.map((octet, i) => (octet << 1) | ((block[i + 1] ?? 0) >> 7));
  if ((block[0] ?? 0) > 127) out[BLOCK_OCTETS - 1] = (out[BLOCK_OCTETS - 1] ?? 0) ^ 0x87;
  return out;
}

/** AES-GCM with a short ICV, AES-GMAC and AES-CCM. */
class OtherAead implements PacketCoder {
  readonly #suite: EspSuite;
  readonly #textAt: number;
  readonly #key: KeyObject;
  readonly #nonce: Uint8Array;
  readonly #saltOctets: number;
  readonly #out = Buffer.alloc(PACKET_OCTETS);

  constructor(suite: EspSuite, keys: EspKeys) {
    this.#suite = suite;
    this.#textAt = ESP_HEADER_OCTETS + suite.ivOctets;
    this.#key = createSecretKey(keys.encryption);
    this.#saltOctets = suite.saltOctets;
    this.#nonce = new Uint8Array(suite.saltOctets + suite.ivOctets);
    this.#nonce.set(keys.salt);
  }

  seal(inner: Uint8Array, sequence: number): Uint8Array {
    const out = this.#out;
    writeEspHeader(out, 0, SPI, sequence);
    writeU32(out, ESP_HEADER_OCTETS, 0);
    writeU32(out, ESP_HEADER_OCTETS + 4, sequence);
    const end = writePadded(this.#suite, inner, out, this.#textAt);
    const isGmac = this.#suite.encryption === 'aes-gmac';
    const cipher = this.#create(out, end - this.#textAt);
    if (!isGmac) out.set(cipher.update(out.subarray(this.#textAt, end)), this.#textAt);
    cipher.final();
    out.set(cipher.getAuthTag(), end);
    return out.subarray(0, end + this.#suite.icvOctets);
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    const end = packet.length - this.#suite.icvOctets;
    const text = packet.subarray(this.#textAt, end);
    try {
      return withoutTrailer(this.#openText(packet, text, packet.subarray(end)));
    } catch {
      return undefined;
    }
  }

  #openText(packet: Uint8Array, text: Uint8Array, icv: Uint8Array): Uint8Array {
    const options = { authTagLength: this.#suite.icvOctets };
    this.#nonce.set(packet.subarray(ESP_HEADER_OCTETS, this.#textAt), this.#saltOctets);
    if (this.#suite.encryption === 'aes-ccm') {
      const decipher = createDecipheriv('aes-128-ccm', this.#key, this.#nonce, options);
      decipher.setAuthTag(icv);
      decipher.setAAD(packet.subarray(0, ESP_HEADER_OCTETS), { plaintextLength: text.length });
      const plain = decipher.update(text);
      decipher.final();
      return plain;
    }
    const isGmac = this.#suite.encryption === 'aes-gmac';
    const decipher = createDecipheriv('aes-128-gcm', this.#key, this.#nonce, options);
    decipher.setAAD(packet.subarray(0, isGmac ? this.#textAt + text.length : ESP_HEADER_OCTETS));
    decipher.setAuthTag(icv);
    const plain = isGmac ? text : decipher.update(text);
    decipher.final();
    return plain;
  }

  #create(packet: Uint8Array, textOctets: number): CipherGCM | CipherCCM {
    const options = { authTagLength: this.#suite.icvOctets };
    this.#nonce.set(packet.subarray(ESP_HEADER_OCTETS, this.#textAt), this.#saltOctets);
    if (this.#suite.encryption === 'aes-ccm') {
      const cipher = createCipheriv('aes-128-ccm', this.#key, this.#nonce, options);
      return cipher.setAAD(packet.subarray(0, ESP_HEADER_OCTETS), { plaintextLength: textOctets });
    }
    const cipher = createCipheriv('aes-128-gcm', this.#key, this.#nonce, options);
    const isGmac = this.#suite.encryption === 'aes-gmac';
    return cipher.setAAD(packet.subarray(0, isGmac ? this.#textAt + textOctets : ESP_HEADER_OCTETS));
  }
}
