import { concat, encodeIpv4, encodeIpv6, parseAddress, type Spi, spi } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SaIdentifier, SecurityAssociationDatabase } from '../../src/sas/sad.ts';

const V4 = ['10.1.15.1', '10.1.15.2', '10.1.15.3'].map(parseAddress);
const V6 = ['2001:db8::1', '2001:db8::2', '2001:db9::1'].map(parseAddress);
const address = fc.constantFrom(...V4, ...V6);
/** The packets of a tunnel have addresses of one family. */
const path = fc.oneof(
  ...[V4, V6].map((family) =>
    fc.record({ source: fc.constantFrom(...family), destination: fc.constantFrom(...family) }),
  ),
);
const someSpi = fc.constantFrom(256, 257, 0xffffffff).map(spi);
const identifier: fc.Arbitrary<SaIdentifier> = fc.oneof(
  fc.record({ spi: someSpi }),
  fc.record({ spi: someSpi, destination: address }),
  fc.record({ spi: someSpi, destination: address, source: address }),
);
const key = ({ spi, destination, source }: SaIdentifier) => `${spi} ${destination ?? ''} ${source ?? ''}`;
const identifiers = fc.uniqueArray(identifier, { selector: key, maxLength: 12 });

function packet({
  source,
  destination,
}: {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}): Uint8Array {
  const payload = new Uint8Array(8);
  return source.length === 4
    ? encodeIpv4({ source, destination, protocol: 50, payload })
    : encodeIpv6({ source, destination, nextHeader: 50, payload, trafficClass: 0, flowLabel: 0, hopLimit: 64 });
}

/** The SPI with which `other` gives the number in a map that `of` gives with `one`: FNV-1a, and the same undone. */
function collidingSpi(of: number, one: Uint8Array, other: Uint8Array): Spi {
  let hash = of;
  for (const octet of one) hash = Math.imul(hash ^ octet, 0x01000193);
  for (const octet of other.toReversed()) hash = Math.imul(hash, 0x359c449b) ^ octet;
  return spi(hash >>> 0);
}

describe('the SAD', () => {
  it('finds the longest match: {SPI, destination, source}, {SPI, destination}, {SPI} (RFC 4301 §4.1)', () => {
    fc.assert(
      fc.property(identifiers, someSpi, path, (list, wanted, { source, destination }) => {
        const sad = new SecurityAssociationDatabase<string>();
        for (const entry of list) sad.add(entry, key(entry));
        const candidates = [{ spi: wanted, destination, source }, { spi: wanted, destination }, { spi: wanted }];
        const expected = candidates.map(key).find((candidate) => list.some((entry) => key(entry) === candidate));
        expect(sad.find(wanted, packet({ source, destination }))).toBe(expected);
      }),
    );
  });

  it('does not know the order in which SAs came, nor those that have gone', () => {
    fc.assert(
      fc.property(identifiers, fc.func(fc.boolean()), someSpi, path, (list, keep, wanted, path) => {
        const built = new SecurityAssociationDatabase<string>();
        for (const entry of list) built.add(entry, key(entry));
        const kept = list.filter((entry) => keep(key(entry)));
        for (const entry of list) if (!kept.includes(entry)) built.delete(entry);
        const reversed = new SecurityAssociationDatabase<string>();
        for (const entry of kept.toReversed()) reversed.add(entry, key(entry));
        expect(built.find(wanted, packet(path))).toBe(reversed.find(wanted, packet(path)));
      }),
    );
  });

  it('tells SAs apart whose identifiers are one number in its maps, whichever come first and whichever go', () => {
    const order = fc.shuffledSubarray(V4, { minLength: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 256, max: 0xffffffff }),
        order,
        fc.boolean(),
        fc.nat(2),
        (first, to, isBoth, gone) => {
          const bound = to.map((destination) => ({ destination, ...(isBoth && { source: destination }) }));
          const octetsOf = ({ source, destination }: (typeof bound)[number]) =>
            source === undefined ? destination : concat(source, destination);
          const [one] = bound;
          if (one === undefined) throw new Error('no address');
          const sas = bound.map((ends) => ({ spi: collidingSpi(first, octetsOf(one), octetsOf(ends)), ...ends }));
          const sad = new SecurityAssociationDatabase<string>();
          for (const sa of sas) sad.add(sa, key(sa));
          for (const [i, sa] of sas.entries()) if (i === gone) sad.delete(sa);
          for (const [i, sa] of sas.entries()) {
            const expected = i === gone ? undefined : key(sa);
            expect(sad.find(sa.spi, packet({ source: sa.destination, destination: sa.destination }))).toBe(expected);
            if (!isBoth) expect(sad.findInUdp(sa.spi, sa.destination)).toBe(expected);
          }
        },
      ),
    );
  });

  it('refuses the same identifier twice, and a source without a destination', () => {
    const sad = new SecurityAssociationDatabase<string>();
    const local = parseAddress('10.1.15.1');
    sad.add({ spi: spi(256), destination: local }, 'first');
    expect(() => sad.add({ spi: spi(256), destination: local.slice() }, 'second')).toThrow(RangeError);
    expect(() => sad.add({ spi: spi(257), source: local }, 'third')).toThrow(TypeError);
  });
});
