import { parseOptions, USAGE } from './options.ts';
import { planWorld } from './plan/plan-world.ts';
import { commandFor, cutWorld, shrink } from './shrink.ts';
import { LAWS } from './world/violation.ts';
import { runWorld } from './world/world.ts';

const options = parseOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(USAGE);
} else {
  const begun = performance.now();
  const ends = begun + options.minutes * 60_000;
  let worlds = 0;
  let violations = 0;
  for (let seed = options.seed; worlds < options.worlds && performance.now() < ends; seed++, worlds++) {
    const plan = cutWorld(planWorld(seed), options);
    const started = performance.now();
    const outcome = runWorld(plan);
    if (options.verbose) {
      const took = (performance.now() - started).toFixed(0);
      console.log(
        `${seed}: ${took} ms, ${plan.sites.length} sites, ${plan.tunnels.length} tunnels, ${plan.storms.length} storms, ${plan.disasters.length} disasters, ${(outcome.lasted / 60000).toFixed(0)} min, sent ${outcome.sent}, delivered ${outcome.delivered}, handled ${outcome.handled}, IKE SAs ${outcome.handshakes}, pairs ${outcome.pairs}, converged ${(outcome.convergedAfter / 1000).toFixed(1)} s, holes ${outcome.blackHoled}, ${outcome.digest}`,
      );
    }
    const [first] = outcome.violations;
    if (first === undefined) continue;
    violations += 1;
    console.log(`\nworld ${seed}: ${first.law}: ${LAWS[first.law]}`);
    for (const { at, detail } of outcome.violations.slice(0, 5)) console.log(`  ${(at / 1000).toFixed(3)} s: ${detail}`);
    const isWhole = options.without.length === 0 && options.until === undefined;
    const smallest = isWhole ? shrink(plan, outcome, options.shrink * 1000) : { cut: options, outcome };
    console.log(`again: ${commandFor(seed, smallest.cut)}`);
    if (options.verbose) console.log(smallest.outcome.log.join('\n'));
  }
  console.log(`${worlds} worlds, ${violations} violations, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  if (violations > 0) process.exitCode = 1;
}
