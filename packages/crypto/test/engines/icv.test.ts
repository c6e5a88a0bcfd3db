import { createCipheriv } from 'node:crypto';
import { AH_SUITES, type AhGmac, ahSuite } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { ENGINES } from '../support/engines.ts';
import { randomOctets } from '../support/esp.ts';
import { referenceMac } from '../support/reference.ts';
import { concat, hex, octets } from '../support/vectors.ts';

const isGmac = (name: string): name is AhGmac => name.endsWith('-gmac');

/** The tag of AES-GCM over nothing but associated data, with salt and IV as its nonce (RFC 4543 §3.2, §4). */
function referenceGmac(key: Uint8Array, iv: Uint8Array, covered: Uint8Array): Uint8Array {
  const [aes, salt] = [key.subarray(0, -4), key.subarray(-4)];
  const cipher = createCipheriv(`aes-${aes.length * 8}-gcm` as 'aes-128-gcm', aes, concat(salt, iv));
  cipher.setAAD(covered).final();
  return new Uint8Array(cipher.getAuthTag());
}

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('ICVs of AH by %s', (_, engine) => {
  test.each(AH_SUITES.map((suite) => [suite.name, suite] as const))(
    '%s are those of node:crypto at every length, with the high half of the sequence number behind',
    (name, suite) => {
      const key = randomOctets(suite.integrityKeyOctets, 1);
      const transform = engine.createIcvTransform({ suite, key });
      for (let length = 0; length <= 150; length++) {
        for (const high of [undefined, 0x81020304]) {
          const memory = randomOctets(length + 40, length);
          const message = memory.slice(3, 3 + length);
          const trailer = high === undefined ? new Uint8Array(0) : octets('81020304');
          const at = 3 + length;
          const before = memory.slice();
          const iv = memory.slice(at, at + suite.ivOctets);
          const covered = concat(message, trailer);
          const icv = isGmac(name) ? referenceGmac(key, iv, covered) : referenceMac(name, key, covered);
          transform.compute(memory, 3, at, high, memory, at);
          before.set(icv.subarray(0, suite.icvOctets), at + suite.ivOctets);
          expect(hex(memory)).toBe(hex(before));
          expect(transform.verify(memory, 3, at, high, memory, at)).toBe(true);
          expect(transform.verify(memory, 3, at, high === undefined ? 0 : undefined, memory, at)).toBe(false);
          const flipped = at + (length % (suite.ivOctets + suite.icvOctets));
          memory[flipped] = (memory[flipped] ?? 0) ^ 0x10;
          expect(transform.verify(memory, 3, at, high, memory, at)).toBe(false);
        }
      }
    },
  );

  test('need a key of the right length, and of octets, and none once wiped', () => {
    for (const suite of AH_SUITES) {
      const key = randomOctets(suite.integrityKeyOctets, 1);
      expect(() => engine.createIcvTransform({ suite, key: key.subarray(1) })).toThrow(RangeError);
      expect(() => Reflect.apply(engine.createIcvTransform, engine, [{ suite, key: 'key' }])).toThrow(TypeError);
      const transform = engine.createIcvTransform({ suite, key });
      transform.wipe();
      const memory = new Uint8Array(64);
      expect(() => transform.compute(memory, 0, 8, undefined, memory, 8)).toThrow(TypeError);
      expect(() => transform.verify(memory, 0, 8, undefined, memory, 8)).toThrow(TypeError);
      const strict = (): unknown => engine.createIcvTransform({ suite, key, strictConstantTime: true });
      if (transform.constantTime) expect(strict()).toBeDefined();
      else expect(strict).toThrow(TypeError);
    }
    expect(() => ahSuite('hmac-sha1')).toThrow("AH suite 'hmac-sha1' is not known");
  });
});

describe.skipIf(!hasShared)('vectors of AES MACs', () => {
  interface RfcFile {
    readonly mac?: readonly { key: string; message: string; mac96: string }[];
    readonly cmac?: readonly { key: string; message: string; cmac96: string }[];
  }

  function isRight(name: string, key: string, message: string, icv: Uint8Array): boolean {
    const answers = ENGINES.map((engine) => {
      const transform = engine.createIcvTransform({ suite: ahSuite(name), key: octets(key) });
      const memory = octets(message);
      return transform.verify(memory, 0, memory.length, undefined, icv, 0);
    });
    expect(new Set(answers).size).toBe(1);
    return answers[0] === true;
  }

  test('of RFC 3566 and RFC 4493', () => {
    const xcbc = sharedJson<RfcFile>('vectors/rfc/rfc3566-rfc4434-aes-xcbc.json').mac ?? [];
    const cmac = sharedJson<RfcFile>('vectors/rfc/rfc4493-rfc4615-aes-cmac.json').cmac ?? [];
    expect([xcbc.length, cmac.length]).toEqual([7, 4]);
    for (const one of xcbc) expect(isRight('aes-xcbc-96', one.key, one.message, octets(one.mac96))).toBe(true);
    for (const one of cmac) expect(isRight('aes-cmac-96', one.key, one.message, octets(one.cmac96))).toBe(true);
  });

  test('of Wycheproof, the wrong ones too', () => {
    interface File {
      readonly testGroups: readonly {
        readonly keySize: number;
        readonly tagSize: number;
        readonly tests: readonly { key: string; msg: string; tag: string; result: string }[];
      }[];
    }
    const { testGroups } = sharedJson<File>('vectors/wycheproof/aes_cmac_test.json');
    let count = 0;
    for (const one of testGroups.filter((group) => group.keySize === 128).flatMap((group) => group.tests)) {
      const tag = octets(one.tag);
      // A tag may be wrong beyond the front of it that ESP and AH have.
      const front = hex(referenceMac('aes-cmac-96', octets(one.key), octets(one.msg)).subarray(0, 12));
      expect(isRight('aes-cmac-96', one.key, one.msg, tag)).toBe(
        one.result === 'valid' || hex(tag.subarray(0, 12)) === front,
      );
      count++;
    }
    expect(count).toBeGreaterThan(30);
  });
});
