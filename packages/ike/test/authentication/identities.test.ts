import type { IkeEvent } from '@espalier/ike';
import { ipv4AddressId, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { INSIDE, NatBed } from '../support/nat-bed.ts';
import type { Side } from '../support/pair.ts';
import { answerTo, signing } from '../support/signing.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];

/** R2 is behind a NAT, known by its address alone, and says that it is who it is inside; R3 expects the address outside. */
function met(verify: boolean): readonly IkeEvent[] {
  const ends = { mode: 'main', method: 'ecdsa-256', asks: { sign: false, verify } } as const;
  const { remoteIdentity: _, ...unnamed } = signing('R3', ends);
  const bed = new NatBed({
    behind: ['R2'],
    unnamed: ['R2'],
    R2: { ...signing('R2', ends), localIdentity: ipv4AddressId(INSIDE.R2) },
    R3: unnamed,
  }).initiate();
  for (let i = 0; i < 20; i++) {
    bed.run(seconds(0.5));
    for (const side of SIDES) {
      const question = bed[side].endpoint.pollQuestion();
      if (question !== undefined) bed.on(side, (to, now) => to.answer(now, question.id, answerTo(side, question)));
    }
  }
  return bed.R3.events;
}

describe('a peer behind a NAT that is known by its address alone, and says the one it has inside', () => {
  it('is taken for it where the one configured key proves it', () => {
    expect(met(false).map(({ kind }) => kind)).toContain('ike-established');
  });

  it('is not where its key comes from a certificate (regression: whoever had one of the authority was the peer)', () => {
    expect(met(true).map(({ kind }) => kind)).not.toContain('ike-established');
  });
});
