import {
  foreignEstablishment,
  PLAIN_SESSION,
  play,
  SESSION_ACTS,
  SESSION_AUTHENTICATIONS,
  type SessionSpecification,
  transcriptOf,
} from '@espalier/testing/sessions';
import { toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';

const ACTS = SESSION_ACTS.map((act, i) => ({ act, by: i % 2 === 0 ? ('left' as const) : ('right' as const) }));

/** Both ways of NAT traversal with each mode and with each authentication, if not with each pair of them. */
const GRID: readonly SessionSpecification[] = SESSION_AUTHENTICATIONS.flatMap((authentication, i) =>
  (['main', 'aggressive'] as const).map((mode) => {
    const isForced = (mode === 'main') === (i % 2 === 0);
    return {
      ...PLAIN_SESSION,
      authentication,
      mode,
      natTraversal: isForced ? 'force' : 'off',
      family: isForced ? 4 : 6,
      modeConfig: isForced,
      acts: ACTS,
      ...(mode === 'main' ? {} : { encryption: '3des-cbc', keyOctets: undefined as never, pfsGroup: 2 }),
    };
  }),
);

describe.each(GRID)('a session in $mode mode with $authentication, NAT traversal $natTraversal', (specification) => {
  it('comes to a child, and is the same octet for octet from the same seed', () => {
    const { session } = play(specification);
    const { left, right } = session.events;
    expect(session.delivered.filter(({ result }) => !result.ok).map(({ index, result }) => [index, result])).toEqual(
      [],
    );
    for (const events of [left, right]) expect(events.map(({ kind }) => kind)).toContain('child-established');
    expect(transcriptOf(play(specification).session)).toEqual(transcriptOf(session));
    expect(transcriptOf(play({ ...specification, seed: 1 }).session)).not.toEqual(transcriptOf(session));
  });

  it('is opened whole by who has the keys of its ends, and sealed again as it was', () => {
    const differences: unknown[] = [];
    play(specification, undefined, {
      arriving: ({ index, from, octets }, opened, between) => {
        if (octets.length === 1 || opened === undefined) return;
        const again = between.views[from === 'left' ? 'right' : 'left'].seal(from, opened, { hash: 'right' });
        if (again === undefined || toHex(again) !== toHex(octets))
          differences.push([index, opened, again && toHex(again), toHex(octets)]);
      },
    });
    expect(differences).toEqual([]);
  });
});

describe.each(SESSION_AUTHENTICATIONS)('a session with a stranger, by %s', (authentication) => {
  it.each(['main', 'aggressive'] as const)('comes to nothing in %s mode', (mode) => {
    const specification = { ...PLAIN_SESSION, authentication, mode, isStranger: true };
    const { session } = play(specification);
    for (const side of ['left', 'right'] as const) {
      expect(session.events[side].map(({ kind }) => kind)).not.toContain('child-negotiated');
    }
    expect(foreignEstablishment(session, specification)).toBeUndefined();
  });
});
