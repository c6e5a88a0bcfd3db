import { writeFileSync } from 'node:fs';
import { MISBEHAVIOURS, type Misbehaviour, RESPONDER_MISBEHAVIOURS } from '@espalier/testing/peer';
import { Link } from './link.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { refusalOf } from './place.ts';
import { markdownOf } from './table.ts';
import { type Result, runTrials, serves } from './trials.ts';

const [NOT_ALL, UNREACHABLE, GONE] = [1, 2, 3];

process.exit(await main(process.argv.slice(2)));

/** A misbehaving peer against a daemon: what each misbehaviour comes to. Returns the exit status. */
async function main(words: readonly string[]): Promise<number> {
  let options: Options;
  let chosen: readonly Misbehaviour[];
  try {
    options = readOptions(words);
    chosen = choose(options);
  } catch (error) {
    return fail(`${messageOf(error)}\n${USAGE}`);
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  if (options.list) {
    for (const { name, clause, expects, title } of chosen) console.log(`${name}  (${clause}, ${expects}): ${title}`);
    return 0;
  }
  const refusal = refusalOf(options.target, options.ownsThis);
  if (refusal !== undefined) return fail(refusal);
  let link: Link;
  try {
    link = await Link.open(options.local);
  } catch (error) {
    return fail(`cannot listen on ${options.local}: ${messageOf(error)}`);
  }
  try {
    if (!(await serves(link, options)))
      return fail(`${options.name}: no honest session comes to a child; is it there?`);
    return await tell(options, chosen, link);
  } catch (error) {
    return fail(messageOf(error));
  } finally {
    link.close();
  }
}

async function tell(options: Options, chosen: readonly Misbehaviour[], link: Link): Promise<number> {
  const results: Result[] = [];
  for await (const result of runTrials(link, options, chosen)) {
    results.push(result);
    const { verdict, name, expects, clause, lives, fault, seconds } = result;
    console.log(
      `${verdict}  ${name} (${clause}, ${expects}; ${seconds.toFixed(1)} s)${fault === undefined ? '' : `: ${fault}`}${lives ? '' : ': serves nobody any more'}`,
    );
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ name: options.name, results }, null, 1)}\n`);
  }
  if (options.markdown !== undefined) writeFileSync(options.markdown, markdownOf(options.name, results));
  if (results.some(({ lives }) => !lives)) return GONE;
  return results.every(({ verdict }) => verdict === 'as expected') ? 0 : NOT_ALL;
}

function choose({ role, only, after }: Options): readonly Misbehaviour[] {
  const all = role === 'initiator' ? MISBEHAVIOURS : RESPONDER_MISBEHAVIOURS;
  for (const part of only) {
    if (!all.some(({ name }) => name.includes(part))) throw new TypeError(`none has ${part} in its name`);
  }
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  if (after === undefined) return chosen;
  const at = chosen.findIndex(({ name }) => name === after);
  if (at < 0) throw new TypeError(`there is none of the name ${after}`);
  return chosen.slice(at + 1);
}

function fail(why: string): number {
  console.error(why);
  return UNREACHABLE;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
