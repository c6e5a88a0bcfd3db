import { anyIdentification, identification, ipv4Address, octets } from '@espalier/testing/arbitraries';
import {
  checkIdentification,
  compareAddresses,
  decodePayloads,
  encodePayloads,
  equalIdentification,
  formatIdentification,
  fqdnId,
  fromHex,
  ID_TYPE,
  type Identification,
  identificationContains,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  ipv6AddressId,
  ipv6RangeId,
  ipv6SubnetId,
  keyId,
  PROTOCOL,
  parseAddress,
  userFqdnId,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const UDP_500 = { protocol: PROTOCOL.udp, port: 500 };

const EXAMPLES: readonly (readonly [string, Identification, string])[] = [
  ['ipv4_subnet(any:0,[0..7]=10.1.12.0/24)', ipv4SubnetId('10.1.12.0/24'), '040000000a010c00ffffff00'],
  ['ipv4(any:0,[0..3]=10.1.15.1)', ipv4AddressId('10.1.15.1'), '010000000a010f01'],
  ['ipv4(udp:500,[0..3]=10.1.15.1)', ipv4AddressId('10.1.15.1', UDP_500), '011101f40a010f01'],
  ['ipv4_range(any:0,[0..7]=10.0.0.1-10.0.0.9)', ipv4RangeId('10.0.0.1', '10.0.0.9'), '070000000a0000010a000009'],
  ['fqdn(any:0,[0..10]=vpn.example)', fqdnId('vpn.example'), '0200000076706e2e6578616d706c65'],
  ['usr@fqdn(any:0,[0..3]=a@b.)', userFqdnId('a@b.'), '030000006140622e'],
  ['key_id(any:0,[0..2]=0x00ff10)', keyId(fromHex('00ff10')), '0b00000000ff10'],
  ['ipv6(any:0,[0..15]=2001:db8::1)', ipv6AddressId('2001:db8::1'), '0500000020010db8000000000000000000000001'],
  [
    'ipv6_subnet(tcp:80,[0..31]=2001:db8::/32)',
    ipv6SubnetId('2001:db8::/32', { protocol: 6, port: 80 }),
    `0606005020010db8${'0'.repeat(24)}ffffffff${'0'.repeat(24)}`,
  ],
  ['ipv6_range(any:0,[0..31]=::1-::2)', ipv6RangeId('::1', '::2'), `08000000${'0'.repeat(31)}1${'0'.repeat(31)}2`],
];

describe('an identification', () => {
  it.each(EXAMPLES)('prints as Junos prints it: %s', (text, id, body) => {
    expect(formatIdentification(id)).toBe(text);
    const { firstType, octets } = encodePayloads([{ kind: 'id', ...id }]);
    expect(octets.subarray(4)).toEqual(fromHex(body));
    expect(decodePayloads(firstType, octets).payloads[0]).toMatchObject({ kind: 'id', ...id });
    expect(checkIdentification(id)).toBeUndefined();
  });

  it('is well-formed as the arbitraries make it, and prints in printable ASCII whatever a peer sends', () => {
    fc.assert(fc.property(identification, (id) => checkIdentification(id) === undefined));
    fc.assert(
      fc.property(anyIdentification, (id) => {
        expect(formatIdentification(id)).toMatch(/^[\x20-\x7e]*$/);
        identificationContains(id, new Uint8Array(4));
      }),
      { numRuns: 300 },
    );
  });

  it('equals another in type, protocol, port and data or not at all', () => {
    fc.assert(
      fc.property(identification, (id) => {
        expect(equalIdentification(id, { ...id, data: id.data.slice() })).toBe(true);
        expect(equalIdentification(id, { ...id, idType: id.idType + 1 })).toBe(false);
        expect(equalIdentification(id, { ...id, protocol: id.protocol + 1 })).toBe(false);
        expect(equalIdentification(id, { ...id, port: id.port + 1 })).toBe(false);
        expect(equalIdentification(id, { ...id, data: Uint8Array.of(...id.data, 0) })).toBe(false);
      }),
    );
  });
});

describe('the data of an identification (RFC 2407 §4.6.2)', () => {
  it.each([
    ['an address of 3 octets', ID_TYPE.ipv4Address, '0a0000', 'length'],
    ['an address of 16 octets as IPv4', ID_TYPE.ipv4Address, '00'.repeat(16), 'length'],
    ['a subnet with a prefix length for a netmask', ID_TYPE.ipv4Subnet, '0a01000018', 'length'],
    ['a subnet with a netmask that has holes', ID_TYPE.ipv4Subnet, '0a010000ff00ff00', 'value'],
    ['an IPv6 subnet shorter than 32 octets (CVE-2017-13689)', ID_TYPE.ipv6Subnet, '00'.repeat(31), 'length'],
    ['a range whose end comes first', ID_TYPE.ipv4Range, '0a0000090a000001', 'value'],
    ['half a range', ID_TYPE.ipv6Range, '00'.repeat(16), 'length'],
    ['a name with a terminator', ID_TYPE.fqdn, '76706e00', 'value'],
    ['an empty name', ID_TYPE.userFqdn, '', 'length'],
    ['an empty key id', ID_TYPE.keyId, '', 'length'],
  ] as const)('may not be %s', (_, idType, data, fault) => {
    const id = { idType, protocol: 0, port: 0, data: fromHex(data) };
    expect(checkIdentification(id)).toBe(fault);
    expect(identificationContains(id, new Uint8Array(4))).toBe(false);
  });

  it('are anything at all for a type that the RFC does not define', () => {
    expect(checkIdentification({ idType: 200, protocol: 0, port: 0, data: new Uint8Array(0) })).toBeUndefined();
  });
});

describe('an identification of addresses', () => {
  it('contains a range with both its ends, and nothing outside', () => {
    fc.assert(
      fc.property(ipv4Address, ipv4Address, ipv4Address, (a, b, address) => {
        const [first, last] = compareAddresses(a, b) <= 0 ? [a, b] : [b, a];
        const id = ipv4RangeId(first.join('.'), last.join('.'));
        const inside = compareAddresses(first, address) <= 0 && compareAddresses(address, last) <= 0;
        expect(identificationContains(id, address)).toBe(inside);
        expect(identificationContains(id, first)).toBe(true);
        expect(identificationContains(id, last)).toBe(true);
      }),
    );
  });

  it.each([
    [ipv4SubnetId('10.1.12.0/24'), '10.1.12.255', true],
    [ipv4SubnetId('10.1.12.0/24'), '10.1.13.0', false],
    [ipv4SubnetId('10.1.12.7/24'), '10.1.12.1', true],
    [ipv4SubnetId('0.0.0.0/0'), '255.255.255.255', true],
    [ipv4SubnetId('0.0.0.0/0'), '::', false],
    [ipv4AddressId('10.1.12.1'), '10.1.12.1', true],
    [ipv4AddressId('10.1.12.1'), '10.1.12.2', false],
    [ipv6SubnetId('2001:db8::/33'), '2001:db8:7fff::1', true],
    [ipv6SubnetId('2001:db8::/33'), '2001:db8:8000::1', false],
    [fqdnId('abcd'), '97.98.99.100', false],
    [keyId(parseAddress('10.1.12.1')), '10.1.12.1', false],
  ] as const)('decides by its form: case %#', (id, address, contained) => {
    expect(identificationContains(id, parseAddress(address))).toBe(contained);
  });

  it('is of the family that it is asked for, or a RangeError', () => {
    expect(() => ipv4AddressId('::1')).toThrow(RangeError);
    expect(() => ipv6AddressId('10.0.0.1')).toThrow(RangeError);
    expect(() => ipv4SubnetId('2001:db8::/32')).toThrow(RangeError);
    expect(() => ipv4RangeId('10.0.0.2', '10.0.0.1')).toThrow(RangeError);
    expect(() => fqdnId('münchen.example')).toThrow(RangeError);
  });
});

it('a key id is a copy of what it was made from', () => {
  fc.assert(
    fc.property(octets(1, 20), (data) => {
      const id = keyId(data);
      const before = data.slice();
      data.fill(0xaa);
      expect(id.data).toEqual(before);
    }),
  );
});
