import {
  type AttackOptions,
  type AttackPlan,
  attackSessions,
  isSuperlinear,
  measureGrowth,
  PLAIN_SESSION,
  repeatAttack,
  type SessionEnd,
  sessionEnds,
} from '@espalier/testing/sessions';
import { describe, expect, it } from 'vitest';

/** Milliseconds that this process has worked: others on the machine do not count. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const SESSIONS = 20;
/** Other tests run in the same process, and take of its time: how long a datagram takes is told by `npm run fuzz`. */
const SHORT: AttackOptions = {
  seed: 1,
  clock,
  goesOn: ({ sessions }) => sessions < SESSIONS,
  bound: Number.POSITIVE_INFINITY,
};

/** An end that does with what comes whatever `handle` does. */
function otherwise(end: SessionEnd, handle: SessionEnd['endpoint']['handleDatagram']): SessionEnd {
  const { endpoint } = end;
  return {
    ...end,
    endpoint: {
      handleDatagram: handle,
      handleTimeout: (now) => endpoint.handleTimeout(now),
      initiate: (now, name) => endpoint.initiate(now, name),
      rekeyIke: (now, name) => endpoint.rekeyIke(now, name),
      rekeyChild: (now, spi) => endpoint.rekeyChild(now, spi),
      deleteChild: (now, spi) => endpoint.deleteChild(now, spi),
      askForLife: (now, spi) => endpoint.askForLife(now, spi),
      close: (now) => endpoint.close(now),
      answer: (now, id, answer) => endpoint.answer(now, id, answer),
      pollEvent: () => endpoint.pollEvent(),
      pollTransmit: () => endpoint.pollTransmit(),
      pollQuestion: () => endpoint.pollQuestion(),
      pollTimeout: () => endpoint.pollTimeout(),
      children: () => endpoint.children(),
    },
  };
}

const { keyOctets: _, ...PLAIN } = PLAIN_SESSION;

/** What was taken for a fault of an end: it has several readings of what was said, and the kit had one. */
const MISJUDGED: readonly (readonly [string, AttackPlan])[] = [
  [
    'keys of a reading that came to nothing were told last',
    {
      specification: {
        ...{ ...PLAIN, seed: 1925436204, authentication: 'xauth-initiator-pre-shared-key', hash: 'md5', group: 31 },
        ...{ suite: 'aes-192-ctr/hmac-sha2-384-192', encryption: '3des-cbc', pfsGroup: 5 },
        acts: [
          { by: 'right', act: 'renew-ike' },
          { by: 'right', act: 'close' },
          { by: 'left', act: 'delete-child' },
          { by: 'left', act: 'close' },
        ],
      },
      step: 2,
      seed: 706529294,
    },
  ],
  [
    'a message of phase 1 came once more, with another certificate and the right signature',
    {
      specification: {
        ...{
          ...PLAIN_SESSION,
          seed: 1319930797,
          authentication: 'ecdsa-256',
          hash: 'sha2-256',
          group: 2,
          pfsGroup: 31,
        },
        ...{ suite: 'camellia-128-cbc/hmac-sha2-256-128', childMode: 'transport', natTraversal: 'force' },
        ...{ modeConfig: true, isStranger: true },
        acts: [
          { by: 'left', act: 'delete-child' },
          { by: 'right', act: 'renew-ike' },
          { by: 'left', act: 'delete-child' },
          { by: 'right', act: 'renew-ike' },
        ],
      },
      step: 22,
      seed: 63066959,
    },
  ],
  [
    'what was sent follows from a message 2 that was altered, and not from the last that was said',
    {
      specification: {
        ...{ ...PLAIN_SESSION, seed: 2147483629, mode: 'aggressive', hash: 'sha2-512', group: 20 },
        ...{ suite: 'aes-192-gcm-8', childMode: 'transport', natTraversal: 'auto', modeConfig: true, keyOctets: 16 },
        acts: [
          { by: 'left', act: 'renew-child' },
          { by: 'left', act: 'renew-ike' },
          { by: 'right', act: 'delete-child' },
        ],
      },
      step: 6,
      seed: 1096721230,
    },
  ],
];

