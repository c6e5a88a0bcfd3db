import { writeFileSync } from 'node:fs';
import type { Misbehaviour } from '@espalier/testing/peer';
import { markdownOf, sumOf } from '../table.ts';
import { type Result, runTrials } from '../trials.ts';
import { type Options, readOptions, type TrialsOptions, USAGE } from './options.ts';

/** Exit statuses; the last is a shell's for what was interrupted. */
const [ALL, NOT_ALL, UNREACHABLE, GONE, INTERRUPTED] = [0, 1, 2, 3, 130];

/** Where the command speaks, and what calls it off. */
export interface Console {
  say(line: string): void;
  complain(line: string): void;
  readonly signal: AbortSignal;
}

/** Does what the words ask for. Gives the exit status. */
export async function run(words: readonly string[], console: Console): Promise<number> {
  let options: Options;
  try {
    options = readOptions(words);
  } catch (error) {
    console.complain(`${messageOf(error)}\n\n${USAGE}`);
    return UNREACHABLE;
  }
  if (options.asks === 'help') console.say(USAGE);
  else if (options.asks === 'list') for (const one of options.misbehaviours) console.say(listed(one));
  else return await tried(options, console);
  return ALL;
}

async function tried(options: TrialsOptions, console: Console): Promise<number> {
  const { target, misbehaviours, wait, patience, name } = options;
  const { signal } = console;
  const results: Result[] = [];
  if (misbehaviours.length === 0) {
    console.say('nothing is left to be tried');
    return ALL;
  }
  try {
    const trials = runTrials(target, { misbehaviours, wait, patience, signal });
    writeTables(options, results);
    console.say(`${name}: an honest session first, then ${counted(misbehaviours.length, 'trial')}`);
    for await (const result of trials) {
      results.push(result);
      console.say(told(result));
      writeTables(options, results);
    }
  } catch (error) {
    if (signal.aborted) {
      console.complain(`interrupted after ${results.length} of ${counted(misbehaviours.length, 'trial')}`);
      return INTERRUPTED;
    }
    console.complain(`${name}: ${messageOf(error)}`);
    return UNREACHABLE;
  }
  console.say(sumOf(results));
  if (results.some(({ lives }) => !lives)) return GONE;
  return results.every(({ verdict }) => verdict === 'as expected') ? ALL : NOT_ALL;
}

function writeTables({ name, json, markdown }: TrialsOptions, results: readonly Result[]): void {
  write('--json', json, `${JSON.stringify({ name, results }, null, 1)}\n`);
  write('--markdown', markdown, markdownOf(name, results));
}

function write(option: string, file: string | undefined, text: string): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Error(`${option}: ${messageOf(error)}`);
  }
}

function listed({ name, clause, expects, title }: Misbehaviour): string {
  return `${name} (${clause}, ${expects}): ${title}`;
}

function told({ verdict, name, clause, expects, title, why, lives, fault, seconds }: Result): string {
  const what = `${verdict.padEnd(11)}  ${name} (${clause}, ${expects}`;
  if (why !== undefined) return `${what}): ${why.split('\n')[0]}`;
  const more = [
    ...(verdict === 'otherwise' ? [title] : []),
    ...(fault === undefined ? [] : [fault]),
    ...(lives ? [] : ['serves nobody any more']),
  ];
  return `${what}; ${seconds.toFixed(1)} s)${more.length === 0 ? '' : `: ${more.join('; ')}`}`;
}

/** Of a port that is taken or wants privileges, with what helps. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error.message;
  return `${error.message}; --local ADDRESS:0 takes any port that is free`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
