import {
  encodeIpv4,
  encodeIpv6,
  formatAddress,
  PROTOCOL,
  parseAddress,
  parsePrefix,
  prefixContains,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Numbers, Selectors } from '../../src/config.ts';
import { SecurityPolicyDatabase, type SpdEntry } from '../../src/policy/spd.ts';
import { SelectorMatcher } from '../../src/selectors/selectors.ts';

/** What a model knows of a packet; -1 is what it does not show. */
interface Shown {
  readonly local: string;
  readonly remote: string;
  readonly protocol: number;
  readonly localPort: number;
  readonly remotePort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly mobilityType: number;
}

const HIDDEN = { localPort: -1, remotePort: -1, icmpType: -1, icmpCode: -1, mobilityType: -1 };

/** A packet on its way out that shows that, and the same coming in. */
function packet(shown: Shown, isOutbound: boolean, payload = upper(shown, isOutbound)): Uint8Array {
  const [source, destination] = isOutbound ? [shown.local, shown.remote] : [shown.remote, shown.local];
  const addresses = { source: parseAddress(source), destination: parseAddress(destination) };
  if (addresses.source.length === 4) return encodeIpv4({ ...addresses, protocol: shown.protocol, payload });
  const fixed = { trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: shown.protocol };
  return encodeIpv6({ ...addresses, ...fixed, payload });
}

/** No more than what shows it. */
function upper({ localPort, remotePort, icmpType, icmpCode, mobilityType }: Shown, isOutbound: boolean): Uint8Array {
  const ports = isOutbound ? [localPort, remotePort] : [remotePort, localPort];
  if (localPort >= 0) return Uint8Array.from([...ports.flatMap((port) => [port >> 8, port & 255])]);
  if (icmpType >= 0) return Uint8Array.of(icmpType, icmpCode);
  if (mobilityType >= 0) return Uint8Array.of(59, 0, mobilityType);
  return new Uint8Array(0);
}

/** Addresses of a small world, so that prefixes and packets meet. */
const ipv4 = fc.tuple(fc.constantFrom(10, 11), fc.nat(3), fc.nat(3), fc.nat(255)).map((octets) => octets.join('.'));
const ipv6 = fc
  .tuple(fc.constantFrom(0xfd, 0xfe), fc.uint8Array({ minLength: 15, maxLength: 15 }))
  .map(([first, rest]) => formatAddress(Uint8Array.of(first, ...rest)));
const port = fc.oneof(fc.nat(9), fc.nat(65_535));

const shown: fc.Arbitrary<Shown> = fc
  .oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6))
  .chain(([local, remote]) =>
    fc
      .oneof(
        fc.record({ protocol: fc.constantFrom(6, 17, 33, 132, 136), localPort: port, remotePort: port }),
        fc.record({ protocol: fc.constantFrom(1, 58), icmpType: fc.nat(9), icmpCode: fc.nat(3) }),
        fc.record({ protocol: fc.constant(135), mobilityType: fc.nat(9) }),
        fc.record({ protocol: fc.constantFrom(47, 50, 89) }),
      )
      .map((fields) => ({ ...HIDDEN, ...fields, local, remote })),
  );

const addressOf = (address: fc.Arbitrary<string>, bits: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(address, fc.nat(bits)).map(([text, length]) => `${text}/${length}`),
    fc.tuple(address, address).map((ends) => ends.sort((a, b) => order(a, b)).join('-')),
  );
const order = (a: string, b: string) => Number(numberOf(a) > numberOf(b)) - Number(numberOf(a) < numberOf(b));
const numberOf = (text: string) => parseAddress(text).reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
const oneOrMore = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const numbers = (number: fc.Arbitrary<number>): fc.Arbitrary<Numbers> =>
  oneOrMore(
    fc.oneof(
      number,
      fc.constant('opaque'),
      fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    ),
  );

const selectors: fc.Arbitrary<Selectors> = fc
  .constantFrom({ address: ipv4, bits: 32 }, { address: ipv6, bits: 128 })
  .chain(({ address, bits }) =>
    fc
      .tuple(
        fc.record(
          {
            local: oneOrMore(addressOf(address, bits)),
            remote: oneOrMore(addressOf(address, bits)),
            protocol: oneOrMore(fc.constantFrom(6, 'udp', 'icmp', 47, '50-60', '0-255', 'opaque')),
          },
          { requiredKeys: [] },
        ),
        fc.oneof(
          fc.record({ localPort: numbers(port), remotePort: numbers(port) }, { requiredKeys: [] }),
          fc.record({ icmpType: numbers(fc.nat(9)), icmpCode: numbers(fc.nat(3)) }, { requiredKeys: [] }),
          fc.record({ mobilityType: numbers(fc.nat(9)) }, { requiredKeys: [] }),
        ),
      )
      .map(([outer, inner]) => ({ ...outer, ...inner })),
  );

