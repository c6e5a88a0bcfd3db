import type { MealyMachine } from '@espalier/testing/learning';
import type { Asked, Conversation, Output } from './conversation.ts';
import { type Arrow, awaitedMessage, drawnMachine, isWritten } from './drawn.ts';

/** What a machine that was learned has of one that is drawn. */
export interface Comparison {
  /** Of the states that were learned, by their numbers, which are drawn; those beyond the end have none. */
  readonly names: ReadonlyMap<number, ReadonlySet<string>>;
  /** The arrows of the drawn machine that were found. */
  readonly found: ReadonlySet<string>;
  /** What is learned and not drawn. */
  readonly strange: readonly string[];
}

type Sent = Output['sends'];

/**
 * Walks through both from their beginnings, side by side. Whatever is answered or told, or leads elsewhere, must be one arrow of
 * the drawn machine, of the same message and the same answer; all else must be answered by nothing, or by what was sent before.
 * @param exchanges Of the machine: what is sent in others is theirs.
 * @param isWhole Whether what is no arrow must leave the state as it is; else there is more to a state than is drawn.
 */
export function compare(
  title: string,
  machine: MealyMachine,
  conversation: Conversation,
  { exchanges, isWhole }: { readonly exchanges: readonly string[]; readonly isWhole: boolean },
): Comparison {
  const arrows = drawnMachine(title);
  const names = new Map<number, Set<string>>();
  const found = new Set<string>();
  const strange: string[] = [];
  const left: { readonly state: number; readonly name: string }[] = [];
  const reach = (state: number, name: string): void => {
    const known = names.get(state) ?? new Set();
    if (!known.has(name)) left.push({ state, name });
    names.set(state, known.add(name));
  };
  reach(0, firstOf(arrows));
  for (const { state, name } of left) {
    if (!arrows.some(({ from }) => from === name)) continue;
    for (const [symbol, { output: text, to }] of machine.states[state]?.on ?? []) {
      const asked = conversation.symbols.get(symbol);
      const output: Output = JSON.parse(text);
      const { asks, events } = output;
      const sends = output.sends.filter(({ again, exchange }) => !again && exchanges.includes(exchange));
      const isAnswered = sends.length > 0 || asks !== undefined;
      if (asked === undefined || (to === state && !isAnswered && events.length === 0)) continue;
      const own = waysFrom(name, arrows, asked, output, sends);
      // Beside one exchange there may be another, which is at its beginning.
      const others = isWhole || own.length > 0 ? [] : waysFrom(firstOf(arrows), arrows, asked, output, sends);
      const [way] = [...own, ...others];
      if (way !== undefined && own.length + others.length === 1) {
        for (const arrow of way) found.add(arrowText(arrow));
        reach(to, own.length === 0 ? name : (way.at(-1)?.to ?? name));
      } else if (way === undefined && !isWhole && !isAnswered) {
        reach(to, name);
      } else {
        strange.push(`${name}: ${symbol}: ${text}`);
      }
    }
  }
  return { names, found, strange };
}

export function arrowText({ from, to, label }: Arrow): string {
  return `${from} --> ${to}: ${label}`;
}

/** Where nothing is sent before the first message comes, the machine begins in the state that awaits it. */
function firstOf(arrows: readonly Arrow[]): string {
  const [first] = arrows.filter(({ from }) => from === '[*]');
  return first === undefined || first.sends !== '' ? '[*]' : first.to;
}

/** One arrow, or one to the end and one from the beginning: what comes next begins at once. */
function waysFrom(
  name: string,
  arrows: readonly Arrow[],
  asked: Asked,
  { asks }: Output,
  sends: Sent,
): readonly (readonly Arrow[])[] {
  const own = arrows.filter(({ from }) => from === name);
  const begun = arrows.filter((arrow) => arrow.from === '[*]' && isBegun(arrow, asks, sends));
  const ends = own.filter(
    (arrow) =>
      isAwaited(arrow, asked, undefined) && arrow.sends === '' && !arrows.some(({ from }) => from === arrow.to),
  );
  const one = own.filter((arrow) => isAwaited(arrow, asked, asks) && isAnswered(arrow, sends)).map((arrow) => [arrow]);
  if (one.length > 0) return one;
  return [
    ...begun.filter((arrow) => own.includes(arrow)).map((arrow) => [arrow]),
    ...ends.flatMap((arrow) => begun.map((next) => [arrow, next])),
  ];
}

function isAnswered({ sends: notation }: Arrow, sends: Sent): boolean {
  const [sent, ...others] = sends;
  if (notation === '') return sent === undefined;
  return sent !== undefined && others.length === 0 && isWritten(notation, sent.payloads);
}

function isAwaited({ on }: Arrow, { kind, payloads }: Asked, asks: Output['asks']): boolean {
  if (kind === 'altered' || BEGINS_OF_ITSELF.test(on)) return false;
  const awaited = awaitedMessage({ on });
  if (awaited === undefined) return kind === (TOLD.test(on) ? 'command' : 'answer');
  const isAsked = asks === undefined ? awaited.asks.length === 0 : awaited.asks.includes(asks);
  return kind === 'message' && isAsked && isWritten(awaited.notation, payloads);
}

/** Words for what an end is told to do, in the place of a message. */
const TOLD = /^(initiate|newGroup|an ESP packet)/;
/** Words for what follows from an exchange before. */
const BEGINS_OF_ITSELF = /^(a stage begins|Mode Config is pushed)/;

function isBegun(arrow: Arrow, asks: Output['asks'], sends: Sent): boolean {
  if (!BEGINS_OF_ITSELF.test(arrow.on)) return false;
  return arrow.sends === '' ? asks === 'lease' && sends.length === 0 : asks === undefined && isAnswered(arrow, sends);
}
