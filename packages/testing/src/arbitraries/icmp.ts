import type { IcmpMessage, Icmpv6Message } from '@espalier/wire';
import fc from 'fast-check';
import { octets, u8, u16, u32 } from './octets.ts';

export const icmpMessage: fc.Arbitrary<IcmpMessage> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('echo-request', 'echo-reply'),
    identifier: u16,
    sequence: u16,
    data: octets(0, 100),
  }),
  fc.record({ kind: fc.constant('time-exceeded'), code: u8, original: octets(0, 100) }),
  fc.record({
    kind: fc.constant('destination-unreachable'),
    code: fc.constantFrom(0, 1, 2, 3, 13, 255),
    nextHopMtu: fc.constant(0),
    original: octets(0, 100),
  }),
  fc.record({
    kind: fc.constant('destination-unreachable'),
    code: fc.constant(4),
    nextHopMtu: u16,
    original: octets(0, 100),
  }),
  fc.record({
    kind: fc.constant('other'),
    type: u8.filter((type) => ![0, 3, 8, 11].includes(type)),
    code: u8,
    rest: u32,
    data: octets(0, 100),
  }),
);

export const icmpv6Message: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('echo-request', 'echo-reply'),
    identifier: u16,
    sequence: u16,
    data: octets(0, 100),
  }),
  fc.record({ kind: fc.constant('packet-too-big'), mtu: u32, original: octets(0, 100) }),
  fc.record({
    kind: fc.constant('other'),
    type: u8.filter((type) => ![2, 128, 129].includes(type)),
    code: u8,
    rest: u32,
    data: octets(0, 100),
  }),
);
