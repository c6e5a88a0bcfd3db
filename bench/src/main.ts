import { nodeEngine } from '@espalier/crypto/node';
import { reportCounts } from './counts/report.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { EVERYTHING, HEADLINES } from './packets/line-up.ts';
import { measureMatrix } from './packets/matrix.ts';
import type { Effort } from './packets/rounds.ts';
import { EVERY_SUITE, SUITES } from './packets/suites.ts';
import { allParts } from './parts/parts.ts';
import { measureParts } from './parts/run.ts';
import { drawChart } from './report/chart.ts';
import { writeDocuments, writeScalePage } from './report/documents.ts';
import { toJson, write } from './report/files.ts';
import { describeMachine, thisMachine } from './report/machine.ts';
import { otherTable, otherVerdicts } from './report/other-verdicts.ts';
import { packetTable } from './report/packet-table.ts';
import { partsTable } from './report/parts-table.ts';
import { formatColumns } from './report/text-table.ts';
import { manyTable, manyVerdicts, TARGET_SIZES, verdicts, verdictTable } from './report/verdicts.ts';
import { withCheapKeys } from './scale/cheap-keys.ts';
import { BRIEF_SCALE, FULL_SCALE, measureScale, QUICK_SCALE, type ScaleEffort, scaleTable } from './scale/report.ts';
import type { ScaleRow } from './scale/rows.ts';
import { measureTunnels } from './scale/tunnels.ts';
import { reportWorkers } from './workers/experiment.ts';

const QUICK: Effort = { rounds: 7, warmUpRounds: 2, turn: 2, turnWithGarbage: 25 };
const FULL: Effort = { rounds: 15, warmUpRounds: 3, turn: 4, turnWithGarbage: 60 };
/** Has no number in IKEv1: a gateway of tunnels that IKE negotiates has none. */
const NOT_OF_IKEV1 = 'chacha20-poly1305';
const TUNNEL_TURNS = { quick: 40, full: 160 };
const PART_MILLISECONDS = { quick: 300, full: 1500 };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    console.error(`bench: ${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) console.log(USAGE);
  else if (options.counts) console.log(reportCounts());
  else if (options.scale) await runScaleAlone(options);
  else if (options.tunnels) runTunnels(options);
  else if (options.workers) console.log(await reportWorkers());
  else await runBenchmark(options);
  return 0;
}

function runTunnels({ quick, suites, json }: Options): void {
  console.log(`${describeMachine(thisMachine())}\n`);
  const engine = withCheapKeys(nodeEngine());
  const negotiable = suites.filter((suite) => SUITES.includes(suite) && suite.name !== NOT_OF_IKEV1);
  const measurements = negotiable.flatMap((suite) =>
    measureTunnels(engine, suite, TARGET_SIZES, quick ? TUNNEL_TURNS.quick : TUNNEL_TURNS.full),
  );
  console.log(formatColumns(manyTable(manyVerdicts(measurements))));
  if (json !== undefined) write(json, toJson(measurements, []));
}

async function runScaleAlone({ quick, json, writeDocs }: Options): Promise<void> {
  const machine = thisMachine();
  console.log(`${describeMachine(machine)}\n`);
  const scale = await runScale(quick ? QUICK_SCALE : FULL_SCALE);
  if (json !== undefined) write(json, toJson([], scale));
  if (writeDocs) writeScalePage(scale, machine);
}

async function runScale(effort: ScaleEffort): Promise<readonly ScaleRow[]> {
  const rows = await measureScale(effort);
  console.log(formatColumns(scaleTable(rows)));
  return rows;
}

async function runBenchmark({ quick, suites, json, svg, writeDocs }: Options): Promise<void> {
  const machine = thisMachine();
  console.log(`${describeMachine(machine)}\nnanoseconds per packet: medians of interleaved rounds\n`);
  const effort = quick ? QUICK : FULL;
  const measurements = await measureMatrix(suites, quick ? HEADLINES : EVERYTHING, effort, (suite, ofSuite) =>
    console.log(formatColumns(packetTable(suite, ofSuite))),
  );
  console.log(`engine node against the others of this run\n${formatColumns(verdictTable(verdicts(measurements)))}`);
  console.log(`packets of 64 SAs against as many of one\n${formatColumns(manyTable(manyVerdicts(measurements)))}`);
  console.log(`new suites\n${formatColumns(otherTable(otherVerdicts(measurements)))}`);
  if (json !== undefined) write(json, toJson(measurements, []));
  write(svg, drawChart(measurements, machine));

  if (suites.length < EVERY_SUITE.length) return;
  const parts = await measureParts(allParts(), quick ? PART_MILLISECONDS.quick : PART_MILLISECONDS.full);
  console.log(formatColumns(partsTable(parts)));
  if (writeDocs) writeDocuments(measurements, parts, machine, effort.rounds);
  const scale = await runScale(quick ? BRIEF_SCALE : FULL_SCALE);
  if (json !== undefined) write(json, toJson(measurements, scale));
  if (writeDocs) writeScalePage(scale, machine);
}
