import { ipv4Address, ipv6Address, octets } from '@espalier/testing/arbitraries';
import {
  compareAddresses,
  concat,
  equalOctets,
  formatAddress,
  formatPrefix,
  fromAscii,
  fromHex,
  maskLength,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixMask,
  prefixNetwork,
  toHex,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const address = fc.oneof(ipv4Address, ipv6Address);
const prefix = address.chain((address) =>
  fc.record({ address: fc.constant(address), length: fc.integer({ min: 0, max: 8 * address.length }) }),
);

describe('octets', () => {
  it('are the same after hexadecimal', () => {
    fc.assert(
      fc.property(octets(0, 40), (data) => {
        expect(fromHex(toHex(data))).toEqual(data);
        expect(fromHex(toHex(data).toUpperCase())).toEqual(data);
      }),
    );
  });

  it.each(['0', 'zz', '0x00', ' 00', '00\n'])('are not read from %j', (text) => {
    expect(() => fromHex(text)).toThrow(RangeError);
  });

  it('are read from ASCII alone', () => {
    expect(fromAscii('vpn.example')).toEqual(fromHex('76706e2e6578616d706c65'));
    expect(() => fromAscii('smörgås')).toThrow(RangeError);
  });

  it('are equal when concatenated alike', () => {
    fc.assert(
      fc.property(octets(0, 20), octets(0, 20), (a, b) => {
        expect(concat(a, b)).toEqual(Uint8Array.of(...a, ...b));
        expect(equalOctets(a, a.slice())).toBe(true);
        expect(equalOctets(a, b)).toBe(toHex(a) === toHex(b));
      }),
    );
  });
});

describe('addresses in text', () => {
  it('are the octets that they were made from', () => {
    fc.assert(
      fc.property(address, (octets) => {
        expect(parseAddress(formatAddress(octets))).toEqual(octets);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['10.1.15.1', '0a010f01'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
    ['2001:0:0:1::1', '20010000000000010000000000000001'],
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ])('are canonical by RFC 5952: %s', (text, hex) => {
    expect(formatAddress(fromHex(hex))).toBe(text);
    expect(toHex(parseAddress(text))).toBe(hex);
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0001', '2001:db8::1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('are read in other forms too: %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it.each([
    '',
    '10.1.15',
    '10.1.15.256',
    '10.1.15.01',
    '10.1.15.1 ',
    '0x0a.1.1.1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    ':1::',
    '12345::',
    'fe80::1%eth0',
    '192.0.2.1::',
    '1:192.0.2.1::',
    '::192.0.2.1:1',
  ])('are refused when they are not such: %j', (text) => {
    expect(() => parseAddress(text)).toThrow(RangeError);
  });

  // Regression: what is no text was asked for its characters.
  it('are refused, and so are prefixes, where they are no text at all', () => {
    for (const value of [undefined, null, 5, 5n, ['10.1.15.1'], new Uint8Array(4)].map((one) => one as never)) {
      const error = new TypeError('text must be a string');
      expect(() => parseAddress(value)).toThrow(error);
      expect(() => parsePrefix(value)).toThrow(error);
    }
  });

  it('are never made from other octets than 4 or 16', () => {
    expect(() => formatAddress(new Uint8Array(8))).toThrow(RangeError);
  });
});

describe('prefixes', () => {
  it('are the same after text, the bits behind the length included', () => {
    fc.assert(
      fc.property(prefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
    expect(formatPrefix(parsePrefix('10.1.15.1/30'))).toBe('10.1.15.1/30');
    expect(formatPrefix(parsePrefix('10.1.15.1'))).toBe('10.1.15.1/32');
  });

  it('contain the addresses that agree in their leading bits', () => {
    fc.assert(
      fc.property(prefix, address, (prefix, other) => {
        const bits = (octets: Uint8Array): string => [...octets].map((o) => o.toString(2).padStart(8, '0')).join('');
        const agree = bits(other).startsWith(bits(prefix.address).slice(0, prefix.length));
        expect(prefixContains(prefix, other)).toBe(other.length === prefix.address.length && agree);
        expect(prefixContains(prefix, prefix.address)).toBe(true);
        expect(prefixContains(prefix, prefixNetwork(prefix))).toBe(true);
      }),
    );
  });

  it('have the length of their mask, and no other mask has one', () => {
    for (let length = 0; length <= 128; length++) expect(maskLength(prefixMask(length, 16))).toBe(length);
    for (const mask of ['ff00ff00', '00000001', 'fffffffd', 'fe800000', '7f000000']) {
      expect(maskLength(fromHex(mask))).toBeUndefined();
    }
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '::/129', '/8'])('are not %j', (text) => {
    expect(() => parsePrefix(text)).toThrow(RangeError);
  });

  it('order addresses as numbers', () => {
    expect(compareAddresses(parseAddress('10.0.0.2'), parseAddress('10.0.0.10'))).toBeLessThan(0);
    expect(compareAddresses(parseAddress('10.0.1.0'), parseAddress('10.0.0.255'))).toBeGreaterThan(0);
    expect(compareAddresses(parseAddress('::1'), parseAddress('::1'))).toBe(0);
  });
});
