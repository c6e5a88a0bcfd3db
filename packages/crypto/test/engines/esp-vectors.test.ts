import { createCbc, createHmac, type EspSuite, espSuite } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import type { Aead } from '../../src/modes/aead.ts';
import { ChaCha20Poly1305 } from '../../src/modes/chacha20-poly1305.ts';
import { Gcm } from '../../src/modes/gcm.ts';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { keys, openOne, randomOctets, sealGiven, transforms } from '../support/esp.ts';
import { concat, hex, octets, vectors } from '../support/vectors.ts';

/** A whole packet, SPI to ICV, and the plaintext with its trailer. */
function expectPacket(
  { seal, open }: ReturnType<typeof transforms>,
  suite: EspSuite,
  packet: Uint8Array,
  plain: Uint8Array,
  sequenceHigh = 0,
): void {
  const text = 8 + suite.ivOctets;
  const laidOut = concat(packet.subarray(0, text), plain, new Uint8Array(suite.icvOctets));
  expect(hex(sealGiven(seal, laidOut, sequenceHigh))).toBe(hex(packet));
  const opened = openOne(open, packet, sequenceHigh);
  expect(opened.status).toBe(1);
  expect(hex(opened.memory.subarray(text, text + plain.length))).toBe(hex(plain));
}

describe('whole ESP packets', () => {
  test('are those of the draft on GCM in ESP, with and without ESN', () => {
    interface File {
      cases: {
        key: string;
        salt: string;
        esn: boolean;
        seq_or_esn: string;
        plaintext_with_trailer: string;
        esp_payload: string;
      }[];
    }
    for (const one of vectors<File>('rfc/draft-mcgrew-gcm-esp.json').cases) {
      const suite = espSuite(`aes-${one.key.length * 4}-gcm-16`);
      const espKeys = keys({ encryption: octets(one.key), salt: octets(one.salt) });
      const high = one.esn ? Number.parseInt(one.seq_or_esn.slice(0, 8), 16) : 0;
      const plain = octets(one.plaintext_with_trailer);
      expectPacket(transforms(suite, espKeys, one.esn), suite, octets(one.esp_payload), plain, high);
    }
  });

  test('are that of RFC 7634 Appendix A', () => {
    interface File {
      case: { keymat: string; plaintext: string; esp_ip_packet: string };
    }
    const { keymat, plaintext, esp_ip_packet } = vectors<File>('rfc/rfc7634-chacha20-esp.json').case;
    const suite = espSuite('chacha20-poly1305');
    const espKeys = keys({ encryption: octets(keymat).slice(0, 32), salt: octets(keymat).slice(32) });
    expectPacket(transforms(suite, espKeys), suite, octets(esp_ip_packet).slice(20), octets(plaintext));
  });

  test('carry with NULL what RFC 2410 says: the data itself', () => {
    const suite = espSuite('null/hmac-sha1-96');
    const espKeys = keys({ integrity: new Uint8Array(20).fill(3) });
    for (const { data, out } of vectors<{ cases: { data: string; out: string }[] }>('rfc/rfc2410-null.json').cases) {
      const laidOut = concat(new Uint8Array(8), octets(data), new Uint8Array(12));
      const sealed = sealGiven(transforms(suite, espKeys).seal, laidOut);
      expect(hex(sealed.subarray(8, 8 + data.length / 2))).toBe(out);
    }
  });
});

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('AES-CTR on %s', (_, engine) => {
  interface Ctr {
    cases: { key: string; iv: string; nonce: string; plaintext: string; ciphertext: string }[];
  }

  test('is what RFC 3686 §6 prints, for all lengths of keys, in packets that open again', () => {
    const { cases } = vectors<Ctr>('rfc/rfc3686-aes-ctr.json');
    expect(new Set(cases.map((one) => one.key.length / 2))).toEqual(new Set([16, 24, 32]));
    for (const { key, iv, nonce, plaintext, ciphertext } of cases) {
      const suite = espSuite(`aes-${4 * key.length}-ctr/hmac-sha1-96`);
      const espKeys = keys({ encryption: octets(key), salt: octets(nonce), integrity: randomOctets(20, 1) });
      const pair = pairOf(engine, suite, espKeys);
      const header = randomOctets(8, 2);
      const sealed = sealGiven(pair.seal, concat(header, octets(iv), octets(plaintext), new Uint8Array(12)));
      expect(hex(sealed.subarray(16, sealed.length - 12))).toBe(ciphertext);
      expect(hex(openOne(pair.open, sealed).memory.subarray(16, sealed.length - 12))).toBe(plaintext);
      wipe(pair);
    }
  });

  interface Acvp {
    groups: { direction: string; tests: { pt: string; ct: string; iv: string; key: string }[] }[];
  }

  test.runIf(hasShared)('is that of ACVP in its mode for RFC 3686, at every length', () => {
    let tests = 0;
    for (const one of sharedJson<Acvp>('vectors/acvp/aes-ctr-rfc3686.json').groups.flatMap((group) => group.tests)) {
      const suite = espSuite(`aes-${4 * one.key.length}-ctr/hmac-sha1-96`);
      const salt = octets(one.iv.slice(0, 8));
      const pair = pairOf(engine, suite, keys({ encryption: octets(one.key), salt, integrity: randomOctets(20, 1) }));
      const front = concat(randomOctets(8, 2), octets(one.iv.slice(8, 24)));
      const sealed = sealGiven(pair.seal, concat(front, octets(one.pt), new Uint8Array(12)));
      expect(hex(sealed.subarray(16, sealed.length - 12))).toBe(one.ct.toLowerCase());
      wipe(pair);
      tests += 1;
    }
    expect(tests).toBe(98);
  });
});

