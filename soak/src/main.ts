import { writeFileSync } from 'node:fs';
import { FLOODS, flood } from './floods/flood.ts';
import { floodPage } from './floods/page.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import type { WorldPlan } from './plan/plan.ts';
import { planWorld } from './plan/plan-world.ts';
import { type PowerCutRow, powerCutPage } from './power-cuts/page.ts';
import { powerCuts, SUITES } from './power-cuts/power-cuts.ts';
import { soakPage } from './report/markdown.ts';
import { joined, type Piece, pieceOf, type Run, readPiece, writePiece } from './report/piece.ts';
import { Tally } from './report/tally.ts';
import { type Cut, commandFor, cutWorld, shrink } from './shrink.ts';
import { runSieges } from './sieges/sieges.ts';
import { LAWS } from './world/violation.ts';
import { type Outcome, runWorld } from './world/world.ts';

/** So often a world happens twice. */
const REPEATED = 20;
/** How often what came of it so far is written down, in milliseconds. */
const WRITES_EVERY = 60_000;

main(process.argv.slice(2));

function main(args: readonly string[]): void {
  const options = asAsked(() => parseOptions(args));
  if (options === undefined) return;
  if (options.help) process.stdout.write(USAGE);
  else if (options.powerCuts) cutPower(options);
  else if (options.sieges) process.exitCode = runSieges(options) ? 0 : 1;
  else if (options.floods !== undefined) floodGateways(options.floods);
  else if (options.pieces.length > 0) sum(options.pieces);
  else soak(options);
}

/** What was asked for; undefined, with the usage, where that cannot be. What goes wrong later is a fault, not the caller's. */
function asAsked<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

function soak(options: Options): void {
  const tally = new Tally();
  const begun = performance.now();
  const cpuBefore = process.cpuUsage();
  const ends = begun + options.minutes * 60_000;
  let writesAt = begun + WRITES_EVERY;
  const pieceSoFar = (): Piece => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return pieceOf(options.seed, tally, (performance.now() - begun) / 1000, (user + system) / 1e6);
  };
  for (let seed = options.seed; tally.counts.worlds < options.worlds && performance.now() < ends; seed++) {
    const whole = planWorld(seed);
    const plan = asAsked(() => cutWorld(whole, options));
    if (plan === undefined) return;
    const isRepeated = seed % REPEATED === 0;
    const once = runWorld(plan);
    const outcome = isRepeated ? again(plan, once) : once;
    tally.add(plan, outcome, isRepeated ? 1 : 0);
    if (options.verbose) console.log(lineOf(plan, outcome));
    if (outcome.violations.length > 0) report(tally, options, plan, outcome);
    if (options.out === undefined || performance.now() < writesAt) continue;
    writePiece(options.out, pieceSoFar());
    writesAt = performance.now() + WRITES_EVERY;
  }
  const piece = pieceSoFar();
  if (options.out !== undefined) writePiece(options.out, piece);
  console.log(
    `${tally.counts.worlds} worlds, ${tally.found.length} violations, ${piece.cpu.toFixed(0)} s of processor time`,
  );
  if (options.writeDocs) writeDocs(joined([piece]));
  if (tally.found.length > 0) process.exitCode = 1;
}

function sum(files: readonly string[]): void {
  const all = asAsked(() => joined(files.map(readPiece)));
  if (all === undefined) return;
  console.log(`${all.tally.counts.worlds} worlds, ${all.tally.found.length} violations, in ${files.length} pieces`);
  writeDocs(all);
}

function writeDocs(all: Run): void {
  writeFileSync(new URL('../../docs/measured/soak.md', import.meta.url), soakPage(all));
  console.log('docs/measured/soak.md is written');
}

function cutPower({ writeDocs }: Options): void {
  const rows: PowerCutRow[] = [];
  for (const mode of ['main', 'aggressive'] as const) {
    for (const suite of SUITES) {
      const cuts = powerCuts(mode, 1, suite);
      const broken = cuts.filter(({ violations }) => violations.length > 0);
      console.log(`${mode} mode, ${suite}: ${cuts.length} power cuts, ${broken.length} after which a law did not hold`);
      for (const { at, violations } of broken) console.log(`  ${at}: ${violations[0]?.law}: ${violations[0]?.detail}`);
      if (broken.length > 0) process.exitCode = 1;
      rows.push({ mode, suite, cuts });
    }
  }
  if (writeDocs) writeFileSync(new URL('../../docs/measured/power-cuts.md', import.meta.url), powerCutPage(rows));
}

/** Each kind at one peer, and at a thousand. */
function floodGateways(datagrams: number): void {
  const results = FLOODS.flatMap((kind) => [1, 1000].map((peers) => flood(kind, peers, datagrams)));
  const page = floodPage(results);
  process.stdout.write(page);
  writeFileSync(new URL('../../docs/measured/floods.md', import.meta.url), page);
}

/** The same world once more: what happens must be the same. */
function again(plan: WorldPlan, outcome: Outcome): Outcome {
  if (runWorld(plan).digest === outcome.digest) return outcome;
  const different = { law: 'not-the-same', at: plan.endsAt, detail: `world ${plan.seed} happens otherwise` } as const;
  return { ...outcome, violations: [...outcome.violations, different] };
}

function report(tally: Tally, options: Options, plan: WorldPlan, outcome: Outcome): void {
  const [first] = outcome.violations;
  if (first === undefined) return;
  const { law } = first;
  console.log(`\nworld ${plan.seed}: ${law}: ${LAWS[law]}`);
  const isCut = options.without.length > 0 || options.until !== undefined;
  const mayShrink = !isCut && law !== 'not-the-same';
  const smallest: { readonly cut: Cut; readonly outcome: Outcome } = mayShrink
    ? shrink(plan, outcome, options.shrink * 1000)
    : { cut: options, outcome };
  const { violations, log } = smallest.outcome;
  for (const { at, detail } of violations.slice(0, 5)) console.log(`  ${(at / 1000).toFixed(3)} s: ${detail}`);
  const command = commandFor(plan.seed, smallest.cut);
  console.log(`again: ${command}\n`);
  if (options.verbose) console.log(`${log.join('\n')}\n`);
  tally.found.push({ seed: plan.seed, law, detail: violations[0]?.detail ?? '', command });
}

function lineOf({ seed, sites, tunnels, storms, disasters }: WorldPlan, outcome: Outcome): string {
  const { lasted, sent, delivered, handled, handshakes, pairs, convergedAfter, blackHoled, digest } = outcome;
  return [
    `${seed}: ${sites.length} gateways, ${tunnels.length} tunnels`,
    `${storms.length} storms, ${disasters.length} disasters`,
    `${(lasted / 60_000).toFixed(0)} min`,
    `${sent} sent, ${delivered} delivered, ${handled} handled`,
    `${handshakes} IKE SAs, ${pairs} pairs`,
    `converged after ${(convergedAfter / 1000).toFixed(1)} s`,
    `${blackHoled} for no SA`,
    digest,
  ].join(', ');
}
