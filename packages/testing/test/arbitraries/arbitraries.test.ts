import { almostValid, breaking, RULES, type RuleName, STRUCTURES, structure } from '@espalier/testing/arbitraries';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { READINGS } from '../support/reading.ts';

/** Why this library does not take what breaks a rule; where the fault may show in several ways, all of them. */
const REASONS: Readonly<Record<RuleName, readonly string[]>> = {
  'ipv4-truncated': ['truncated'],
  'ipv4-version': ['value'],
  'ipv4-header-length': ['length'],
  'ipv4-total-below-header': ['length'],
  'ipv4-total-beyond-packet': ['truncated'],
  'ipv4-reserved-flag': ['reserved'],
  'ipv4-option-length': ['length'],
  'ipv4-option-overrun': ['truncated'],
  'ipv4-option-padding': ['reserved'],
  'ipv6-truncated': ['truncated'],
  'ipv6-version': ['value'],
  'ipv6-length-beyond-packet': ['truncated'],
  'ipv6-hop-by-hop-not-first': ['no payload'],
  'ipv6-extension-overrun': ['no payload'],
  'ipv6-two-fragment-headers': ['no payload'],
  'udp-truncated': ['truncated'],
  'udp-length-below-header': ['length'],
  'udp-length-beyond-datagram': ['truncated'],
  'icmp-truncated': ['truncated'],
  'icmp-checksum': ['checksum'],
  'icmpv6-truncated': ['truncated'],
  'icmpv6-checksum': ['checksum'],
  'esp-header-truncated': ['malformed'],
  'esp-spi-reserved': ['malformed'],
  'esp-number-zero': ['malformed'],
  'ah-truncated': ['malformed'],
  'ah-length-below-header': ['malformed'],
  'ah-length-beyond-packet': ['malformed'],
  'ah-spi-reserved': ['malformed'],
  'ah-number-zero': ['malformed'],
  'ipcomp-truncated': ['malformed'],
  'ipcomp-cpi-reserved': ['malformed'],
  'udp-encapsulated-truncated': ['malformed'],
  'udp-encapsulated-esp-truncated': ['malformed'],
  'tcp-frame-length': ['bad-length'],
  'tcp-frame-empty-message': ['bad-length'],
  'tcp-stream-prefix': ['no-prefix'],
  'isakmp-header-truncated': ['truncated'],
  'isakmp-major-version': ['major-version'],
  'isakmp-minor-version': ['minor-version'],
  'isakmp-flags': ['flags'],
  'isakmp-length-below-header': ['length'],
  'isakmp-length-beyond-message': ['length'],
  'isakmp-length-below-message': ['length'],
  'isakmp-chain-ends-late': ['truncated'],
  'isakmp-chain-ends-early': ['leftover'],
  'payload-reserved': ['reserved'],
  'payload-length-below-header': ['length'],
  'payload-length-beyond-message': ['truncated'],
  'id-truncated': ['truncated'],
  'cert-truncated': ['truncated'],
  'cert-request-truncated': ['truncated'],
  'notification-truncated': ['truncated'],
  'notification-spi-overrun': ['truncated'],
  'delete-truncated': ['truncated'],
  'delete-spi-size': ['spi-length'],
  'delete-count': ['count'],
  'configuration-reserved': ['reserved'],
  'configuration-attribute-overrun': ['truncated'],
  'nat-oa-type': ['value'],
  'nat-oa-reserved': ['reserved'],
  'nat-oa-length': ['truncated', 'leftover'],
  'fragment-number': ['value'],
  'fragment-next-payload': ['next-payload'],
  'fragment-empty': ['truncated'],
  'sa-truncated': ['truncated'],
  'sa-doi': ['doi'],
  'sa-situation': ['situation'],
  'sa-empty': ['truncated'],
  'proposal-next-payload': ['next-payload'],
  'proposal-reserved': ['reserved'],
  'proposal-length-below-header': ['length'],
  'proposal-length-beyond-sa': ['truncated'],
  'proposal-leftover': ['leftover'],
  'proposal-spi-size': ['spi-length'],
  'proposal-spi-overrun': ['truncated'],
  'proposal-transform-count': ['count'],
  'transform-next-payload': ['next-payload'],
  'transform-reserved': ['reserved'],
  'transform-reserved2': ['reserved'],
  'transform-length-below-header': ['length'],
  'transform-length-beyond-proposal': ['truncated'],
  'transform-leftover': ['leftover'],
  'attribute-truncated': ['truncated'],
  'attribute-overrun': ['truncated'],
  'identification-address-length': ['length'],
  'identification-subnet-length': ['length'],
  'identification-mask': ['value'],
  'identification-range-order': ['value'],
  'identification-text-empty': ['length'],
  'identification-text-terminated': ['value'],
  'identification-opaque-empty': ['length'],
  'exchange-initiator-cookie': ['zero-cookie'],
  'exchange-message-id': ['invalid-message-id'],
  'exchange-in-clear': ['encrypted'],
  'exchange-sa-missing': ['missing-payload'],
  'exchange-sa-twice': ['unexpected-payload'],
  'exchange-sa-first': ['payload-order'],
  'exchange-foreign-payload': ['unexpected-payload'],
  'exchange-key-missing': ['missing-payload'],
  'exchange-nonce-missing': ['missing-payload'],
  'exchange-identity-missing': ['missing-payload'],
  'exchange-nonce-length': ['invalid-nonce'],
  'ike-sa-truncated': ['truncated'],
  'ike-sa-doi': ['doi'],
  'ike-sa-situation': ['situation'],
  'ike-sa-empty': ['truncated'],
  'ike-sa-proposal-next-payload': ['next-payload'],
  'ike-sa-proposal-reserved': ['reserved'],
  'ike-sa-proposal-length-beyond-sa': ['truncated'],
  'ike-sa-proposal-spi-size': ['spi-length'],
  'ike-sa-proposal-transform-count': ['count'],
  'ike-sa-transform-next-payload': ['next-payload'],
  'ike-sa-transform-reserved': ['reserved'],
  'ike-sa-transform-reserved2': ['reserved'],
  'ike-sa-transform-length-beyond-proposal': ['truncated'],
  'ike-sa-attribute-overrun': ['truncated'],
  'ipsec-sa-truncated': ['truncated'],
  'ipsec-sa-doi': ['doi'],
  'ipsec-sa-situation': ['situation'],
  'ipsec-sa-empty': ['truncated'],
  'ipsec-sa-proposal-next-payload': ['next-payload'],
  'ipsec-sa-proposal-reserved': ['reserved'],
  'ipsec-sa-proposal-length-beyond-sa': ['truncated'],
  'ipsec-sa-proposal-spi-size': ['spi-length'],
  'ipsec-sa-proposal-transform-count': ['count'],
  'ipsec-sa-transform-next-payload': ['next-payload'],
  'ipsec-sa-transform-reserved': ['reserved'],
  'ipsec-sa-transform-reserved2': ['reserved'],
  'ipsec-sa-transform-length-beyond-proposal': ['truncated'],
  'ipsec-sa-attribute-overrun': ['truncated'],
};