describe.runIf(hasShared)('the vectors of Linux', () => {
  interface File {
    authenc: {
      template: string;
      auth_key: string;
      enc_key: string;
      iv: string;
      assoc: string;
      plaintext: string;
      ciphertext: string;
      icv_full: string;
      as_esp?: object;
    }[];
    aead: {
      alg: string;
      key: string;
      salt: string;
      iv: string;
      aad: string;
      plaintext: string;
      ciphertext_icv: string;
    }[];
  }
  const file = (): File => sharedJson<File>('vectors/linux/testmgr-esp.json');

  const INTEGRITY: Readonly<
    Record<string, readonly [hash: 'md5' | 'sha1' | 'sha2-256' | 'sha2-384' | 'sha2-512', suite: string]>
  > = {
    md5: ['md5', 'hmac-md5-96'],
    sha1: ['sha1', 'hmac-sha1-96'],
    sha256: ['sha2-256', 'hmac-sha2-256-128'],
    sha384: ['sha2-384', 'hmac-sha2-384-192'],
    sha512: ['sha2-512', 'hmac-sha2-512-256'],
  };

  test('for encryption with HMAC are ours, in parts and as whole packets', () => {
    let packets = 0;
    for (const one of file().authenc) {
      const [, short = '', cipher = ''] = /hmac\((\w+)\),(\w+)\)/.exec(one.template) ?? [];
      const integrity = INTEGRITY[short];
      if (integrity === undefined) throw new Error(one.template);
      const mac = createHmac(integrity[0], octets(one.auth_key)).compute(octets(one.assoc), octets(one.ciphertext));
      expect(hex(mac)).toBe(one.icv_full);
      if (cipher === 'null') continue;
      const name = cipher === 'aes_cbc' ? 'aes-cbc' : '3des-cbc';
      const encrypted = createCbc(name, octets(one.enc_key)).encrypt(octets(one.iv), octets(one.plaintext));
      expect(hex(encrypted)).toBe(one.ciphertext);
      if (one.as_esp === undefined) continue;
      const suite = espSuite(`${cipher === 'aes_cbc' ? `aes-${one.enc_key.length * 4}-cbc` : name}/${integrity[1]}`);
      const espKeys = keys({ encryption: octets(one.enc_key), integrity: octets(one.auth_key) });
      const icv = octets(one.icv_full).subarray(0, suite.icvOctets);
      const packet = concat(octets(one.assoc), octets(one.ciphertext), icv);
      expectPacket(transforms(suite, espKeys), suite, packet, octets(one.plaintext));
      packets++;
    }
    expect(packets).toBe(7);
  });

  test('for AES-GCM and ChaCha20-Poly1305 are ours, as whole packets', () => {
    let packets = 0;
    for (const one of file().aead) {
      const gcm = one.alg === 'rfc4106-aes-gcm';
      if (!gcm && one.alg !== 'rfc7539esp-chacha20-poly1305') continue;
      const suite = espSuite(gcm ? `aes-${one.key.length * 4}-gcm-16` : 'chacha20-poly1305');
      const espKeys = keys({ encryption: octets(one.key), salt: octets(one.salt) });
      const esn = one.aad.length === 24;
      const header = octets(one.aad.slice(0, 8) + one.aad.slice(-8));
      const packet = concat(header, octets(one.iv), octets(one.ciphertext_icv));
      const high = esn ? Number.parseInt(one.aad.slice(8, 16), 16) : 0;
      expectPacket(transforms(suite, espKeys, esn), suite, packet, octets(one.plaintext), high);
      packets++;
    }
    expect(packets).toBe(24);
  });

  test('captured packets open, with ESN too', () => {
    interface Captured {
      cases: {
        alg: string;
        auth?: string;
        auth_key?: string;
        key: string;
        esn_high: number | null;
        esp_payload: string;
        plaintext_with_trailer: string;
      }[];
    }
    const { cases } = sharedJson<Captured>('vectors/linux/scapy-linux-esp.json');
    const suite = espSuite('aes-128-cbc/hmac-sha2-256-128');
    for (const one of cases) {
      if (one.auth === undefined || one.auth_key === undefined) continue;
      const espKeys = keys({ encryption: octets(one.key), integrity: octets(one.auth_key) });
      const plain = octets(one.plaintext_with_trailer);
      expectPacket(transforms(suite, espKeys, true), suite, octets(one.esp_payload), plain, one.esn_high ?? 0);
    }
  });
});

