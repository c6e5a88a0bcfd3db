import { encodeIpv4, encodeIpv6, formatAddress, parseAddress, parsePrefix, prefixContains } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Selectors } from '../../src/config.ts';
import { SecurityPolicyDatabase, type SpdEntry } from '../../src/policy/spd.ts';

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
const selectors: fc.Arbitrary<Selectors> = fc.record({ local: prefix, remote: prefix }, { requiredKeys: [] });
const addressPair = fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6));

/** More than are asked one after the other. */
const policies = fc.array(selectors, { maxLength: 30 });
const databaseOf = (list: readonly Selectors[]) =>
  new SecurityPolicyDatabase<number>(
    list.map((entry, target): SpdEntry<number> => ({ selectors: entry, action: { kind: 'protect', target } })),
    { kind: 'discard' },
  );

const within = (text: string | undefined, address: string) =>
  text === undefined || prefixContains(parsePrefix(text), parseAddress(address));

describe('the SPD', () => {
  it('is decided by the first policy that takes the packet, or by its end (RFC 4301 §4.4.1)', () => {
    fc.assert(
      fc.property(policies, addressPair, (list, [local, remote]) => {
        const first = list.findIndex((entry) => within(entry.local, local) && within(entry.remote, remote));
        const expected = first < 0 ? { kind: 'discard' } : { kind: 'protect', target: first };
        expect(databaseOf(list).lookUpOutbound(packet(local, remote))).toEqual(expected);
      }),
    );
  });

  it('sees local and remote exchanged in what comes in (RFC 4301 §5.2)', () => {
    fc.assert(
      fc.property(policies, addressPair, (list, [local, remote]) => {
        const database = databaseOf(list);
        expect(database.lookUpInbound(packet(remote, local))).toEqual(database.lookUpOutbound(packet(local, remote)));
      }),
    );
  });

  it('is the same after entries have come and gone', () => {
    const steps = fc.array(fc.tuple(selectors, fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(steps, addressPair, (list, [local, remote]) => {
        const database = databaseOf([]);
        const entries = list.map(([entry, stays], target) => {
          const added: SpdEntry<number> = { selectors: entry, action: { kind: 'protect', target } };
          database.add(added);
          return { added, stays };
        });
        for (const { added, stays } of entries) if (!stays) database.delete(added);
        const left = entries.filter(({ stays }) => stays).map(({ added }) => added);
        const fresh = new SecurityPolicyDatabase<number>(left, { kind: 'discard' });
        expect(database.lookUpOutbound(packet(local, remote))).toEqual(fresh.lookUpOutbound(packet(local, remote)));
      }),
    );
  });

  it('refuses a prefix that is none', () => {
    expect(() => databaseOf([{ local: '10.1.12.0/33' }])).toThrow(RangeError);
  });
});
