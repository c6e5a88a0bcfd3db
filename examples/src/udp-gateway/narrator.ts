import type { GatewayEvent } from '@espalier/gateway';
import type { JunosNotice } from '@espalier/junos';
import { describeEvent } from '../common/describe-event.ts';

/** What the program tells the person, or the program, that started it. */
export interface Narrator {
  started(where: string): void;
  noticed(notice: JunosNotice): void;
  happened(event: GatewayEvent): void;
  failed(what: string, error: Error): void;
  say(text: string): void;
}

/** Explanations that are remembered, so that each is printed once. */
const EXPLAINED_MOST = 64;

/** Readable lines with the time of day. */
export function textNarrator(print: (line: string) => void): Narrator {
  const say = (text: string): void => {
    const time = new Date().toISOString().slice(11, 23);
    print(`${time}  ${text.replaceAll('\n', `\n${' '.repeat(time.length + 2)}`)}`);
  };
  const explained = new Map<string, string>();
  return {
    say,
    started: (where) => say(`listening on ${where}`),
    noticed: ({ line, column, text }) => say(`line ${line}, column ${column}: ${text}`),
    happened: (event) => {
      const text = describeEvent(event);
      if (text === undefined) return;
      const [headline = text] = text.split('\n');
      const isKnown = explained.get(headline) === text && text !== headline;
      if (explained.size >= EXPLAINED_MOST) explained.clear();
      explained.set(headline, text);
      say(isKnown ? `${headline}; as before` : text);
    },
    failed: (what, error) => say(`${what}: ${error.message}`),
  };
}

/** One JSON object a line, told apart by `kind`. */
export function jsonNarrator(print: (line: string) => void): Narrator {
  const tell = (event: object): void => print(JSON.stringify({ time: new Date().toISOString(), ...event }));
  return {
    say: (text) => tell({ kind: 'text', text }),
    started: (where) => tell({ kind: 'started', where }),
    noticed: (notice) => tell({ kind: 'notice', ...notice }),
    happened: (event) => tell(event),
    failed: (what, error) => tell({ kind: 'error', what, message: error.message }),
  };
}
