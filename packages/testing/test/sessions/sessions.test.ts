import { AH_SUITES, ESP_SUITES } from '@espalier/crypto';
import type { IkeEvent } from '@espalier/ike';
import {
  foreignEstablishment,
  PLAIN_SESSION,
  play,
  SESSION_ACTS,
  SESSION_AH_SUITES,
  SESSION_AUTHENTICATIONS,
  SESSION_SUITES,
  type SessionSpecification,
  sessionEnds,
  transcriptOf,
} from '@espalier/testing/sessions';
import { decodeMessage, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';

const ACTS = SESSION_ACTS.map((act, i) => ({ act, by: i % 2 === 0 ? ('left' as const) : ('right' as const) }));

/** What protects a child, beside ESP alone. */
const PROTECTIONS: readonly Partial<SessionSpecification>[] = [
  {},
  { ah: 'hmac-sha2-256-128' },
  { suite: 'aes-128-ctr/hmac-sha1-96', ipcomp: 'deflate' },
  { suite: 'aes-256-cbc/none', ah: 'aes-128-gmac', ipcomp: 'deflate' },
];

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
      alternatives: i % 4,
      childMode: i % 3 === 0 ? 'transport' : 'tunnel',
      ...PROTECTIONS[(i + (isForced ? 0 : 1)) % PROTECTIONS.length],
      acts: ACTS,
      ...(mode === 'main' ? {} : { encryption: '3des-cbc', keyOctets: undefined as never, pfsGroup: 2 }),
    };
  }),
);

const kindsOf = (events: readonly IkeEvent[]): readonly string[] => events.map(({ kind }) => kind);
const policiesOf = (events: readonly IkeEvent[]): ReadonlySet<string> =>
  new Set(events.flatMap((event) => (event.kind === 'child-established' ? [event.child.policy] : [])));

describe.each(GRID)('a session in $mode mode with $authentication, NAT traversal $natTraversal', (specification) => {
  it('comes to all its children, is the same octet for octet from the same seed, and is sealed again as it was', () => {
    const differences: unknown[] = [];
    const { session } = play(specification, undefined, {
      arriving: ({ index, from, octets }, opened, between) => {
        if (octets.length === 1 || opened === undefined) return;
        const again = between.views[from === 'left' ? 'right' : 'left'].seal(from, opened, { hash: 'right' });
        if (again === undefined || toHex(again) !== toHex(octets))
          differences.push([index, opened, again && toHex(again), toHex(octets)]);
      },
    });
    expect(differences).toEqual([]);
    expect(session.delivered.filter(({ result }) => !result.ok).map(({ index, result }) => [index, result])).toEqual(
      [],
    );
    for (const events of [session.events.left, session.events.right]) {
      expect(policiesOf(events)).toEqual(new Set(['net', 'added', 'one', 'other', 'grouped']));
      expect(kindsOf(events)).toContain('group-agreed');
    }
    expect(transcriptOf(play(specification).session)).toEqual(transcriptOf(session));
  });
});

it.each([0, 1, 3])('a session offers %i other proposals, and comes to the first', (alternatives) => {
  const { session } = play({ ...PLAIN_SESSION, alternatives });
  const [first = expect.fail()] = session.delivered;
  const offer = decodeMessage(first.octets).payloads.find((payload) => payload.kind === 'sa');
  expect(offer?.proposals.flatMap(({ transforms }) => transforms)).toHaveLength(1 + alternatives);
  const { encryption, keyOctets, hash } = PLAIN_SESSION;
  expect(session.events.left[0]).toMatchObject({ ikeSa: { proposal: { encryption, keyOctets, hash } } });
});

it('sessions from two seeds are two', () => {
  const [one, other] = [play(PLAIN_SESSION), play({ ...PLAIN_SESSION, seed: 1 })];
  expect(transcriptOf(one.session)).not.toEqual(transcriptOf(other.session));
});

describe.each([
  ['AH alone', { suite: undefined as never, ah: 'hmac-sha1-96' }, ['ah']],
  ['AH around ESP', { ah: 'hmac-sha1-96' }, ['esp', 'ah']],
  ['ESP, compressed', { ipcomp: 'deflate' }, ['ipcomp', 'esp']],
  ['AH, compressed', { suite: undefined as never, ah: 'hmac-sha1-96', ipcomp: 'deflate' }, ['ipcomp', 'ah']],
] as const)('a session whose child has %s', (_, protection, protocols) => {
  it('has just that', () => {
    const { session } = play({ ...PLAIN_SESSION, ...protection });
    for (const events of Object.values(session.events)) {
      const established = events.flatMap((event) => (event.kind === 'child-established' ? [event.child] : []));
      expect(established.map(({ protections }) => protections.map(({ protocol }) => protocol))).toEqual([protocols]);
    }
  });
});

it('children have any suite that IKEv1 has a number for, and no other', () => {
  const isTaken = (protection: Partial<SessionSpecification>): boolean => {
    try {
      return sessionEnds({ ...PLAIN_SESSION, ...protection }) !== undefined;
    } catch (error) {
      expect(String(error)).toContain('IKEv1 cannot negotiate');
      return false;
    }
  };
  const names = (suites: readonly { readonly name: string }[]): readonly string[] => suites.map(({ name }) => name);
  expect(names(ESP_SUITES).filter((suite) => isTaken({ suite }))).toEqual(SESSION_SUITES);
  expect(names(AH_SUITES).filter((ah) => isTaken({ ah }))).toEqual(SESSION_AH_SUITES);
});

describe('an act', () => {
  it('is about the child that so many others are newer than', () => {
    const acts = [
      { by: 'right', act: 'add-children' },
      { by: 'left', act: 'delete-child', child: 2 },
      { by: 'right', act: 'renew-child', child: 1 },
    ] as const;
    const { session } = play({ ...PLAIN_SESSION, acts });
    const deleted = session.events.right.flatMap((event) =>
      event.kind === 'child-deleted' ? [[event.policy, event.reason]] : [],
    );
    expect(deleted).toEqual([['net', 'peer-deleted']]);
    expect([...policiesOf(session.events.left)]).toEqual(['net', 'one', 'other']);
  });

  it('is nothing at an end that is configured with other children', () => {
    const { session } = play({ ...PLAIN_SESSION, acts: [{ by: 'left', act: 'add-child' }] }, undefined, {
      configured: (_, peer) => ({ ...peer, children: peer.children.slice(0, 1) }),
    });
    expect([...policiesOf(session.events.left)]).toEqual(['net']);
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
