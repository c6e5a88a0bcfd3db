import type { IkeProposal } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransformText } from '../../src/explain/transforms.ts';
import { Refusal } from '../../src/refusals.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { choosePhase1, offerPhase1 } from '../../src/v1/proposals/phase1.ts';

const HOUR = seconds(3600);
const ciphers: readonly Pick<IkeProposal, 'encryption' | 'keyOctets'>[] = [
  { encryption: '3des-cbc' },
  { encryption: 'aes-cbc', keyOctets: 16 },
  { encryption: 'aes-cbc', keyOctets: 32 },
];
const proposal: fc.Arbitrary<IkeProposal> = fc
  .record({
    cipher: fc.constantFrom(...ciphers),
    hash: fc.constantFrom('sha1', 'sha2-256', 'sha2-512'),
    group: fc.constantFrom(2, 5, 14),
  })
  .map(({ cipher, hash, group }) => ({ ...cipher, hash, group, authentication: 'pre-shared-key' }));
const proposals = fc.array(proposal, { minLength: 1, maxLength: 5 });

/** The attributes on which two proposals disagree. */
function distance(a: IkeProposal, b: IkeProposal): readonly string[] {
  return [
    ...(a.encryption === b.encryption ? [] : ['encryption']),
    ...(a.keyOctets === b.keyOctets ? [] : ['key-length']),
    ...(a.hash === b.hash ? [] : ['hash']),
    ...(a.group === b.group ? [] : ['group']),
  ];
}

function refusalOf(offered: readonly IkeProposal[], allowed: readonly IkeProposal[]): Refusal | undefined {
  try {
    choosePhase1(offerPhase1(offered, { lifetime: HOUR }), [
      { proposals: allowed, lifetime: HOUR, terms: DEFAULT_TERMS },
    ]);
    return undefined;
  } catch (error) {
    return error instanceof Refusal ? error : expect.fail('not refused');
  }
}

describe('of an offer that is refused', () => {
  it('the nearest pair has the fewest differences that any pair has, and those', () => {
    fc.assert(
      fc.property(proposals, proposals, (offered, allowed) => {
        const distances = allowed.flatMap((ours) => offered.map((theirs) => distance(theirs, ours)));
        const least = Math.min(...distances.map(({ length }) => length));
        const detail = refusalOf(offered, allowed)?.detail;
        if (least === 0) expect(detail).toBeUndefined();
        else {
          const nearest = detail?.kind === 'proposals' ? detail.nearest : undefined;
          const first = distances.find(({ length }) => length === least) ?? [];
          expect(nearest?.differences.map(({ attribute }) => attribute).sort()).toEqual([...first].sort());
        }
      }),
    );
  });

  it('the differences, taken away, leave no difference', () => {
    fc.assert(
      fc.property(proposals, proposals, (offered, allowed) => {
        const detail = refusalOf(offered, allowed)?.detail;
        if (detail?.kind !== 'proposals' || detail.nearest === undefined) return;
        const { offered: theirs, allowed: ours, differences } = detail.nearest;
        const mended: Record<string, string | undefined> = { ...theirs };
        for (const { attribute, allowed: value } of differences) mended[attribute] = value;
        expect(withoutNothing(mended)).toEqual(withoutNothing(ours));
      }),
    );
  });

  it('as many are shown as a detail shows, and all are counted', () => {
    const offered: readonly IkeProposal[] = Array.from({ length: 40 }, () => ({
      encryption: 'aes-cbc',
      keyOctets: 16,
      hash: 'sha1',
      group: 2,
      authentication: 'pre-shared-key',
    }));
    const detail = refusalOf(offered, [{ ...(offered[0] ?? expect.fail()), group: 14 }])?.detail;
    expect(detail).toMatchObject({ offeredCount: 40, allowedCount: 1 });
    expect(detail?.kind === 'proposals' && detail.offered.length).toBe(8);
  });
});

function withoutNothing(text: TransformText | Readonly<Record<string, string | undefined>>): object {
  return Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined));
}
