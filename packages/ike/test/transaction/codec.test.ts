import type { AssignedConfiguration } from '@espalier/ike';
import { type Attribute, formatAddress, formatPrefix, fromAscii, prefixNetwork } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAssignedConfiguration } from '../../src/configuration/mode-config.ts';
import {
  configurationAttributes,
  readConfiguration,
  readRequest,
  requestAttributes,
} from '../../src/v1/transaction/mode-config/attributes.ts';
import { octetsOf, textOf } from '../../src/v1/transaction/text.ts';
import { promptAttributes, readCredentials, readPrompt } from '../../src/v1/transaction/xauth/attributes.ts';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const host = (length: number) => octets(length).filter((address) => address.some((octet) => octet !== 0));
const ipv4 = host(4).map((address) => formatAddress(address));
const ipv6 = host(16).map((address) => formatAddress(address));
const prefix = (length: number) =>
  fc
    .record({ address: octets(length), length: fc.integer({ min: 0, max: 8 * length }) })
    .map((one) => formatPrefix({ address: prefixNetwork(one), length: one.length }));
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 4 });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((one) => {
  const read = textOf(octetsOf(one), 512);
  return read === one;
});
const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);

/** Lists of both families come back sorted by them. */
const sorted = (list: readonly string[]): string[] => [
  ...list.filter((one) => !one.includes(':')),
  ...list.filter((one) => one.includes(':')),
];

const configuration: fc.Arbitrary<AssignedConfiguration> = fc.record(
  {
    addresses: fc.oneof(
      ipv4.map((one) => [one]),
      ipv6.map((one) => [one]),
      fc.tuple(ipv4, ipv6).map((both) => [...both]),
    ),
    netmask: ipv4,
    expirySeconds: fc.integer({ min: 1, max: 0xffffffff }),
    dns: some(fc.oneof(ipv4, ipv6)).map(sorted),
    nbns: some(fc.oneof(ipv4, ipv6)).map(sorted),
    dhcp: some(fc.oneof(ipv4, ipv6)).map(sorted),
    subnets: some(fc.oneof(prefix(4), prefix(16))).map(sorted),
    applicationVersion: name,
    banner: text,
    savePassword: fc.boolean(),
    domain: name,
    splitDns: some(name),
    splitInclude: some(prefix(4)),
    splitExclude: some(prefix(4)),
    pfsGroup: fc.integer({ min: 1, max: 31 }),
    natTraversalPort: fc.integer({ min: 1, max: 0xffff }),
    backupServers: some(name),
  },
  { requiredKeys: ['addresses'] },
);

const anyAttribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.oneof(
    fc.integer({ min: 0, max: 16 }),
    fc.integer({ min: 16520, max: 16530 }),
    fc.integer({ min: 28672, max: 28684 }),
  ),
  value: fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 40 })),
});

describe('a configuration', () => {
  it('is read from attributes as it was written, and is one that a lease may be', () => {
    fc.assert(
      fc.property(configuration, (one) => {
        expect(readAssignedConfiguration('lease', one)).toEqual(one);
        expect(readConfiguration(configurationAttributes(one, { unity: true }))).toEqual(one);
      }),
    );
  });

  it('has no address in TV of 2 octets, and nothing of Unity for whom it means nothing', () => {
    fc.assert(
      fc.property(configuration, (one) => {
        const attributes = configurationAttributes(one, { unity: false });
        for (const { type, value } of attributes) {
          expect(type).toBeLessThan(28672);
          expect(value).toBeInstanceOf(Uint8Array);
        }
      }),
    );
  });

  it('of any attributes is read without an exception, and can be told again', () => {
    fc.assert(
      fc.property(fc.array(anyAttribute, { maxLength: 30 }), (attributes) => {
        const read = readConfiguration(attributes);
        expect(readConfiguration(configurationAttributes(read, { unity: true }))).toEqual(read);
        readRequest(attributes);
        readPrompt(attributes);
        readCredentials(attributes);
      }),
    );
  });

  it('asked for says which families, and what is wished for', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.array(ipv4, { maxLength: 1 }),
        (four, six, unity, wishes) => {
          const request = { ipv4: four, ipv6: six, unity, wishes: four ? wishes : [], applicationVersion: 'test' };
          expect(readRequest(requestAttributes(request))).toEqual(request);
        },
      ),
    );
  });
});

describe('a prompt', () => {
  it('is read as it was written', () => {
    const asks = fc.subarray(['user-name', 'password', 'passcode', 'next-pin', 'reply', 'domain'] as const);
    const type = fc.constantFrom('generic', 'radius-chap', 'otp', 's/key');
    const challenge = fc.option(octets(16), { nil: undefined });
    fc.assert(
      fc.property(type, asks, fc.option(text, { nil: undefined }), challenge, (of, what, message, with_) => {
        const prompt = { type: of, asks: what, message, challenge: with_ } as const;
        expect(readPrompt(promptAttributes(prompt))).toEqual(prompt);
      }),
    );
  });
});

describe('text', () => {
  it('is UTF-8, and what is none is taken for Latin-1; what nobody can print is left out', () => {
    expect(textOf(octetsOf('Grüße, 世界 🌍'), 99)).toBe('Grüße, 世界 🌍');
    expect(textOf(Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65), 99)).toBe('Grüße');
    expect(textOf(fromAscii('a\u0000b\u001b[31mc\u007f'), 99)).toBe('ab[31mc');
    expect(textOf(fromAscii('abcdef'), 3)).toBe('abc');
  });
});

describe('a time that an address is given for', () => {
  it.each([
    [Uint8Array.of(0, 0, 14, 16), 3600],
    [Uint8Array.of(0, 0, 0, 0), undefined],
  ])('%o octets are %s seconds: of none nothing is known', (value, expirySeconds) => {
    const read = readConfiguration([
      { type: 1, value: Uint8Array.of(10, 1, 77, 1) },
      { type: 5, value },
    ]);
    expect(read.expirySeconds).toBe(expirySeconds);
  });
});
