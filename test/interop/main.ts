import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import { Conformance } from './conformance.ts';
import { removeOrphans } from './machine/network.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { formatReport, versions } from './report.ts';
import { type Need, provide } from './requirements.ts';
import { type Outcome, runCase } from './runner.ts';
import { Throughput } from './throughput.ts';
import { renewTranscripts } from './transcripts/renew.ts';

const INTERRUPTED = 130;

/** The whole of `npm run interop`. Returns the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  const throughput = new Throughput();
  const conformance = new Conformance();
  let options: Options;
  let chosen: readonly Case[];
  try {
    options = readOptions(words);
    chosen = choose(options, throughput, conformance);
  } catch (error) {
    console.error(`${messageOf(error)}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  if (options.list) {
    for (const { name, seconds, runs } of chosen) console.log(`${name}  (${runs}, at most ${seconds} s)`);
    return 0;
  }
  if (options.renew !== undefined) return renew(options.renew);
  const needs = new Set(chosen.flatMap((test) => test.needs));
  try {
    await provide(needs);
  } catch (error) {
    console.error(messageOf(error));
    return 2;
  }
  await removeOrphans();
  const interruption = interruptionByUser();
  const runFolder = mkdtempSync(join(tmpdir(), 'espalier-interop-'));
  try {
    const outcomes = await runAll(chosen, options, runFolder, interruption);
    await tell(outcomes, options, needs, runFolder);
    if (options.throughput) console.log(`\n${throughput.format()}`);
    if (conformance.hasRun) conformance.write(await versions(needs, runFolder));
    if (interruption.aborted) return INTERRUPTED;
    return outcomes.every(({ failure }) => failure === undefined) ? 0 : 1;
  } finally {
    tidy(runFolder, chosen);
  }
}

/** Says which sessions have to be recorded anew. */
function renew(folder: string): number {
  const left = renewTranscripts(folder);
  for (const name of left) console.log(`left as it was, for it goes otherwise today: ${name}`);
  return left.length === 0 ? 0 : 1;
}

function choose(
  { smoke, list, throughput, conformance, names }: Options,
  measurements: Throughput,
  trials: Conformance,
): readonly Case[] {
  const all = [...CASES, ...measurements.cases, ...trials.cases];
  for (const name of names) {
    if (!all.some((test) => test.name.includes(name))) throw new TypeError(`no case has ${name} in its name`);
  }
  if (names.length > 0) return choiceByName(all, names);
  if (list) return all;
  if (throughput) return measurements.cases;
  if (conformance) return trials.cases;
  return CASES.filter(({ runs }) => runs === 'smoke' || (runs === 'full' && !smoke));
}

/** A whole name means that case alone; a part of one means all that run by themselves, or else all that are only named. */
function choiceByName(all: readonly Case[], names: readonly string[]): readonly Case[] {
  const chosen = names.flatMap((name) => {
    const exact = all.filter((test) => test.name === name);
    const containing = all.filter((test) => test.name.includes(name));
    const usual = containing.filter(({ runs }) => runs !== 'named');
    return [exact, usual, containing].find((some) => some.length > 0) ?? [];
  });
  return [...new Set(chosen)];
}

async function runAll(
  chosen: readonly Case[],
  { keep, smoke, record }: Options,
  runFolder: string,
  interruption: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const test of chosen) {
    if (interruption.aborted) break;
    const run = (): Promise<Outcome> => runCase(test, { runFolder, keep, record, interruption });
    let outcome = await run();
    if (smoke && outcome.failure?.late && !interruption.aborted) {
      console.log(`late  ${test.name}: ${outcome.failure.message}; once more`);
      outcome = await run();
    }
    outcomes.push(outcome);
    const { failure, seconds, skipped } = outcome;
    const why = failure?.message ?? skipped;
    console.log(`${word(outcome)}  ${test.name} (${seconds.toFixed(1)} s)${why === undefined ? '' : `: ${why}`}`);
  }
  return outcomes;
}

function word({ failure, skipped }: Outcome): string {
  if (failure !== undefined) return 'FAIL';
  return skipped === undefined ? 'ok  ' : 'skip';
}

async function tell(
  outcomes: readonly Outcome[],
  { json, keep }: Options,
  needs: ReadonlySet<Need>,
  runFolder: string,
): Promise<void> {
  const found = await versions(needs, runFolder);
  const programs = Object.entries(found).map(([name, version]) => `${name} ${version}`);
  console.log(`\n${formatReport(outcomes)}\n\n${programs.join(', ')}`);
  if (keep) console.log(`traces and logs: ${runFolder}`);
  if (json === undefined) return;
  const results = outcomes.map(({ case: { name, peer, role, suite }, ...result }) => ({
    name,
    peer,
    role,
    suite,
    ...result,
  }));
  writeFileSync(json, `${JSON.stringify({ versions: found, results }, null, 2)}\n`);
}

/** Ctrl-C ends the case at hand in good order; what it started is taken down as after any failure. */
function interruptionByUser(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }
  return controller.signal;
}

/** Nothing stays but the folders of cases. */
function tidy(runFolder: string, cases: readonly Case[]): void {
  const names = new Set(cases.map(({ name }) => name));
  const rest = readdirSync(runFolder).filter((name) => !names.has(name));
  for (const name of rest) rmSync(join(runFolder, name), { recursive: true, force: true });
  if (readdirSync(runFolder).length === 0) rmSync(runFolder, { recursive: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
