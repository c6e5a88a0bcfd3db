import type { Answer } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Step, Transition } from '../src/exchange/state.ts';
import { CHILD_LIFE, IKE_SA_LIFE } from '../src/sa/life.ts';
import {
  AwaitKeyForConfirm,
  AwaitSignatureForConfirm,
  AwaitVerdictForConfirm,
  ExpectAggressiveReply,
} from '../src/v1/aggressive-mode/initiator.ts';
import {
  AwaitKeyForReply,
  AwaitSignatureForReply,
  AwaitVerdictOnConfirm,
  ExpectConfirm,
  ExpectOffer,
} from '../src/v1/aggressive-mode/responder.ts';
import {
  AwaitKeyForAuth,
  AwaitSignatureForAuth,
  AwaitVerdictOnReply,
  ExpectAuthReply,
  ExpectKeReply,
  ExpectSaReply,
} from '../src/v1/main-mode/initiator.ts';
import {
  AwaitKeyForKe,
  AwaitSignatureForAuthReply,
  AwaitVerdictOnAuth,
  ExpectAuth,
  ExpectKe,
  ExpectSa,
} from '../src/v1/main-mode/responder.ts';
import { ExpectNewGroup, ExpectNewGroupReply } from '../src/v1/new-group/states.ts';
import { ExpectConnected } from '../src/v1/quick-mode/connected.ts';
import { ExpectQuickReply } from '../src/v1/quick-mode/initiator.ts';
import { ExpectLateConfirm, ExpectQuick, ExpectQuickConfirm } from '../src/v1/quick-mode/responder.ts';
import { AwaitTransactionAnswer, ExpectTransaction } from '../src/v1/transaction/answering.ts';
import { AwaitVerdict, ExpectTransactionReply } from '../src/v1/transaction/asking.ts';
import { AwaitLease } from '../src/v1/transaction/mode-config/gateway.ts';
import { Pair } from './support/pair.ts';
import { PRIVATE_GROUP } from './support/private-groups.ts';
import { ASKING, answerTo, signing } from './support/signing.ts';
import { Road } from './transaction/road.ts';

type AnyStep = Step<object, object>;

/** A class of states, with what it declares: it awaits a message, or an answer of the caller. */
interface StateClass {
  readonly name: string;
  readonly prototype: { receive(message: never): AnyStep } | { answer(answer: never): AnyStep };
  readonly transitions: readonly Transition[];
}

interface Machine {
  readonly title: string;
  /** What leads to the first state. */
  readonly begins: string;
  /** Another way to begin. */
  readonly also?: { readonly begins: string; readonly state: string };
  /** What it ends in. */
  readonly end: string;
  readonly states: readonly StateClass[];
}

const MACHINES: readonly Machine[] = [
  {
    title: 'Main Mode, initiator',
    begins: 'initiate / HDR, SA',
    end: 'Established',
    states: [
      ExpectSaReply,
      ExpectKeReply,
      AwaitKeyForAuth,
      AwaitSignatureForAuth,
      ExpectAuthReply,
      AwaitVerdictOnReply,
    ],
  },
  {
    title: 'Main Mode, responder',
    begins: 'a first message',
    end: 'Established',
    states: [ExpectSa, ExpectKe, AwaitKeyForKe, ExpectAuth, AwaitVerdictOnAuth, AwaitSignatureForAuthReply],
  },
  {
    title: 'Aggressive Mode, initiator',
    begins: 'initiate / HDR, SA, KE, Ni, IDii',
    end: 'Established',
    states: [ExpectAggressiveReply, AwaitKeyForConfirm, AwaitVerdictForConfirm, AwaitSignatureForConfirm],
  },
  {
    title: 'Aggressive Mode, responder',
    begins: 'a first message',
    end: 'Established',
    states: [ExpectOffer, AwaitKeyForReply, AwaitSignatureForReply, ExpectConfirm, AwaitVerdictOnConfirm],
  },
  {
    title: 'Quick Mode, initiator',
    begins: 'initiate or rekey / HDR*, HASH(1), SA [, SA ... ], Ni [, KE ], IDci, IDcr',
    end: 'Finished',
    states: [ExpectQuickReply, ExpectConnected],
  },
  {
    title: 'Quick Mode, responder',
    begins: 'a new message ID',
    end: 'Finished',
    states: [ExpectQuick, ExpectQuickConfirm, ExpectLateConfirm],
  },
  {
    title: 'New Group Mode, initiator',
    begins: 'newGroup / HDR*, HASH(1), SA',
    end: 'Finished',
    states: [ExpectNewGroupReply],
  },
  {
    title: 'New Group Mode, responder',
    begins: 'a new message ID',
    end: 'Finished',
    states: [ExpectNewGroup],
  },
  {
    title: 'XAuth and Mode Config, the side that asks or sets',
    begins: 'a stage begins / HDR*, HASH, ATTR(REQUEST or SET)',
    also: { begins: 'Mode Config is pushed', state: 'AwaitLease' },
    end: 'Finished',
    states: [ExpectTransactionReply, AwaitVerdict, AwaitLease],
  },
  {
    title: 'XAuth and Mode Config, the side that answers',
    begins: 'a new message ID',
    end: 'Finished',
    states: [ExpectTransaction, AwaitTransactionAnswer],
  },
];

