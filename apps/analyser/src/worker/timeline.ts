import type { Timeline, TimelineEvent } from '../protocol.ts';
import { partsOf } from './describe.ts';
import type { Session } from './session.ts';

const MOST_EVENTS = 1_500;

type RunEvent = Extract<TimelineEvent, { kind: 'run' }>;
type Run = { -readonly [Name in keyof RunEvent]: RunEvent[Name] };

/** What happened between the two ends of a conversation: each message of IKE, and what runs between them together. */
export function timelineOf({ rows, kept, report }: Session, conversation: number): Timeline {
  const { conversations, ikeSas } = report;
  const addresses = conversations[conversation]?.addresses ?? ['', ''];
  const ends = endsOf(addresses, ikeSas.find((sa) => sa.conversation === conversation)?.initiator);
  const events: TimelineEvent[] = [];
  let run: Run | undefined;
  let beyond = 0;
  for (let row = 0; row < rows.length; row++) {
    if (rows.conversation.at(row) !== conversation) continue;
    const shown = rows.row(row);
    const forward = addressOf(shown.source) === ends[0];
    const { frame, time, verdict, protocol } = shown;
    if (protocol !== 'IKE' && run?.protocol === protocol) {
      extend(run, shown, forward);
      continue;
    }
    if (events.length >= MOST_EVENTS) {
      beyond += 1;
      continue;
    }
    if (protocol === 'IKE') {
      run = undefined;
      const notes = rows.texts.at(rows.notes.at(row));
      const [name = '', ...parts] = shown.info.split(': ');
      const payloads = kept.at(row)?.payloads;
      events.push({
        ...{ kind: 'message', row, frame, time, forward, verdict },
        name,
        parts: payloads === undefined ? parts : partsOf(payloads),
        exchange: rows.exchange.at(row),
        ikeSa: rows.ikeSa.at(row),
        repeats: repeated(shown.verdictText),
        encrypted: !shown.verdictText.startsWith('clear'),
        decrypted: shown.verdictText.startsWith('decrypted'),
        notes: notes === '' ? [] : notes.split('; '),
      });
    } else {
      run = { kind: 'run', row, frame, time, protocol, ...{ lastFrame: frame, lastTime: time }, ...NOTHING };
      extend(run, shown, forward);
      events.push(run);
    }
  }
  return { ends, events, beyond };
}

const NOTHING = { forward: 0, backward: 0, opened: 0, bad: 0 } as const;

function extend(
  run: Run,
  { frame, time, verdict }: { frame: number; time: number; verdict: string },
  forward: boolean,
): void {
  run.lastFrame = frame;
  run.lastTime = time;
  if (forward) run.forward += 1;
  else run.backward += 1;
  if (verdict === 'ok') run.opened += 1;
  if (verdict === 'bad') run.bad += 1;
}

function repeated(verdictText: string): number | undefined {
  const frame = /repeats frame (\d+)/.exec(verdictText)?.[1];
  return frame === undefined ? undefined : Number(frame);
}

/** Who began it is the first of the two. */
function endsOf([a, b]: readonly [string, string], initiator: string | undefined): readonly [string, string] {
  return initiator !== undefined && addressOf(initiator) === b ? [b, a] : [a, b];
}

/** An end without its port. */
function addressOf(end: string): string {
  const [, bracketed] = /^\[(.*)\]:\d+$/.exec(end) ?? [];
  if (bracketed !== undefined) return bracketed;
  return end.split(':').length === 2 ? end.replace(/:\d+$/, '') : end;
}