/** RFC 4301 §4.4.1.1, read once more: every selector that is there holds, by one entry of its list. */
function takes(entry: Selectors, packetShows: Shown): boolean {
  const lists = (name: keyof Selectors) => [entry[name] ?? []].flat();
  const holdsAddress = (text: string | number, address: string) => {
    if (typeof text === 'number') return false;
    const [first, last] = text.split('-');
    if (last === undefined) return prefixContains(parsePrefix(text), parseAddress(address));
    const isOfFamily = text.includes(':') === address.includes(':');
    return isOfFamily && order(first ?? '', address) <= 0 && order(address, last) <= 0;
  };
  const holdsNumber = (one: string | number, value: number) => {
    if (one === 'opaque') return value === -1;
    const named = { udp: PROTOCOL.udp, icmp: PROTOCOL.icmp }[one] ?? one;
    const [first, last = first] = String(named).split('-').map(Number);
    return value >= 0 && first !== undefined && last !== undefined && value >= first && value <= last;
  };
  return (Object.keys(entry) as (keyof Selectors)[]).every((name) => {
    if (name === 'local' || name === 'remote') return lists(name).some((one) => holdsAddress(one, packetShows[name]));
    return lists(name).some((one) => holdsNumber(one, packetShows[name]));
  });
}

const databaseOf = (list: readonly Selectors[]) =>
  new SecurityPolicyDatabase<number>(
    list.map((entry, target): SpdEntry<number> => ({ selectors: entry, action: { kind: 'protect', target } })),
    { kind: 'discard' },
  );

/** More than are asked one after the other, some of them again and again. */
const policies = fc
  .tuple(fc.array(selectors, { maxLength: 30 }), fc.nat(3))
  .map(([list, times]) => Array.from({ length: times + 1 }, () => list).flat());

