import { type DhGroup, type DhGroupNumber, dhGroup } from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { isThorough } from '../../../../test/support/thorough.ts';
import type { EcpNumber } from '../../src/dh/other-curves.ts';
import { nodeCurve25519Group } from '../../src/node/dh/curve25519.ts';
import { nodeEcpGroup } from '../../src/node/dh/ecp.ts';
import { concat, hex, octets, vectors } from '../support/vectors.ts';

const ECP: readonly EcpNumber[] = [19, 20, 21];
const OTHER: readonly EcpNumber[] = [25, 26, 27, 28, 29, 30];

/** Each group as the portable engines compute it, and as that of Node does. */
const GROUPS: readonly (readonly [string, DhGroup])[] = [
  ...[...ECP, ...OTHER].flatMap((number) => [
    [`group ${number} by noble`, dhGroup(number)] as const,
    [`group ${number} by node`, nodeEcpGroup(number)] as const,
  ]),
  ['group 31 by noble', dhGroup(31)],
  ['group 31 by node', nodeCurve25519Group()],
];

function implementations(number: DhGroupNumber): DhGroup[] {
  return GROUPS.map(([, group]) => group).filter((group) => group.number === number);
}

interface Rfc5903 {
  readonly cases: readonly Readonly<
    { group: EcpNumber } & Record<'i' | 'gix' | 'giy' | 'r' | 'grx' | 'gry' | 'girx', string>
  >[];
}

test('values and secrets are those that RFC 5903 §8 prints: x | y is sent, x alone is shared', () => {
  const { cases } = vectors<Rfc5903>('rfc/rfc5903-ecp-groups.json');
  expect(cases.map((one) => one.group)).toEqual(ECP);
  for (const { group: number, i, gix, giy, r, grx, gry, girx } of cases) {
    for (const group of implementations(number)) {
      const [initiator, responder] = [group.keyPairFrom(octets(i)), group.keyPairFrom(octets(r))];
      expect(hex(initiator.publicValue)).toBe(gix + giy);
      expect(hex(responder.publicValue)).toBe(grx + gry);
      expect(hex(initiator.agree(responder.publicValue) ?? octets(''))).toBe(girx);
      expect(hex(responder.agree(initiator.publicValue) ?? octets(''))).toBe(girx);
    }
  }
});