const LIVES = [
  { title: 'The life of an IKE SA', begins: 'a phase 1 begins', first: 'half-open', table: IKE_SA_LIFE },
  { title: 'The life of a pair of child SAs', begins: 'a Quick Mode begins', first: 'offered', table: CHILD_LIFE },
] as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('states', () => {
  it('are drawn in docs/reference/states.md as they are declared (vitest -u draws them anew)', async () => {
    const pages = [INTRODUCTION, ...MACHINES.map(drawMachine), LIFE_INTRODUCTION, ...LIVES.map(drawLife)];
    await expect(pages.join('\n')).toMatchFileSnapshot('../../../docs/reference/states.md');
  });

  it('lead to a state of their machine or to its end', () => {
    for (const { states, end } of MACHINES) {
      const names = new Set([...states.map(({ name }) => name), end]);
      for (const { transitions } of states) for (const { to } of transitions) expect(names).toContain(to);
    }
  });

  it('go where they are declared to go, and answer where they are declared to answer', () => {
    const seen = new Set<string>();
    for (const { end, states } of MACHINES) for (const state of states) spy(state, end, (arrow) => seen.add(arrow));
    for (const mode of ['main', 'aggressive'] as const) {
      for (const preSharedKey of [fromAscii('juniper'), 'ask'] as const) {
        const pair = new Pair({ R2: { mode, preSharedKey }, R3: { mode, preSharedKey } }).initiate();
        for (let i = 0; i < 6; i++) answerAll(pair.run(seconds(1)));
      }
      for (const asks of ASKING) {
        const pair = new Pair({ R2: signing('R2', { mode, asks }), R3: signing('R3', { mode, asks }) }).initiate();
        for (let i = 0; i < 8; i++) answerAll(pair.run(seconds(1)));
        expect(pair.R3.of('ike-established')).toHaveLength(1);
      }
    }
    for (const method of ['pull', 'push'] as const) {
      new Road({ method }).up();
      const asking = new Road({ method, R2: { xauth: { side: 'user' } } });
      asking.answering = ({ kind }) => (kind === 'lease' ? { kind, lease: undefined } : undefined);
      asking.initiate().run(seconds(5));
    }
    const grouped = new Pair({ R3: { acceptedGroups: [PRIVATE_GROUP] } }).initiate().run(seconds(1));
    grouped.on('R2', (endpoint, now) => endpoint.newGroup(now, 'R3', 0x8001, PRIVATE_GROUP));
    grouped.run(seconds(1));
    for (const commitBit of [false, true]) {
      new Pair({ R3: { commitBit } }).initiate().run(seconds(1));
      const overtaken = new Pair({
        R3: { commitBit },
        network: ({ index, from }) => (index >= 8 && from === 'R2' ? [3000] : [10]),
      }).initiate();
      overtaken.run(seconds(1));
      const [child] = overtaken.R3.of('child-negotiated');
      if (child === undefined) throw new Error('no child');
      overtaken.on('R3', (endpoint, now) => endpoint.confirmChild(now, child.child.inbound));
      overtaken.run(seconds(5));
    }

    const declared = MACHINES.flatMap(({ states }) => states).flatMap(({ name, transitions }) =>
      transitions
        .filter(({ on }) => on !== 'an ESP packet of a child')
        .map(({ to, sends }) => `${name} --> ${to}${sends === '' ? '' : ' and answers'}`),
    );
    expect([...seen].sort()).toEqual(declared.sort());
  });

  it('of a life lead to states of that life, and everything ends', () => {
    for (const { table } of LIVES) {
      const states = Object.keys(table);
      for (const [state, turns] of Object.entries(table)) {
        for (const next of Object.values(turns)) expect(states).toContain(next);
        expect('ended' in turns || state === 'gone').toBe(true);
      }
    }
  });
});

