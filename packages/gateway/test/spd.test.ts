import { encodeIpv4, encodeIpv6, formatAddress, parseAddress, parsePrefix, prefixContains } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Selectors } from '../src/policy/selectors.ts';
import { type Policy, SecurityPolicyDatabase } from '../src/policy/spd.ts';

const nothing = new Uint8Array(0);

function packet(source: string, destination: string): Uint8Array {
  const addresses = { source: parseAddress(source), destination: parseAddress(destination) };
  if (addresses.source.length === 4) return encodeIpv4({ ...addresses, protocol: 1, payload: nothing });
  const fixed = { trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: 58 };
  return encodeIpv6({ ...addresses, ...fixed, payload: nothing });
}

/** Addresses of a small world, so that prefixes and packets meet. */
const ipv4 = fc.tuple(fc.constantFrom(10, 11), fc.nat(3), fc.nat(3), fc.nat(255)).map((octets) => octets.join('.'));
const ipv6 = fc
  .tuple(fc.constantFrom(0xfd, 0xfe), fc.uint8Array({ minLength: 15, maxLength: 15 }))
  .map(([first, rest]) => formatAddress(Uint8Array.of(first, ...rest)));
const prefix = fc.oneof(
  fc.tuple(ipv4, fc.nat(32)).map(([address, length]) => `${address}/${length}`),
  fc.tuple(ipv6, fc.nat(128)).map(([address, length]) => `${address}/${length}`),
);
const selectors: fc.Arbitrary<Selectors> = fc.record(
  { local: prefix, remote: prefix, insideInterface: fc.constantFrom('sp-1/2/0.1', 'sp-1/2/0.3') },
  { requiredKeys: [] },
);
const addressPair = fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6));

const policies = fc.array(selectors, { maxLength: 8 });
const databaseOf = (list: readonly Selectors[]) =>
  new SecurityPolicyDatabase<number>(
    list.map((entry, target): Policy<number> => ({ selectors: entry, action: { kind: 'protect', target } })),
    { kind: 'discard' },
  );

const within = (text: string | undefined, address: string) =>
  text === undefined || prefixContains(parsePrefix(text), parseAddress(address));

describe('the SPD', () => {
  it('is decided by the first policy that takes the packet, or by its end (RFC 4301 §4.4.1)', () => {
    fc.assert(
      fc.property(policies, addressPair, fc.constantFrom('sp-1/2/0.1', undefined), (list, [local, remote], from) => {
        const first = list.findIndex(
          (entry) =>
            within(entry.local, local) &&
            within(entry.remote, remote) &&
            (entry.insideInterface === undefined || entry.insideInterface === from),
        );
        const expected = first < 0 ? { kind: 'discard' } : { kind: 'protect', target: first };
        expect(databaseOf(list).lookUpOutbound(packet(local, remote), from)).toEqual(expected);
      }),
    );
  });

  it('sees local and remote exchanged in what comes in (RFC 4301 §5.2)', () => {
    fc.assert(
      fc.property(policies, addressPair, (list, [local, remote]) => {
        const anywhere = list.map(({ insideInterface: _, ...entry }) => entry);
        const database = databaseOf(anywhere);
        expect(database.lookUpInbound(packet(remote, local))).toEqual(
          database.lookUpOutbound(packet(local, remote), undefined),
        );
      }),
    );
  });

  it('refuses a prefix that is none', () => {
    expect(() => databaseOf([{ local: '10.1.12.0/33' }])).toThrow(RangeError);
  });
});