test('values and secrets are those of RFC 7748 §6.1', () => {
  for (const group of implementations(31)) {
    const alice = group.keyPairFrom(octets('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = group.keyPairFrom(octets('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    expect(hex(alice.publicValue)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hex(bob.publicValue)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(hex(alice.agree(bob.publicValue) ?? octets(''))).toBe(shared);
    expect(hex(bob.agree(alice.publicValue) ?? octets(''))).toBe(shared);
  }
});

describe.each(GROUPS)('%s', (_, group) => {
  const pair = group.createKeyPair(seededRng(1));

  test('agrees with itself and with the other way to compute it, from the same random octets', () => {
    for (const other of implementations(group.number)) {
      const peer = other.createKeyPair(seededRng(2));
      expect(hex(other.createKeyPair(seededRng(1)).publicValue)).toBe(hex(pair.publicValue));
      expect(peer.publicValue).toHaveLength(group.octets);
      const secret = pair.agree(peer.publicValue);
      expect(secret).toHaveLength(group.secretOctets);
      expect(secret).toEqual(peer.agree(pair.publicValue));
    }
  });

  test('takes no value of another length, and says so without an exception', () => {
    const { publicValue } = pair;
    for (const bad of [
      octets(''),
      publicValue.subarray(1),
      concat(publicValue, octets('00')),
      concat(octets('04'), publicValue),
    ]) {
      expect(group.isPublicValue(bad)).toBe(false);
      expect(pair.agree(bad)).toBeUndefined();
    }
  });

  test('agrees on what it calls a public value, and on nothing else, whatever the octets are', () => {
    const value = fc.oneof(
      fc.uint8Array({ minLength: group.octets, maxLength: group.octets }),
      fc.constantFrom(0, 1, 255).map((octet) => new Uint8Array(group.octets).fill(octet)),
    );
    fc.assert(
      fc.property(value, (octetsOfPeer) => {
        expect(pair.agree(octetsOfPeer) !== undefined).toBe(group.isPublicValue(octetsOfPeer));
      }),
      { numRuns: 8 },
    );
  });

  test('takes octets only, from whoever calls', () => {
    for (const bad of ['text', [1, 2], new DataView(new ArrayBuffer(4))]) {
      // @ts-expect-error: a caller in plain JavaScript
      expect(() => pair.agree(bad)).toThrow(/^peerPublicValue must be a Uint8Array/);
      // @ts-expect-error: a caller in plain JavaScript
      expect(() => group.isPublicValue(bad)).toThrow(/^value must be a Uint8Array/);
    }
  });

  test('forgets its private value', () => {
    const forgotten = group.createKeyPair(seededRng(3));
    forgotten.wipe();
    expect(() => forgotten.agree(pair.publicValue)).toThrow(TypeError);
  });

  test('refuses a private value that is none', () => {
    for (const bad of [new Uint8Array(group.octets + 1), new Uint8Array(0)]) {
      expect(() => group.keyPairFrom(bad)).toThrow(/^privateValue must be /);
    }
  });
});

describe.each(ECP)('group %i', (number) => {
  const group = dhGroup(number);
  const half = group.octets / 2;
  const { publicValue } = group.createKeyPair(seededRng(5));

  test('has no point off the curve: any bit of a public value turned makes it none', () => {
    for (const which of implementations(number)) {
      const pair = which.createKeyPair(seededRng(6));
      for (let bit = 0; bit < 8 * group.octets; bit += 37) {
        const off = publicValue.slice();
        off[bit >> 3] = (off[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(which.isPublicValue(off)).toBe(false);
        expect(pair.agree(off)).toBeUndefined();
      }
    }
  });

  test('has no infinity, and no coordinate that is not below p', () => {
    for (const which of implementations(number)) {
      const pair = which.createKeyPair(seededRng(6));
      for (const bad of [
        new Uint8Array(group.octets),
        new Uint8Array(group.octets).fill(255),
        concat(new Uint8Array(half).fill(255), publicValue.subarray(half)),
      ]) {
        expect(which.isPublicValue(bad)).toBe(false);
        expect(pair.agree(bad)).toBeUndefined();
      }
    }
  });
});

test('Curve25519 refuses the points of low order, however they are written', () => {
  // As in the test of libsodium: 0, 1, two of order 8, p - 1, p and p + 1.
  const low = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
  ];
  for (const group of implementations(31)) {
    const pair = group.createKeyPair(seededRng(1));
    for (const u of low) {
      for (const highest of [0, 0x80]) {
        const value = octets(u);
        value[31] = (value[31] ?? 0) | highest;
        expect(group.isPublicValue(value)).toBe(false);
        expect(pair.agree(value)).toBeUndefined();
      }
    }
  }
});

/** Both need milliseconds for each in the larger groups: one of so many of the good ones will do. */
const SAMPLE = isThorough ? { noble: 1, node: 1, curve25519: 1 } : { noble: 60, node: 10, curve25519: 6 };

interface Wycheproof {
  readonly testGroups: readonly {
    readonly tests: readonly Readonly<
      Record<'public' | 'private' | 'shared' | 'result', string> & { tcId: number; flags: string[] }
    >[];
  }[];
}

describe.skipIf(!hasShared)('Wycheproof', () => {
  test.each([
    [19, 'secp256r1'],
    [20, 'secp384r1'],
    [21, 'secp521r1'],
  ] as const)('group %i agrees where it may and nowhere else', (number, curve) => {
    const { testGroups } = sharedJson<Wycheproof>(`vectors/wycheproof/ecdh_${curve}_ecpoint_test.json`);
    let agreed = 0;
    for (const { tests } of testGroups) {
      for (const one of tests) {
        const point = octets(one.public);
        const isOurs = point[0] === 4 && point.length === 1 + dhGroup(number).octets;
        for (const group of isOurs ? implementations(number) : []) {
          const sample = group === dhGroup(number) ? SAMPLE.noble : SAMPLE.node;
          if (one.result !== 'invalid' && one.tcId % sample !== 0) continue;
          const digits = one.private.replace(/^(00)+/, '');
          const secret = group.keyPairFrom(octets(digits)).agree(point.subarray(1));
          expect([one.tcId, secret === undefined ? '' : hex(secret)]).toEqual([
            one.tcId,
            one.result === 'invalid' ? '' : one.shared,
          ]);
          agreed += 1;
        }
      }
    }
    expect(agreed).toBeGreaterThan(60);
  });

  test('Curve25519 agrees on all but a secret of zeros', () => {
    const { testGroups } = sharedJson<Wycheproof>('vectors/wycheproof/x25519_test.json');
    let agreed = 0;
    for (const { tests } of testGroups) {
      for (const one of tests) {
        for (const group of implementations(31)) {
          if (group === dhGroup(31) && one.result === 'valid' && one.tcId % SAMPLE.curve25519 !== 0) continue;
          const secret = group.keyPairFrom(octets(one.private)).agree(octets(one.public));
          const expected = /^0*$/.test(one.shared) ? '' : one.shared;
          expect([one.tcId, secret === undefined ? '' : hex(secret)]).toEqual([one.tcId, expected]);
          agreed += 1;
        }
      }
    }
    expect(agreed).toBeGreaterThan(500);
  });
});

test.runIf(hasShared)('public values that strongSwan sent in group 19 are points of it', () => {
  interface Keys {
    readonly ike_sas: readonly Readonly<Record<'g_xi' | 'g_xr' | 'g_xy', string>>[];
  }
  const { ike_sas } = sharedJson<Keys>('captures/ike-aes192-sha256-ecp256/keys.json');
  for (const { g_xi, g_xr, g_xy } of ike_sas) {
    for (const value of [g_xi, g_xr]) {
      expect(dhGroup(19).isPublicValue(octets(value))).toBe(true);
      // RFC 5903 §7: the secret is an x, so that no point of it is sent as it is.
      expect(value).not.toContain(g_xy);
    }
    expect(octets(g_xy)).toHaveLength(dhGroup(19).secretOctets);
  }
  expect(ike_sas.length).toBeGreaterThan(0);
});