function answerAll(pair: Pair): void {
  for (const side of ['R2', 'R3'] as const) {
    pair.on(side, (endpoint, now) => {
      for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
        const key = fromAscii('juniper');
        const answer: Answer = question.kind === 'shared-key' ? { kind: 'shared-key', key } : answerTo(side, question);
        endpoint.answer(now, question.id, answer);
      }
    });
  }
}

function spy({ name, prototype }: StateClass, end: string, note: (arrow: string) => void): void {
  const noted = (step: AnyStep): AnyStep => {
    const to = step.next[0]?.constructor.name ?? end;
    note(`${name} --> ${to}${step.reply === undefined ? '' : ' and answers'}`);
    return step;
  };
  if ('receive' in prototype) {
    const { receive } = prototype;
    vi.spyOn(prototype, 'receive').mockImplementation(function (this: unknown, message: never) {
      return noted(receive.call(this as never, message));
    });
  } else {
    const { answer } = prototype;
    // What several classes inherit is noted of each by itself.
    if (!Object.hasOwn(prototype, 'answer')) Object.defineProperty(prototype, 'answer', inherited(answer));
    vi.spyOn(prototype, 'answer').mockImplementation(function (this: unknown, given: never) {
      return noted(answer.call(this as never, given));
    });
  }
}

function inherited(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: false, writable: true };
}

function drawMachine({ title, begins, also, end, states }: Machine): string {
  const lines = states.flatMap(({ name, transitions }) =>
    transitions.map(({ on, sends, to }) => `  ${name} --> ${to}: ${on}${sends === '' ? '' : ` / ${sends}`}`),
  );
  const beginnings = [
    `  [*] --> ${states[0]?.name ?? ''}: ${begins}`,
    ...(also === undefined ? [] : [`  [*] --> ${also.state}: ${also.begins}`]),
  ];
  const isEnding = states.some(({ transitions }) => transitions.some(({ to }) => to === end));
  return diagram(title, [...beginnings, ...lines, ...(isEnding ? [`  ${end} --> [*]`] : [])]);
}

function drawLife({ title, begins, first, table }: (typeof LIVES)[number]): string {
  const lines = Object.entries<Readonly<Record<string, string>>>(table).flatMap(([state, turns]) =>
    Object.entries(turns).map(([turn, next]) => `  ${idOf(state)} --> ${idOf(next)}: ${turn}`),
  );
  return diagram(title, [`  [*] --> ${idOf(first)}: ${begins}`, ...lines, '  gone --> [*]']);
}

function idOf(state: string): string {
  return state.replaceAll('-', '_');
}

function diagram(title: string, lines: readonly string[]): string {
  return [`## ${title}`, '', '```mermaid', 'stateDiagram-v2', ...lines, '```', ''].join('\n');
}

const INTRODUCTION = `# The states of IKEv1

Drawn from the declarations in \`packages/ike/src\` by \`packages/ike/test/states.test.ts\`, which fails when this page is
stale and draws it anew with \`npx vitest run packages/ike/test/states.test.ts -u\`.

Each state is a class that awaits one message, or one answer of the caller. An arrow says what is awaited and, after the
slash, what is sent, in the notation of RFC 2409 §5. A message that a state does not await, or that fails a check, leaves
the state as it is; a message that was answered before is answered again with the same octets. A state that waits for too
long ends: an initiator after its last repetition, a responder, and whoever waits for the caller, after a minute.
XAuth and Mode Config have three minutes and one. Informational exchanges have no state: each is one message, under the
keys of Established.
`;

const LIFE_INTRODUCTION = `An IKE SA outlives its phase 1, and a child its Quick Mode. What may happen to them is in
\`packages/ike/src/sa/life.ts\`:
`;
