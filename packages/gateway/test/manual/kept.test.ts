import { nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import { instant, parseAddress, readU32, spi, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import type { Gateway, ManualProtection, ManualSa, ManualSnapshot, Outcome } from '../../src/index.ts';
import { manualAgreement } from '../../src/manual/agreement.ts';
import type { ManualPolicy } from '../../src/manual/policy.ts';
import { SaPair } from '../../src/sas/sa-pair.ts';
import {
  ahSa,
  bundle,
  datagram,
  delivered,
  EAST,
  espSa,
  gateway,
  keyOf,
  manual,
  mirrored,
  Pair,
  policyOf,
  transmitted,
  WEST,
} from './hosts.ts';

const NOW = instant(0);
const GCM = 'aes-128-gcm-16';
const NOT_KEPT: Outcome = { ok: false, by: 'esp', reason: 'not-kept' };

const gcm = (change: Partial<ManualProtection> = {}): ManualProtection =>
  manual({ inbound: espSa(300, GCM), outbound: espSa(301, GCM), ...change });

/** What may happen to a gateway whose SAs are kept. */
const step = fc.oneof(
  fc.record({ do: fc.constant('send'), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('snapshot'), count: fc.nat(12) }),
  fc.record({ do: fc.constantFrom('keep', 'allow', 'crash'), count: fc.constant(0) }),
);

describe('SAs by hand that outlive their gateway', () => {
  it.each([
    ['ESP', (id: number): ManualSa => espSa(id, GCM), [20, 28]],
    ['AH', (id: number): ManualSa => ahSa(id), [28, 32]],
    ['AH around ESP', (id: number): ManualSa => bundle(id, id + 1, GCM), [28, 32]],
  ] as const)('of %s repeat no number, wherever it ends', (_, sa, [from, end]) => {
    const protection = manual({ inbound: sa(300), outbound: sa(400), freshKeys: true, keepAhead: true });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const numbers: string[] = [];
        let west = gateway([policyOf(protection)]);
        let inHand: ManualSnapshot | undefined;
        let onDisk: string | undefined;
        for (const { do: what, count } of steps) {
          if (what === 'send') {
            west.handleInsideBatch(NOW, Array(count).fill(datagram(9)));
            for (const packet of transmitted(west)) numbers.push(toHex(packet.subarray(from, end)));
          }
          if (what === 'snapshot') inHand = west.snapshotByHand('by hand', count);
          if (what === 'keep' && inHand !== undefined) onDisk = JSON.stringify(inHand);
          if (what === 'allow' && onDisk !== undefined) west.keptByHand('by hand', JSON.parse(onDisk));
          if (what !== 'crash') continue;
          inHand = undefined;
          const { freshKeys: _, ...rest } = protection;
          west = gateway([
            policyOf(onDisk === undefined ? protection : { ...rest, resume: JSON.parse(onDisk) as ManualSnapshot }),
          ]);
        }
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 40 },
    );
  });

  it('send what a kept snapshot covers and nothing more, and go on behind it without a promise of fresh keys', () => {
    const west = gateway([policyOf(gcm({ freshKeys: true, keepAhead: true }))]);
    const east = gateway([policyOf(mirrored(gcm({ freshKeys: true })))]);
    expect(west.handleInside(NOW, datagram())).toEqual(NOT_KEPT);
    const snapshot = west.snapshotByHand('by hand', 2);
    west.keptByHand('by hand', snapshot);
    const outcomes = [1, 2, 3].map(() => west.handleInside(NOW, datagram()));
    expect(outcomes.slice(0, 2)).toEqual(Array(2).fill({ ok: true, action: 'protected' }));
    expect(outcomes[2]).toEqual(NOT_KEPT);

    const again = gateway([policyOf(gcm({ resume: snapshot }))]);
    again.keptByHand('by hand', again.snapshotByHand('by hand', 1));
    again.handleInside(NOW, datagram());
    const [sent = new Uint8Array(99)] = transmitted(again);
    expect(readU32(sent, 24)).toBe(3);
    expect(east.handleOutside(NOW, sent)).toMatchObject({ ok: true });
    expect(delivered(east)).toEqual([datagram()]);
  });

  it('need that, or the promise of fresh keys, where IVs are made of numbers, in AH as in ESP', () => {
    const gmac = manual({ inbound: ahSa(300, 'aes-128-gmac'), outbound: ahSa(301, 'aes-128-gmac') });
    expect(() => gateway([policyOf(gmac)])).toThrow('inbound.ah.suite: aes-128-gmac needs keys that no SA has had');
    expect(new Pair({ ...gmac, freshKeys: true }).send(datagram()).out).toEqual([datagram()]);
  });

  it('are told from others, and only where they are kept', () => {
    const kept = (): Gateway => gateway([policyOf(gcm({ freshKeys: true, keepAhead: true }))]);
    const snapshot = kept().snapshotByHand('by hand', 5);
    const plain = gateway([policyOf(gcm({ freshKeys: true }))]);
    expect(() => plain.snapshotByHand('by hand')).toThrow('snapshot: this SA was made without keepAhead');
    expect(() => plain.snapshotByHand('other')).toThrow('policyName: no SAs by hand are those of other');
    expect(() => kept().keptByHand('by hand', { esp: { ...snapshot.esp, spi: 9 } } as never)).toThrow('snapshot.spi');
    expect(() => kept().keptByHand('by hand', null as never)).toThrow(TypeError);
    // Regression: what there is no SA for was passed over, and so was an SA that there was nothing for.
    expect(() => kept().keptByHand('by hand', {})).toThrow('snapshot.esp: must be there as there is outbound.esp');
    expect(() => kept().keptByHand('by hand', { ...snapshot, ah: snapshot.esp } as never)).toThrow(
      'snapshot.ah: must be',
    );
    for (const [change, message] of [
      [{ resume: {} }, 'resume.esp: must be there as there is outbound.esp'],
      [{ resume: { ...snapshot, ah: snapshot.esp } }, 'resume.ah: must be there'],
      [{ resume: { esp: { ...snapshot.esp, suite: 'other' } } }, 'resume.suite'],
      [{ resume: snapshot, keepAhead: false }, 'resume: implies keepAhead'],
      [{ resume: 7 }, 'resume: must be an object'],
      [{ resume: { esp: snapshot.esp, spi: 7 } }, 'resume.spi: there is no such member'],
      [{ keepAhead: 'yes' }, 'keepAhead: must be a boolean'],
    ] as const) {
      expect(() => gateway([policyOf(gcm(change as never))])).toThrow(message);
    }
  });
});

