import { numberOf } from './quint.mjs';

const ENDS = [0, 1];
const LETTERS = {
  none: '.',
  offered: 'o',
  negotiated: 'n',
  established: 'e',
  superseded: 's',
  deleted: 'd',
  gone: 'g',
};

export const COLLISION = {
  name: 'collision',
  main: 'collision',
  folder: 'packages/ike/test/model',
  steps: 40,
  /** Of so many runs those are kept in which most happens to SAs. */
  keptOf: 300,
  keptMost: 12,
  wealth: (run) => new Set(run.map((step) => step.slice(-ENDS.length).join(' '))).size,
  faults: [
    {
      says: 'one end has the rule turned round',
      from: 'lowest(w, first) < lowest(w, second)',
      to: '(lowest(w, first) < lowest(w, second)) == (end == 0)',
    },
    { says: 'one end looks at no nonces', from: 'w.sas[first].by != w.sas[second].by and', to: 'end == 0 and $&' },
    {
      says: 'the newer is what was established later',
      from: '.startedAt <= half(w, end, b).startedAt',
      to: '.establishedAt <= half(w, end, b).establishedAt',
    },
    {
      says: 'what was superseded is deleted at once',
      from: 'SUPERSEDED_LIFETIME = 30000',
      to: 'SUPERSEDED_LIFETIME = 300',
    },
    {
      says: 'what is deleted receives no more, though one end alone has seen a collision',
      from: 'known.collides and known.life == "superseded"',
      to: 'false',
    },
  ],
  limits: [{ says: 'what one end deletes the other still sends by, and is received', invariant: 'isExpected' }],
  /** Each step: when, what, of which SA, at which end, with which nonce; and what either end has of each SA then, a letter each. */
  kept(states) {
    return states
      .slice(1)
      .map(({ act, world }) => [
        ...[
          Number(numberOf(world.now)),
          act.what,
          ...[act.sa, act.end, act.nonce].map((value) => Number(numberOf(value))),
        ],
        ...ENDS.map((end) => livesAt(world, end)),
      ]);
  },
};

function livesAt({ halves }, end) {
  const at = halves['#map'].map(([key, half]) => [key['#tup'].map((value) => Number(numberOf(value))), half.life]);
  const own = at.filter(([[whose]]) => whose === end).sort(([[, a]], [[, b]]) => a - b);
  return own.map(([, life]) => LETTERS[life]).join('');
}
