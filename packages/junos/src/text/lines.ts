import { JunosError, type JunosNotice } from './error.ts';

/** What a terminal says of a line: under which path of the hierarchy its statements stand. */
export interface Context {
  readonly line: number;
  readonly path: readonly string[];
}

/** A text as it was pasted, without what the terminal wrote into it; every other character stays in its place. */
export interface PreparedText {
  readonly text: string;
  /** By line. Each holds behind its line, until the next one. */
  readonly contexts: readonly Context[];
  /** Lines that were typed behind a prompt. */
  readonly typed: ReadonlySet<number>;
}

/** First words of the set form (`show configuration | display set`) and of what is typed beside it. */
export const VERBS: ReadonlySet<string> = new Set([
  'set',
  'deactivate',
  'activate',
  'delete',
  'edit',
  'top',
  'up',
  'exit',
  'insert',
  'rename',
  'copy',
  'replace',
  'annotate',
  'protect',
  'unprotect',
]);

/** What a router of several engines writes before `[edit ...]` and prompts: which of them it is. */
const ENGINE = /\{(?:master|backup|primary|secondary|linecard|hold|ineligible|disabled)[^}]*\}/.source;
const PROMPT = new RegExp(`^\\s*(?:${ENGINE}\\s*)?(?:\\[edit([^\\]]*)\\]\\s*)?\\w[\\w.-]*@[\\w.:-]+[>#%][ \\t]*`);
const BARE_PROMPT = /^\s*[A-Za-z][\w.-]*[>#][ \t]+(?=(?:set|deactivate|delete|show|edit|top|commit)\b)/;
const BANNER = new RegExp(`^\\s*(?:${ENGINE}\\s*)?\\[edit([^\\]]*)\\]\\s*$`);
const MEMBER = new RegExp(`^\\s*${ENGINE}\\s*$`);
const PAGER = /^\s*-+\s*\(more[^)]*\)-*\s*/;

/**
 * Blanks out prompts, `[edit ...]` lines, pager marks and commands that print; what they tell of the place in the
 * hierarchy is kept.
 * @throws JunosError for XML and JSON, which are other forms of the same configuration.
 */
export function prepare(pasted: string, notices: JunosNotice[]): PreparedText {
  const text = pasted.startsWith('\ufeff') ? ` ${pasted.slice(1)}` : pasted;
  refuseOtherForms(text);
  const contexts: Context[] = [];
  const typed = new Set<number>();
  let edited: readonly string[] = [];
  const lines = text.split('\n').map((whole, i) => {
    const line = i + 1;
    const banner = BANNER.exec(whole);
    if (banner) {
      edited = words(banner[1] ?? '');
      contexts.push({ line, path: edited });
      return blank(whole);
    }
    if (MEMBER.test(whole)) return blank(whole);
    const prompt = PROMPT.exec(whole);
    const marked = PAGER.exec(whole)?.[0] ?? prompt?.[0] ?? BARE_PROMPT.exec(whole)?.[0];
    if (marked === undefined) return whole;
    const rest = whole.slice(marked.length);
    if (PAGER.test(whole)) return blank(marked) + rest;
    typed.add(line);
    if (prompt?.[1] !== undefined) {
      edited = words(prompt[1]);
      contexts.push({ line: line - 1, path: edited });
    }
    const [command = '', ...path] = words(rest);
    if (VERBS.has(command)) return blank(marked) + rest;
    if (command === 'show')
      contexts.push({ line, path: shownPath(path, marked.trimEnd().endsWith('#') ? edited : []) });
    else if (command !== '')
      notices.push({ line, column: marked.length + 1, text: `not read: the command ${command}` });
    return blank(whole);
  });
  return { text: lines.join('\n'), contexts, typed };
}

/** What `show configuration services ipsec-vpn` or, in configuration mode, `show ipsec-vpn` prints stands below that. */
function shownPath(path: readonly string[], edited: readonly string[]): readonly string[] {
  const bar = path.indexOf('|');
  const [first, ...rest] = bar < 0 ? path : path.slice(0, bar);
  if (bar >= 0 && path[bar + 1] === 'display' && path[bar + 2] === 'set') return [];
  if (first === undefined) return edited;
  return first === 'configuration' ? rest : [...edited, first, ...rest];
}

function refuseOtherForms(text: string): void {
  const start = text.trimStart().slice(0, 200);
  const what = /^<(?:\?xml|rpc-reply|configuration)/.test(start)
    ? 'XML (| display xml)'
    : /^\{\s*"/.test(start)
      ? 'JSON (| display json)'
      : undefined;
  if (what === undefined) return;
  const expected = 'the text that show configuration prints, or | display set';
  throw new JunosError({ line: 1, column: 1 }, expected, `this is ${what}: expected ${expected}`);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function blank(text: string): string {
  return text.replace(/[^\r]/g, ' ');
}
