import { ahSuite, espSuite } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { Ccm } from '../../src/modes/ccm.ts';
import { Gcm } from '../../src/modes/gcm.ts';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { keys, openOne, sealGiven } from '../support/esp.ts';
import { concat, hex, octets } from '../support/vectors.ts';

interface Wycheproof {
  readonly testGroups: readonly { readonly tests: readonly AeadTest[] }[];
}

interface AeadTest {
  readonly key: string;
  readonly iv: string;
  readonly aad?: string;
  readonly msg: string;
  readonly ct?: string;
  readonly tag: string;
  readonly result: string;
}

const EACH = ENGINES.map((engine) => [engine.name, engine] as const);

const viewOf = (of: Uint8Array): DataView => new DataView(of.buffer, of.byteOffset, of.length);
const padded = (of: Uint8Array): Uint8Array => concat(of, new Uint8Array(-of.length & 15));

function testsOf(file: string): readonly AeadTest[] {
  return sharedJson<Wycheproof>(`vectors/wycheproof/${file}`).testGroups.flatMap((group) => group.tests);
}

describe.skipIf(!hasShared).each(EACH)('vectors that are packets, on %s:', (_, engine) => {
  test.each([
    ['aes_gcm_test.json', 'gcm', 4, 5],
    ['aes_ccm_test.json', 'ccm', 3, 9],
  ] as const)(
    '%s, whose associated data has 8 octets, as an SPI and a number have',
    (file, mode, saltOctets, count) => {
      const tests = testsOf(file).filter(({ aad = '' }) => aad.length === 16);
      expect(tests).toHaveLength(count);
      for (const { key, iv, aad = '', msg, ct = '', tag, result } of tests) {
        const suite = espSuite(`aes-${4 * key.length}-${mode}-16`);
        const salt = octets(iv).slice(0, saltOctets);
        const pair = pairOf(engine, suite, keys({ encryption: octets(key), salt }));
        const front = concat(octets(aad), octets(iv).slice(saltOctets));
        const sealed = concat(front, octets(ct), octets(tag));
        const opened = openOne(pair.open, sealed);
        expect(opened.status).toBe(result === 'valid' ? 1 : 0);
        if (result === 'valid') {
          const plain = concat(front, octets(msg), new Uint8Array(16));
          expect(hex(sealGiven(pair.seal, plain))).toBe(hex(sealed));
          expect(hex(opened.memory.subarray(0, plain.length - 16))).toBe(hex(plain.subarray(0, plain.length - 16)));
        }
        wipe(pair);
      }
    },
  );

  test('72 of ACVP for AES-128-CMAC, whose front is an ICV', () => {
    interface File {
      readonly groups: readonly {
        readonly tests: readonly { key: string; message: string; mac: string; testPassed?: boolean }[];
      }[];
    }
    const tests = sharedJson<File>('vectors/acvp/cmac-aes128.json').groups.flatMap((group) => group.tests);
    expect(tests).toHaveLength(72);
    for (const { key, message, mac, testPassed = true } of tests) {
      const transform = engine.createIcvTransform({ suite: ahSuite('aes-cmac-96'), key: octets(key) });
      const memory = octets(message);
      const icv = new Uint8Array(12);
      transform.compute(memory, 0, memory.length, undefined, icv, 0);
      const shared = Math.min(24, mac.length);
      expect(hex(icv).slice(0, shared) === mac.toLowerCase().slice(0, shared)).toBe(testPassed);
      transform.wipe();
    }
  });

  test('7 of the Linux kernel for AES-CBC and 3DES-CBC with HMAC', () => {
    interface File {
      readonly authenc: readonly {
        readonly template: string;
        readonly auth_key: string;
        readonly enc_key: string;
        readonly assoc: string;
        readonly plaintext: string;
        readonly ciphertext: string;
        readonly icv_full: string;
        readonly as_esp?: object;
      }[];
    }
    const MACS: Readonly<Record<string, string>> = {
      md5: 'hmac-md5-96',
      sha1: 'hmac-sha1-96',
      sha256: 'hmac-sha2-256-128',
      sha384: 'hmac-sha2-384-192',
      sha512: 'hmac-sha2-512-256',
    };
    const packets = sharedJson<File>('vectors/linux/testmgr-esp.json').authenc.filter(
      (one) => one.as_esp !== undefined,
    );
    expect(packets).toHaveLength(7);
    for (const one of packets) {
      const [, hash = '', cipher = ''] = /hmac\((\w+)\),(\w+)\)/.exec(one.template) ?? [];
      const name = cipher === 'aes_cbc' ? `aes-${one.enc_key.length * 4}-cbc` : '3des-cbc';
      const suite = espSuite(`${name}/${MACS[hash]}`);
      const pair = pairOf(engine, suite, keys({ encryption: octets(one.enc_key), integrity: octets(one.auth_key) }));
      const icv = octets(one.icv_full).subarray(0, suite.icvOctets);
      const sealed = concat(octets(one.assoc), octets(one.ciphertext), icv);
      const plain = concat(octets(one.assoc), octets(one.plaintext), new Uint8Array(suite.icvOctets));
      expect(hex(sealGiven(pair.seal, plain))).toBe(hex(sealed));
      const { status, memory } = openOne(pair.open, sealed);
      expect(status).toBe(1);
      const end = plain.length - suite.icvOctets;
      expect(hex(memory.subarray(0, end))).toBe(hex(plain.subarray(0, end)));
      wipe(pair);
    }
  });
});

