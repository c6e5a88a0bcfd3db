import {
  encodeIpv4,
  formatAddress,
  instant,
  PROTOCOL,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Policies } from '../../src/policy/policies.ts';
import { AddressSet } from '../../src/selectors/address-set.ts';

const NOW = instant(0);
const PACKET = encodeIpv4({
  source: parseAddress('10.1.12.2'),
  destination: parseAddress('10.1.56.1'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(8),
});

describe('a set of addresses', () => {
  it('holds what lies in one of its prefixes, whatever their lengths', () => {
    const octets = fc
      .constantFrom(4, 16)
      .chain((length) =>
        fc.tuple(
          fc.uint8Array({ minLength: length, maxLength: length }),
          fc.array(fc.tuple(fc.nat(8 * length - 1), fc.nat(8 * length)), { minLength: 1, maxLength: 3 }),
        ),
      );
    fc.assert(
      fc.property(octets, ([address, changes]) => {
        // Prefixes of the address with one bit changed: some of them hold it, and some do not.
        const prefixes = changes.map(([bit, length]) => {
          const changed = address.map((octet, i) => (i === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet));
          return `${formatAddress(changed)}/${length}`;
        });
        const isIn = prefixes.some((text) => prefixContains(parsePrefix(text), address));
        expect(new AddressSet(prefixes).holds(address, 0, address.length)).toBe(isIn);
      }),
    );
  });
});

describe('the policies of an interface', () => {
  it('stay its own, though there are none, until all who keep them have let go', () => {
    const policies = new Policies<string>();
    policies.add({}, { kind: 'bypass' }, { at: 0 });
    const action = () => policies.lookUpOutbound(NOW, PACKET, 'ge-0/0/1')?.kind;
    expect(action()).toBe('bypass');
    for (const step of ['keep', 'keep', 'release'] as const) {
      policies[step]('ge-0/0/1');
      expect(action()).not.toBe('bypass');
    }
    policies.release('ge-0/0/1');
    expect(action()).toBe('bypass');
  });

  it('of one rank are asked in the order of how near the other end is', () => {
    for (const near of [0, 1]) {
      const policies = new Policies<string>();
      const nets = ['10.0.0.0/8', '10.1.56.0/24'];
      for (const remote of near === 0 ? nets.toReversed() : nets) {
        policies.add({ selectors: { remote } }, { kind: remote.endsWith('24') ? 'bypass' : 'discard' }, { at: 7 });
      }
      expect(policies.lookUpOutbound(NOW, PACKET, undefined)?.kind).toBe('bypass');
    }
  });
});