describe('sessions under attack', () => {
  it('are attacked behind their encryption, and nothing comes of it that must not', { timeout: 120_000 }, () => {
    const report = attackSessions(SHORT);
    expect(report.violations).toEqual([]);
    expect(report.mutations.keyed).toBeGreaterThan(1000);
    // Doors behind encryption have taken something, and not those of one exchange alone.
    const taken = [...report.doors].flatMap(([door, { accepted }]) =>
      door.endsWith('*') && accepted > 0 ? [door] : [],
    );
    expect(new Set(taken.map((door) => door.split(' ')[0])).size).toBeGreaterThan(2);
  });

  it('show an end that takes what it should refuse, and one that throws', () => {
    const found = (handle: (end: SessionEnd) => SessionEnd): ReadonlySet<string> => {
      const report = attackSessions({
        ...SHORT,
        goesOn: ({ sessions }) => sessions < 3,
        ends: (specification, engine) => {
          const { left, right } = sessionEnds(specification, { engine });
          return { left, right: handle(right) };
        },
      });
      return new Set(report.violations.map(({ law }) => law));
    };
    const credulous = (end: SessionEnd): SessionEnd =>
      otherwise(end, (...all) => {
        end.endpoint.handleDatagram(...all);
        return { ok: true };
      });
    const brittle = (end: SessionEnd): SessionEnd =>
      otherwise(end, (...all) => {
        const result = end.endpoint.handleDatagram(...all);
        if (!result.ok && result.reason === 'malformed') throw new TypeError('of undefined');
        return result;
      });
    expect(found(credulous)).toContain('false-accept');
    expect(found(brittle)).toContain('exception');
  });

  it('of one exchange alone, by the suite of the IKE SA', () => {
    const { doors, suites, mutations } = attackSessions({
      ...SHORT,
      goesOn: ({ sessions }) => sessions < 2,
      only: { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', isStranger: false },
      exchange: 'quick',
      mutants: 16,
    });
    expect([...doors.keys()].every((door) => door.startsWith('quick'))).toBe(true);
    expect([...suites].map(([suite, exchanges]) => [suite, [...exchanges.keys()]])).toEqual([
      ['aes-cbc-256/sha2-256', ['quick']],
    ]);
    const { accepted, refused } = suites.get('aes-cbc-256/sha2-256')?.get('quick') ?? { accepted: 0, refused: 0 };
    expect(accepted + refused).toBe(mutations.keyed);
  });

  it.each(MISJUDGED)('are not accused of what is right: %s', (_, plan) => {
    expect(repeatAttack(plan, { clock, bound: Number.POSITIVE_INFINITY }).violations).toEqual([]);
  });

  it('are the same from the same seed', () => {
    const once = (): unknown => {
      const { mutations, refusals } = attackSessions({ ...SHORT, goesOn: ({ sessions }) => sessions < 3 });
      return [mutations, [...refusals]];
    };
    expect(once()).toEqual(once());
  });
});

/** Milliseconds: see above. */
const FLOOR = 10;

describe('whatever is repeated in a message', () => {
  it('costs no more than its octets do, ten, a hundred and a thousand times over', { timeout: 120_000 }, () => {
    // The first message, and Quick Mode.
    const options = { clock, specifications: [PLAIN_SESSION], steps: [0, 6], times: 1 };
    const growth = measureGrowth(options);
    expect(growth.length).toBeGreaterThan(30);
    // What was measured once may have met a collection of garbage: it is measured again.
    const suspects = growth.filter((one) => isSuperlinear(one, FLOOR));
    const again = suspects.length === 0 ? [] : measureGrowth({ ...options, times: 5 });
    expect(again.filter((one) => isSuperlinear(one, FLOOR))).toEqual([]);
  });
});
