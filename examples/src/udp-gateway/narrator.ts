import type { Gateway } from '@espalier/gateway';
import type { JunosNotice } from '@espalier/junos';
import type { EventOf } from '@espalier/node';
import { describeEvent } from '../common/describe-event.ts';

/** One that prints to standard output. */
export function narratorOf({ json }: { readonly json: boolean }): Narrator {
  return (json ? jsonNarrator : textNarrator)((line) => console.log(line));
}

/** What the program tells the person, or the program, that started it. */
export interface Narrator {
  started(where: string): void;
  noticed(notice: JunosNotice): void;
  happened(event: EventOf<Gateway>): void;
  say(text: string): void;
}

/** Explanations that are remembered, so that each is printed once. */
const EXPLAINED_MOST = 64;

/** Readable lines with the time of day. */
function textNarrator(print: (line: string) => void): Narrator {
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
  };
}

/** One JSON object a line, told apart by `kind`. */
function jsonNarrator(print: (line: string) => void): Narrator {
  const tell = (event: object): void => print(JSON.stringify({ time: new Date().toISOString(), ...event }));
  return {
    say: (text) => tell({ kind: 'text', text }),
    started: (where) => tell({ kind: 'started', where }),
    noticed: (notice) => tell({ kind: 'notice', ...notice }),
    happened: (event) => tell('error' in event ? { ...event, error: event.error.message } : event),
  };
}
