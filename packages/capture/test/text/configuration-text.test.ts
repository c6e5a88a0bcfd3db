import {
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  fromAscii,
  UNITY_ATTRIBUTE,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { configurationText } from '../../src/text/configuration-text.ts';

const C = CONFIGURATION_ATTRIBUTE;
const U = UNITY_ATTRIBUTE;
const X = XAUTH_ATTRIBUTE;
const textOf = (type: number, value: number | Uint8Array) =>
  configurationText({
    kind: 'configuration',
    type: CONFIGURATION_TYPE.reply,
    identifier: 0,
    attributes: [{ type, value }],
  });
const NETWORK = Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0);

it.each([
  [C.ip4Address, Uint8Array.of(10, 1, 77, 1), 'reply, ip4Address 10.1.77.1'],
  [C.ip4Address, new Uint8Array(0), 'reply, ip4Address'],
  [C.ip4Address, Uint8Array.of(10, 1), 'reply, ip4Address'],
  [C.ip6Address, Uint8Array.of(0x20, 1, ...new Uint8Array(14), 64), 'reply, ip6Address 2001::/64'],
  [C.ip4Subnet, NETWORK, 'reply, ip4Subnet 10.1.0.0/255.255.0.0'],
  [C.addressExpiry, Uint8Array.of(0, 0, 14, 16), 'reply, addressExpiry 3600'],
  [U.splitInclude, Uint8Array.of(...NETWORK, ...new Uint8Array(6)), 'reply, splitInclude 10.1.0.0/255.255.0.0'],
  [U.defaultDomain, fromAscii('example.org'), "reply, defaultDomain 'example.org'"],
  [U.banner, fromAscii('line\nline'), 'reply, banner'],
  [U.banner, fromAscii('x'.repeat(65)), `reply, banner '${'x'.repeat(64)}...'`],
  [U.pfs, 2, 'reply, pfs 2'],
  [X.userName, fromAscii('carol'), "reply, xauth userName 'carol'"],
  [X.status, 1, 'reply, xauth status ok'],
  [X.userPassword, fromAscii('secret'), 'reply, xauth userPassword'],
  [X.nextPin, 1234, 'reply, xauth nextPin'],
  [999, fromAscii('secret'), 'reply, 999'],
])('attribute %i of %j is shown as it may be', (type, value, text) => {
  expect(textOf(type, value)).toBe(text);
});

it('is one line, whatever the octets are', () => {
  const octets = fc.uint8Array({ maxLength: 300 });
  const types = fc.constantFrom(...[C, U, X].flatMap((registry) => Object.values<number>(registry)));
  fc.assert(
    fc.property(types, fc.oneof(octets, fc.nat(65_535)), (type, value) => /^[\x20-\x7e]*$/.test(textOf(type, value))),
  );
});
