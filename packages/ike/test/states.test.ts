import { seconds } from '@espalier/wire';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExpectAuthReply, ExpectKeReply, ExpectSaReply } from '../src/v1/main-mode/initiator.ts';
import { ExpectAuth, ExpectKe, ExpectSa } from '../src/v1/main-mode/responder.ts';
import type { Transition } from '../src/v1/phase1.ts';
import { QuickFinished } from '../src/v1/quick-mode/finished.ts';
import { ExpectQuickReply } from '../src/v1/quick-mode/initiator.ts';
import { ExpectQuick, ExpectQuickConfirm } from '../src/v1/quick-mode/responder.ts';
import { Pair } from './pair.ts';

/** A class of states, with what it declares. */
interface StateClass {
  readonly name: string;
  readonly prototype: { receive(message: never): { readonly next: object; readonly reply: Uint8Array | undefined } };
  readonly transitions: readonly Transition[];
}

interface Machine {
  readonly title: string;
  /** What leads to the first state. */
  readonly begins: string;
  readonly states: readonly StateClass[];
}

const MACHINES: readonly Machine[] = [
  {
    title: 'Main Mode, initiator',
    begins: 'initiate / HDR, SA',
    states: [ExpectSaReply, ExpectKeReply, ExpectAuthReply],
  },
  { title: 'Main Mode, responder', begins: 'a first message', states: [ExpectSa, ExpectKe, ExpectAuth] },
  {
    title: 'Quick Mode, initiator',
    begins: 'initiate or rekey / HDR*, HASH(1), SA, Ni [, KE ], IDci, IDcr',
    states: [ExpectQuickReply],
  },
  {
    title: 'Quick Mode, responder',
    begins: 'a new message ID',
    states: [ExpectQuick, ExpectQuickConfirm],
  },
];

const END_STATES = new Set(['Established', QuickFinished.name]);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('states', () => {
  it('are drawn in docs/states.md as they are declared (vitest -u draws them anew)', async () => {
    await expect(draw(MACHINES)).toMatchFileSnapshot('../../../docs/states.md');
  });

  it('lead to a state of their machine or to its end', () => {
    for (const { states } of MACHINES) {
      const names = new Set([...states.map(({ name }) => name), ...END_STATES]);
      for (const { transitions } of states) for (const { to } of transitions) expect(names).toContain(to);
    }
  });

  it('go where they are declared to go, and answer where they are declared to answer', () => {
    const seen = new Set<string>();
    for (const state of MACHINES.flatMap(({ states }) => states)) {
      const receive = state.prototype.receive;
      vi.spyOn(state.prototype, 'receive').mockImplementation(function (this: unknown, message: never) {
        const step = receive.call(this as never, message);
        seen.add(`${state.name} --> ${step.next.constructor.name}${step.reply === undefined ? '' : ' and answers'}`);
        return step;
      });
    }
    new Pair().initiate().run(seconds(5));
    const declared = MACHINES.flatMap(({ states }) => states).flatMap(({ name, transitions }) =>
      transitions
        .filter(({ on }) => on.startsWith('HDR'))
        .map(({ to, sends }) => `${name} --> ${to}${sends === '' ? '' : ' and answers'}`),
    );
    expect([...seen].sort()).toEqual(declared.sort());
  });
});

function draw(machines: readonly Machine[]): string {
  const sections = machines.map(({ title, begins, states }) => {
    const [first] = states;
    const lines = states.flatMap(({ name, transitions }) =>
      transitions.map(({ on, sends, to }) => `  ${name} --> ${to}: ${on}${sends === '' ? '' : ` / ${sends}`}`),
    );
    const ends = [...END_STATES].filter((end) => lines.some((line) => line.includes(`--> ${end}:`)));
    return [
      `## ${title}`,
      '',
      '```mermaid',
      'stateDiagram-v2',
      `  [*] --> ${first?.name ?? ''}: ${begins}`,
      ...lines,
      ...ends.map((end) => `  ${end} --> [*]`),
      '```',
      '',
    ].join('\n');
  });
  return [INTRODUCTION, ...sections].join('\n');
}

const INTRODUCTION = `# The states of IKEv1

Drawn from the declarations in \`packages/ike/src\` by \`packages/ike/test/states.test.ts\`, which fails when this page is
stale and draws it anew with \`npx vitest run packages/ike/test/states.test.ts -u\`.

Each state is a class that awaits one message. An arrow says what is awaited and, after the slash, what is sent, in the
notation of RFC 2409 §5. A message that a state does not await, or that fails a check, leaves the state as it is; a
message that was answered before is answered again with the same octets. A state that waits for too long ends: an
initiator after its last repetition, a responder of Main Mode after a minute. Informational exchanges have no state:
each is one message, under the keys of Established.
`;
