import { randomFillSync } from 'node:crypto';
import { type EspKeys, type EspSuite, equalConstantTime } from '@espalier/crypto';
import { concat, ESP_HEADER_OCTETS, writeEspHeader, writeU32 } from '@espalier/wire';
import { cbc, gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { PacketCoder } from './per-packet.ts';
import { SPI } from './suites.ts';
import { paddedOctets, withoutTrailer, writePadded } from './trailer.ts';

/** @noble/ciphers and @noble/hashes as their manuals say, for every packet; undefined for what noble lacks: 3DES. */
export function nobleDirect(suite: EspSuite, keys: EspKeys): PacketCoder | undefined {
  if (suite.encryption === '3des-cbc' || suite.encryption === 'des-cbc') return undefined;
  return suite.aead ? aeadCoder(suite, keys) : hmacCoder(suite, keys);
}

function hmacCoder(suite: EspSuite, { encryption, integrity }: EspKeys): PacketCoder {
  const textAt = ESP_HEADER_OCTETS + suite.ivOctets;
  const hash = suite.integrity === 'hmac-sha1-96' ? sha1 : sha256;
  const icv = (body: Uint8Array) => hmac(hash, integrity, body).subarray(0, suite.icvOctets);
  const cipher = (iv: Uint8Array) => cbc(encryption, iv, { disablePadding: true });
  const isNull = suite.encryption === 'null';
  return {
    seal(inner, sequence) {
      const iv = randomFillSync(new Uint8Array(suite.ivOctets));
      const text = padded(suite, inner);
      const body = concat(header(sequence), iv, isNull ? text : cipher(iv).encrypt(text));
      return concat(body, icv(body));
    },
    open(packet) {
      const body = packet.subarray(0, packet.length - suite.icvOctets);
      if (!equalConstantTime(icv(body), packet.subarray(body.length))) return undefined;
      const text = body.subarray(textAt);
      return withoutTrailer(isNull ? text : cipher(body.subarray(ESP_HEADER_OCTETS, textAt)).decrypt(text));
    },
  };
}

function aeadCoder(suite: EspSuite, { encryption, salt }: EspKeys): PacketCoder {
  const textAt = ESP_HEADER_OCTETS + suite.ivOctets;
  const aead = suite.encryption === 'aes-gcm' ? gcm : chacha20poly1305;
  return {
    seal(inner, sequence) {
      const iv = new Uint8Array(suite.ivOctets);
      writeU32(iv, 4, sequence);
      const first = header(sequence);
      return concat(first, iv, aead(encryption, concat(salt, iv), first).encrypt(padded(suite, inner)));
    },
    open(packet) {
      const nonce = concat(salt, packet.subarray(ESP_HEADER_OCTETS, textAt));
      try {
        const text = aead(encryption, nonce, packet.subarray(0, ESP_HEADER_OCTETS)).decrypt(packet.subarray(textAt));
        return withoutTrailer(text);
      } catch {
        return undefined;
      }
    },
  };
}

function header(sequence: number): Uint8Array {
  const octets = new Uint8Array(ESP_HEADER_OCTETS);
  writeEspHeader(octets, 0, SPI, sequence);
  return octets;
}

function padded(suite: EspSuite, inner: Uint8Array): Uint8Array {
  const octets = new Uint8Array(paddedOctets(suite, inner.length));
  writePadded(suite, inner, octets, 0);
  return octets;
}
