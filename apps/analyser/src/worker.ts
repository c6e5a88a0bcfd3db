import type { Answers, FromWorker, Progress, Question, ToRead, ToWorker } from './protocol.ts';
import { detailsOf } from './worker/details.ts';
import { exported } from './worker/exports.ts';
import { Session } from './worker/session.ts';
import { Cancel } from './worker/source.ts';
import { timelineOf } from './worker/timeline.ts';

/** Progress is told so often, in milliseconds. */
const PROGRESS_EVERY = 100;

let session: Session | undefined;
let cancel = new Cancel();
let toldAt = 0;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case 'open':
      void open(data);
      return;
    case 'cancel':
      cancel.isCancelled = true;
      return;
    default:
      void answer(data);
  }
});

async function open(capture: ToRead): Promise<void> {
  cancel.isCancelled = true;
  const own = new Cancel();
  cancel = own;
  try {
    const opened = new Session(capture);
    session = opened;
    const outcome = await opened.read(own, tell);
    if (session === opened) say({ kind: 'opened', outcome });
  } catch (error) {
    say({ kind: 'refused', reason: reasonOf(error) });
  }
}

async function answer(question: Question): Promise<void> {
  const { id } = question;
  try {
    if (session === undefined) throw new Error('No capture is open.');
    say({ kind: 'answer', id, answer: await answered(session, question) });
  } catch (error) {
    say({ kind: 'no-answer', id, reason: reasonOf(error) });
  }
}

async function answered(of: Session, question: Question): Promise<Answers[keyof Answers]> {
  switch (question.kind) {
    case 'filter':
      return { rows: of.filter(question.query) };
    case 'rows': {
      const { from, to } = question;
      return { from, rows: of.taken(from, to).map((row) => of.rows.row(row)) };
    }
    case 'details':
      return await detailsOf(of, question.row);
    case 'timeline':
      return timelineOf(of, question.conversation);
    case 'export':
      cancel = new Cancel();
      return { blob: await exported(of, question.form, cancel, tell) };
  }
}

function tell(progress: Progress): void {
  const now = performance.now();
  if (now - toldAt < PROGRESS_EVERY) return;
  toldAt = now;
  say({ kind: 'progress', ...progress });
}

function say(message: FromWorker): void {
  postMessage(message);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
