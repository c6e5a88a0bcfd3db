import { fromAscii, fromHex, ID_TYPE } from '@espalier/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameIdentity } from '../../src/explain/identity.ts';
import { identityKey } from '../../src/v1/identities.ts';

const named = (data: Uint8Array) => nameIdentity({ idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data }).value;

/** An element of DER, short enough for one octet of length, or for two. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Uint8Array.from(parts.flatMap((part) => [...part]));
  const { length } = content;
  return Uint8Array.of(tag, ...(length < 128 ? [length] : [0x82, length >> 8, length & 0xff]), ...content);
}

const attribute = (oid: string, tag: number, value: Uint8Array): Uint8Array =>
  der(0x30, der(0x06, fromHex(oid)), der(tag, value));

it('a distinguished name is read as people write it, whatever kind its strings are', () => {
  expect(
    named(fromHex('302c310b3009060355040613024e4c3110300e060355040a13074578616d706c65310b3009060355040313025233')),
  ).toBe('C=NL, O=Example, CN=R3');
  const several = der(
    0x30,
    der(0x31, attribute('0992268993f22c640119', 0x16, fromAscii('org'))),
    der(0x31, attribute('550403', 0x1e, fromHex('00520033')), attribute('550405', 0x0c, fromAscii('7'))),
    der(0x31, attribute('2a0304', 0x0c, Uint8Array.of(0xc3, 0xa9, 0x0a))),
  );
  expect(named(several)).toBe('DC=org, CN=R3+serialNumber=7, 2a0304=\\xc3\\xa9\\x0a');
  const long = der(0x30, der(0x31, attribute('550403', 0x0c, fromAscii('x'.repeat(300)))));
  expect(named(long)).toBe(`CN=${'x'.repeat(124)}…`);
});

it('what is none is told in hexadecimal, and no octets are too much', () => {
  const good = der(0x30, der(0x31, attribute('550403', 0x13, fromAscii('R3'))));
  for (let length = 1; length < good.length; length++) expect(named(good.subarray(0, length))).toMatch(/^0x/);
  for (const wrong of ['3080', '30830000010102', '310b', '300431020600', '3009310730050603550403']) {
    expect(named(fromHex(wrong))).toMatch(/^0x/);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      expect(named(octets).length).toBeLessThanOrEqual(128);
      expect(typeof identityKey({ idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data: octets })).toBe('string');
    }),
  );
});