describe.each(EACH)('the 3 vectors of RFC 3713 Appendix A for Camellia, on %s:', (_, engine) => {
  const plain = '0123456789abcdeffedcba9876543210';
  test.each([
    ['0123456789abcdeffedcba9876543210', '67673138549669730857065648eabe43'],
    ['0123456789abcdeffedcba98765432100011223344556677', 'b4993401b3e996f84ee5cee7d79b09b9'],
    ['0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff', '9acc237dff16d76c20ef7c919e3a7509'],
  ])('%s', (key, ciphertext) => {
    const suite = espSuite(`camellia-${4 * key.length}-cbc/none`);
    const pair = pairOf(engine, suite, keys({ encryption: octets(key) }));
    const front = new Uint8Array(8 + 16);
    const sealed = sealGiven(pair.seal, concat(front, octets(plain)));
    expect(hex(sealed.subarray(24))).toBe(ciphertext);
    expect(hex(openOne(pair.open, sealed).memory.subarray(24))).toBe(plain);
    wipe(pair);
  });
});

describe.skipIf(!hasShared)('vectors that are no packets, by the modes themselves:', () => {
  test('450 of ACVP for AES-CCM with nonces of 11 octets and associated data', () => {
    interface File {
      readonly groups: readonly {
        readonly aadLen: number;
        readonly payloadLen: number;
        readonly tagLen: number;
        readonly tests: readonly {
          key: string;
          iv: string;
          aad: string;
          ct: string;
          pt?: string;
          testPassed: boolean;
        }[];
      }[];
    }
    const groups = sharedJson<File>('vectors/acvp/aes-ccm-nonce11.json').groups.filter(({ aadLen }) => aadLen > 0);
    const outcomes = { good: 0, bad: 0 };
    for (const { tagLen, tests } of groups) {
      for (const { key, iv, aad, ct, pt, testPassed } of tests) {
        const ccm = new Ccm(octets(key), octets(iv).slice(0, 3), tagLen / 8);
        const sealed = octets(ct);
        const end = sealed.length - tagLen / 8;
        const associated = padded(concat(Uint8Array.of(0, octets(aad).length), octets(aad)));
        const text = sealed.slice(0, end);
        ccm.start(viewOf(octets(iv)), 3);
        ccm.crypt(viewOf(text), 0, end);
        const tag = ccm.tag(viewOf(associated), viewOf(text), 0, end);
        const isRight = sealed.subarray(end).every((octet, i) => octet === tag.getUint8(i));
        expect(isRight).toBe(testPassed);
        if (testPassed && pt !== undefined) expect(hex(text)).toBe(pt.toLowerCase());
        outcomes[isRight ? 'good' : 'bad'] += 1;
      }
    }
    expect(outcomes.good + outcomes.bad).toBe(450);
    expect(Math.min(outcomes.good, outcomes.bad)).toBeGreaterThan(50);
  });

  test('207 of Wycheproof for AES-GMAC', () => {
    const tests = testsOf('aes_gmac_test.json');
    expect(tests).toHaveLength(207);
    for (const { key, iv, msg, tag, result } of tests) {
      const gcm = new Gcm(keys({ encryption: octets(key), salt: octets(iv).slice(0, 4) }));
      gcm.start(viewOf(octets(iv)), 4);
      const lengths = new Uint8Array(16);
      gcm.writeLengths(viewOf(lengths), 0, octets(msg).length, 0);
      const all = concat(padded(octets(msg)), lengths);
      gcm.absorb(viewOf(all), 0, all.length);
      const ours = new Uint8Array(16);
      gcm.writeTag(viewOf(ours), 0);
      expect(hex(ours) === tag).toBe(result === 'valid');
    }
  });
});