describe('the SPD', () => {
  it('is decided by the first policy that takes the packet, or by its end (RFC 4301 §4.4.1)', () => {
    fc.assert(
      fc.property(policies, shown, (list, what) => {
        const first = list.findIndex((entry) => takes(entry, what));
        const expected = first < 0 ? { kind: 'discard' } : { kind: 'protect', target: first };
        expect(databaseOf(list).lookUpOutbound(packet(what, true))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it.each<readonly [Selectors, Partial<Shown>]>([
    [
      { localPort: 9, remotePort: 7 },
      { protocol: 17, localPort: 9, remotePort: 7 },
    ],
    [
      { icmpType: 8, icmpCode: 1 },
      { protocol: 1, icmpType: 8, icmpCode: 1 },
    ],
    [{ mobilityType: 5 }, { protocol: 135, mobilityType: 5 }],
  ])('sees %o in a packet that ends with it, and not in one that ends before', (selectors, fields) => {
    const database = databaseOf([selectors]);
    const what = { ...HIDDEN, local: 'fd00::1', remote: 'fd00::2', protocol: 0, ...fields };
    const payload = upper(what, true);
    expect(database.lookUpOutbound(packet(what, true, payload)).kind).toBe('protect');
    expect(database.lookUpOutbound(packet(what, true, payload.subarray(0, -1))).kind).toBe('discard');
  });

  it('sees local and remote exchanged in what comes in (RFC 4301 §5.2)', () => {
    fc.assert(
      fc.property(policies, shown, (list, what) => {
        const database = databaseOf(list);
        expect(database.lookUpInbound(packet(what, false))).toEqual(database.lookUpOutbound(packet(what, true)));
      }),
      { numRuns: 25 },
    );
  });

  it('is the same after entries have come and gone', () => {
    const steps = fc.array(fc.tuple(selectors, fc.boolean(), fc.nat(3)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.array(shown, { minLength: 1, maxLength: 10 }), (list, packets) => {
        const database = databaseOf([]);
        const entries = list.map(([entry, stays, at], target) => {
          const added: SpdEntry<number> = { selectors: entry, action: { kind: 'protect', target } };
          const rank = { at };
          database.add(added, rank);
          return { added, stays, rank };
        });
        for (const { added, stays } of entries) if (!stays) database.delete(added);
        const fresh = databaseOf([]);
        for (const { added, stays, rank } of entries) if (stays) fresh.add(added, rank);
        expect(database.size).toBe(fresh.size);
        for (const what of packets) {
          expect(database.lookUpOutbound(packet(what, true))).toEqual(fresh.lookUpOutbound(packet(what, true)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('knows of every entry that some packet of given selectors meets', () => {
    // Drawn until the one takes the other, before there are policies: that costs a tenth of drawing those in vain.
    const taken = fc.tuple(selectors, shown).filter(([others, what]) => takes(others, what));
    fc.assert(
      fc.property(policies, taken, (list, [others, what]) => {
        const overlapping = databaseOf(list).overlapping(others);
        const taking = list.flatMap((entry, target) => (takes(entry, what) ? [target] : []));
        const found = new Set(overlapping.map(({ action }) => (action.kind === 'protect' ? action.target : undefined)));
        expect(taking.filter((target) => !found.has(target))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['10.9.7.128/25', ['10.9.7.0/24']],
    ['10.9.7.255-10.9.8.0', ['10.9.7.0/24', '10.9.8.0/24']],
    ['fd00:0:0:7::1', ['fd00:0:0:7::/64']],
    ['fd00:0:0:7::-fd00:0:0:9::', ['fd00:0:0:7::/64', 'fd00:0:0:8::/64', 'fd00:0:0:9::/64']],
    ['10.10.0.0/16', []],
  ])(
    'asks of those of other remote addresses none, nor of another family, which of them meet %s',
    (remote, expected) => {
      const entries = Array.from({ length: 20 }, (_, i) => [
        `10.9.${i}.0/24`,
        `fd00:0:0:${i.toString(16)}::/64`,
      ]).flat();
      const database = databaseOf(entries.map((one) => ({ remote: one })));
      const spy = vi.spyOn(SelectorMatcher.prototype, 'overlaps');
      const overlapping = database.overlapping({ remote });
      const asked = spy.mock.calls.length;
      spy.mockRestore();
      expect(overlapping.map(({ selectors: { remote } = {} }) => remote)).toEqual(expected);
      expect(asked).toBeLessThanOrEqual(expected.length === 1 ? 1 : 20);
    },
  );

  it.each<readonly [name: string, of: (i: number) => Selectors]>([
    ['local prefixes', (i) => ({ remote: '10.9.0.0/16', local: `10.${i >> 8}.${i & 255}.0/24` })],
    ['ports', (i) => ({ remote: '10.9.0.0/16', protocol: 'tcp', remotePort: i + 1 })],
    ['ranges of ports', (i) => ({ remote: '10.9.0.0/16', protocol: 'tcp', localPort: `${i * 8 + 3}-${i * 8 + 10}` })],
    ['nothing', () => ({ remote: '10.9.0.0/16' })],
  ])('asks few entries where thousands differ in %s', (_, of) => {
    const database = new SecurityPolicyDatabase<number>([], { kind: 'discard' });
    let asked = 0;
    for (let i = 0; i < 4000; i++) {
      const entry = of(i);
      database.add({ selectors: entry, action: { kind: 'protect', target: i } });
    }
    const { matches } = SelectorMatcher.prototype;
    const spy = vi.spyOn(SelectorMatcher.prototype, 'matches').mockImplementation(function (
      this: SelectorMatcher,
      fields,
    ) {
      asked += 1;
      return matches.call(this, fields);
    });
    database.lookUpOutbound(
      packet(
        { ...HIDDEN, local: '10.7.7.7', remote: '10.9.1.1', protocol: 6, localPort: 4000, remotePort: 2000 },
        true,
      ),
    );
    spy.mockRestore();
    expect(asked).toBeLessThanOrEqual(9);
  });

  it.each<readonly [Selectors, Selectors, boolean]>([
    [{ remotePort: 80 }, { remotePort: 81 }, false],
    [{ remotePort: '80-90' }, { remotePort: '90-99' }, true],
    [{ remotePort: '91-99' }, { remotePort: '80-90' }, false],
    [{ protocol: 'udp' }, { protocol: ['tcp', 'udp'] }, true],
    [{ icmpType: 'opaque' }, { icmpType: ['opaque', 3] }, true],
    [{ icmpType: 'opaque' }, { icmpType: 3 }, false],
    [{ local: '10.0.0.0/24' }, { local: '10.0.1.0/24' }, false],
  ])('knows whether some packet meets both %o and %o', (one, other, expected) => {
    expect(databaseOf([one]).overlapping(other)).toHaveLength(expected ? 1 : 0);
    expect(databaseOf([other]).overlapping(one)).toHaveLength(expected ? 1 : 0);
  });

  it.each<readonly [what: string, selectors: Selectors]>([
    ['a prefix that is none', { local: '10.1.12.0/33' }],
    ['a range that ends before it begins', { local: '10.1.12.9-10.1.12.8' }],
    ['a range of two families', { remote: '10.1.12.9-fd00::1' }],
    ['a list of two families', { remote: ['10.1.12.9', 'fd00::1'] }],
    ['two sides of two families', { local: '10.1.12.9', remote: 'fd00::1' }],
    ['an empty list', { local: [] }],
    ['a port that is none', { localPort: 65_536 }],
    ['a protocol that is none', { protocol: 'no-such' }],
    ['a name of every object', { protocol: 'constructor' }],
    ['half a number', { protocol: 1.5 }],
    ['a type that is none', { icmpType: 256 }],
    ['a range of ports that ends before it begins', { localPort: '9-8' }],
    ['ports and types at once', { localPort: 9, icmpType: 8 }],
  ])('refuses %s', (_, entry) => {
    expect(() => databaseOf([entry])).toThrow(RangeError);
  });
});