describe('AEADs beneath ESP, with associated data of any length', () => {
  interface File {
    testGroups: {
      tests: { key: string; iv: string; aad: string; msg: string; ct: string; tag: string; result: string }[];
    }[];
  }

  /** The tag of a message that is encrypted in place, put together as `AeadTransform` does. */
  function sealWith(aead: Aead, iv: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
    const view = (of: Uint8Array): DataView => new DataView(of.buffer, of.byteOffset, of.length);
    const padded = (of: Uint8Array): Uint8Array => concat(of, new Uint8Array(-of.length & 15));
    aead.start(view(iv), 0);
    aead.crypt(view(text), 0, text.length);
    const lengths = new Uint8Array(16);
    aead.writeLengths(view(lengths), 0, aad.length, text.length);
    const all = concat(padded(aad), padded(text), lengths);
    aead.absorb(view(all), 0, all.length);
    const tag = new Uint8Array(16);
    aead.writeTag(view(tag), 0);
    return tag;
  }

  function expectTag(make: typeof Gcm | typeof ChaCha20Poly1305, one: File['testGroups'][0]['tests'][0]): void {
    const nonce = octets(one.iv);
    const aead = new make(keys({ encryption: octets(one.key), salt: nonce.slice(0, 4) }));
    const text = octets(one.msg);
    const tag = sealWith(aead, nonce.slice(4), octets(one.aad), text);
    const same = hex(text) === one.ct.toLowerCase() && hex(tag) === one.tag.toLowerCase();
    expect(same).toBe(one.result === 'valid');
  }

  test.each([
    ['wycheproof/aes_gcm_test.json', Gcm],
    ['wycheproof/chacha20_poly1305_test.json', ChaCha20Poly1305],
  ] as const)('are those of %s', (path, make) => {
    const tests = vectors<File>(path).testGroups.flatMap((group) => group.tests);
    expect(tests.length).toBeGreaterThan(150);
    for (const one of tests) expectTag(make, one);
  });

  test('are those of ACVP with AES-GCM', () => {
    interface AcvpFile {
      groups: {
        ivLen: number;
        tagLen: number;
        tests: { testPassed: boolean; key: string; iv: string; aad: string; pt?: string; ct: string; tag: string }[];
      }[];
    }
    const groups = vectors<AcvpFile>('acvp/aes-gcm.json').groups.filter((g) => g.ivLen === 96 && g.tagLen === 128);
    for (const one of groups.flatMap((group) => group.tests)) {
      const { pt = '', testPassed, ...rest } = one;
      expectTag(Gcm, { ...rest, msg: pt, result: testPassed ? 'valid' : 'invalid' });
    }
  });
});
