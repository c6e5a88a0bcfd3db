import type { ExchangeMode } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, type Name } from './support/bed.ts';

const KEY = { kind: 'shared-key', key: fromAscii('juniper') } as const;
const MODES: readonly ExchangeMode[] = ['main', 'aggressive'];

function answer(bed: Bed, name: Name) {
  const { gateway } = bed.site(name);
  const question = gateway.pollQuestion();
  const result = question && gateway.answer(bed.now, question.id, KEY);
  bed.drain();
  return { question, result };
}

describe.each(MODES)('a gateway that asks for the key of its peer, in %s mode', (mode) => {
  const asks = { peer: { mode, preSharedKey: 'ask' } } as const;
  const knows = { peer: { mode } } as const;

  it.each([
    ['R2', { R2: asks, R3: knows }],
    ['R3', { R2: knows, R3: asks }],
  ] as const)('as %s keeps what waits for the SA until the answer is there', (name, variations) => {
    const bed = new Bed(variations);
    expect(bed.ping('R2', 1)).toEqual({ ok: true, action: 'queued' });
    bed.run(seconds(5));
    expect(bed.pings('R3')).toEqual([]);
    expect(answer(bed, name)).toMatchObject({ question: { kind: 'shared-key', peer: 'peer' }, result: { ok: true } });
    bed.run(seconds(10));
    expect(bed.pings('R3')).toEqual([1]);
    expect(bed.site(name).gateway.ikeSas()).toMatchObject([{ exchange: mode, state: 'ready' }]);
  });

  it('has no tunnel where there is no key, and says so', () => {
    const bed = new Bed({ R2: asks, R3: knows });
    bed.ping('R2', 1);
    bed.run(seconds(1));
    const { gateway, events } = bed.site('R2');
    const question = gateway.pollQuestion();
    const result = gateway.answer(bed.now, question?.id ?? 0, { kind: 'shared-key', key: undefined });
    expect(result).toEqual({ ok: true, refused: 'no-shared-key' });
    bed.drain();
    expect(events).toMatchObject([{ kind: 'ike-failed' }, { kind: 'ipsec-failed' }]);
    expect(gateway.ikeSas()).toEqual([]);
  });
});

describe('an answer', () => {
  it('to nobody changes nothing; one that is none is a TypeError', () => {
    const { gateway } = new Bed().site('R2');
    expect(gateway.answer(new Bed().now, 1, KEY)).toEqual({ ok: false, reason: 'unknown-question' });
    expect(() => gateway.answer(new Bed().now, 1, { kind: 'shared-key', key: 'juniper' as never })).toThrow(TypeError);
  });
});