describe('valid by construction', () => {
  it.each(STRUCTURES)('is read: %s', (name) => {
    fc.assert(
      fc.property(structure(name).octets, (octets) => {
        expect(READINGS[name](octets)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('is what shrinks to something small', () => {
    for (const name of STRUCTURES) {
      for (const seed of [1, 5, 9]) {
        const { counterexample } = fc.check(
          fc.property(structure(name).octets, (octets) => octets.length < 0),
          { seed },
        );
        expect(counterexample?.[0].length, name).toBeLessThan(65);
      }
    }
  });
});

describe('almost valid', () => {
  it.each(RULES)('is refused for a reason that fits: $name ($clause)', ({ name, structure }) => {
    const reached = new Set<string | undefined>();
    fc.assert(
      fc.property(breaking(name), (octets) => {
        const reason = READINGS[structure](octets);
        expect(REASONS[name]).toContain(reason);
        reached.add(reason);
      }),
      { numRuns: 40 },
    );
    expect([...reached].sort()).toEqual([...REASONS[name]].sort());
  });

  it('says which rule of which clause is broken, and in a while all of them are', () => {
    for (const name of STRUCTURES) {
      const rules = RULES.filter((rule) => rule.structure === name);
      expect(rules.length, name).toBeGreaterThan(0);
      const seen = new Set(
        fc.sample(almostValid(name), { seed: 1, numRuns: 30 * rules.length }).map(({ rule }) => rule),
      );
      expect([...seen].map((rule) => rule.name).sort()).toEqual(rules.map((rule) => rule.name).sort());
    }
  });

  it('is a catalogue of different names, each with a clause and what it says', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
    for (const { clause, says } of RULES) {
      expect(clause).toMatch(/^(RFC \d+( §[\d.]+)?|draft-\S+ §[\d.]+|Cisco's fragmentation)$/);
      expect(says).not.toBe('');
    }
  });

  it('is of no structure and no rule that there is not', () => {
    for (const door of [structure, almostValid, breaking]) {
      expect(() => Reflect.apply(door, undefined, ['ipv5-packet'])).toThrow(/must be .*ipv5-packet/);
    }
  });
});