describe('packet 2^32 of an SA by hand (RFC 4303 §3.3.3)', () => {
  const pairOf = (protection: ManualProtection) =>
    new SaPair(
      nobleEngine(),
      seededRng(1),
      'ip',
      { name: EAST, local: WEST },
      policyOf(protection) as ManualPolicy,
      manualAgreement(policyOf(protection) as ManualPolicy),
      parseAddress(WEST),
    );

  it('is sent where no IV is made of its number, for there is no window at the other end', () => {
    expect(pairOf(manual()).outbound?.packetsAhead).toBeGreaterThan(2 ** 32);
    expect(pairOf(manual({ outbound: ahSa(301) })).outboundAh?.packetsAhead).toBeGreaterThan(2 ** 32);
    expect(pairOf(gcm()).outbound?.packetsAhead).toBe(2 ** 32 - 1);
    const mixed = pairOf(gcm({ outbound: bundle(301, 302, GCM) }));
    expect(mixed.outbound?.packetsAhead).toBe(2 ** 32 - 1);
    expect(pairOf(gcm({ keepAhead: true })).outbound?.packetsAhead).toBe(0);
  });

  it('is taken, its number being 0', () => {
    const { suite } = espSa(301).esp;
    const outbound = new OutboundSa({
      engine: nobleEngine(),
      suite,
      keys: {
        encryption: keyOf(301, suite.encryptionKeyOctets),
        salt: new Uint8Array(0),
        integrity: keyOf(303, suite.integrityKeyOctets),
      },
      spi: spi(301),
      rng: seededRng(3),
      outer: { source: WEST, destination: EAST },
      antiReplay: false,
      firstSequence: 2n ** 32n - 1n,
    });
    const east = gateway([policyOf(mirrored(manual()))]);
    const numbers = [1, 2, 3].map((octets) => {
      const sealed = outbound.sealInto(NOW, datagram(octets), new Uint8Array(200));
      if (!sealed.ok) return sealed.reason;
      expect(east.handleOutside(NOW, sealed.octets)).toMatchObject({ ok: true });
      return readU32(sealed.octets, 24);
    });
    expect(numbers).toEqual([0xffffffff, 0, 1]);
    expect(delivered(east)).toHaveLength(3);
  });
});
