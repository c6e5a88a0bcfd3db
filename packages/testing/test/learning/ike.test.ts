import { drawMachine, learn, type MealyMachine } from '@espalier/testing/learning';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../../test/support/thorough.ts';
import { arrowText, type Comparison, compare } from './compare.ts';
import { Conversation, type Output } from './conversation.ts';
import { drawnMachine } from './drawn.ts';
import { LESSONS, type Lesson } from './scenarios.ts';

/** What nobody can see from outside. */
const UNSEEN = [
  // A state that awaits a first message is there with that.
  /^\[\*\] --> \w+: (a first message|a new message ID)$/,
  // The child is in use already, and message 3 is answered by nothing.
  /^ExpectLateConfirm --> Finished: HDR\*, HASH\(3\)$/,
];

const TITLES = [...new Set(LESSONS.map(({ title }) => title))];

interface Learned {
  readonly lesson: Lesson;
  readonly machine: MealyMachine;
  readonly comparison: Comparison;
}

function learned(lesson: Lesson): Learned {
  const { title, scenario, isWhole } = lesson;
  const conversation = new Conversation(isThorough && isWhole ? { ...scenario, isAltered: true } : scenario);
  const { machine } = learn(conversation, { hidden: isThorough && isWhole ? 1 : 0 });
  return {
    lesson,
    machine,
    comparison: compare(title, machine, conversation, { exchanges: scenario.exchanges, isWhole }),
  };
}

const ALL: readonly Learned[] = LESSONS.map(learned);

describe.each(TITLES)('%s, as it is learned from outside,', (title) => {
  const all = ALL.filter(({ lesson }) => lesson.title === title);

  it('is what docs/reference/states.md draws, with every arrow of it and no other', () => {
    expect(all.flatMap(({ comparison }) => comparison.strange)).toEqual([]);
    const found = new Set(all.flatMap(({ comparison }) => [...comparison.found]));
    const drawn = drawnMachine(title).map(arrowText);
    expect([...found].sort()).toEqual(drawn.filter((arrow) => !UNSEEN.some((one) => one.test(arrow))).sort());
  });

  it('has a state for each that is drawn', () => {
    for (const { lesson, comparison } of all.filter(({ lesson }) => lesson.isWhole)) {
      const names = [...comparison.names.values()];
      expect(new Set(names.flatMap((some) => [...some])).size, lesson.what).toBeGreaterThanOrEqual(names.length);
    }
  });
});

it('is drawn in docs/reference/learned-states.md', async () => {
  if (isThorough) return;
  const drawn = ALL.filter(({ lesson }) => lesson.isDrawn).map(draw);
  await expect([INTRODUCTION, ...drawn].join('\n')).toMatchFileSnapshot('../../../../docs/reference/learned-states.md');
});

const INTRODUCTION = `# The states of IKEv1, as they are learned from outside

Written by \`packages/testing/test/learning/ike.test.ts\`, which fails when this page is stale and writes it anew with
\`npx vitest run packages/testing/test/learning/ike.test.ts -u\`.

Nothing of [the states as they are declared](states.md) is known to who learned these: an endpoint was given messages of its
peer, one after the other in whatever order, each also where it does not belong, and altered, and what it answered is all that
was looked at. The learner of \`@espalier/testing/learning\` makes of that the machine with the fewest states that answers so.
Learned are ${LESSONS.length} endpoints; the test compares all of them with what is declared, arrow by arrow. Here are some. Where the learned
machine has a state of a declared one, it has its name; where nothing tells two of them apart, both names. What is answered by
nothing, or by what was sent before, and leads nowhere, is left out. \`npm run thorough\` learns them again with every message
altered as well, and with room for a state more.
`;

function draw({ lesson: { title, what }, machine, comparison }: Learned): string {
  const plain = machine.states.map((_, state) =>
    [...(comparison.names.get(state) ?? ['Beyond'])].map(idOf).join('_or_'),
  );
  // What is one state to who declares it may be several here: they are numbered.
  const nameOf = (state: number): string => {
    const name = plain[state] ?? '';
    const before = plain.slice(0, state).filter((one) => one === name).length;
    return before === 0 ? name : `${name}_${before + 1}`;
  };
  const diagram = drawMachine(machine, { nameOf, label: labelOf });
  return [`## ${title}: ${what}`, '', '```mermaid', ...diagram, '```', ''].join('\n');
}

function idOf(name: string): string {
  return name === '[*]' ? 'Beginning' : name;
}

function labelOf(symbol: string, text: string, isLoop: boolean): string | undefined {
  const { sends, asks, events }: Output = JSON.parse(text);
  const said = sends
    .filter(({ again }) => !again)
    .map(({ exchange, payloads }) => `${exchange} (${payloads.join(' ')})`);
  const all = [...said, ...(asks === undefined ? [] : [`asks for ${asks}`]), ...events];
  if (isLoop && all.length === 0) return undefined;
  return all.length === 0 ? symbol : `${symbol} / ${all.join(', ')}`;
}
