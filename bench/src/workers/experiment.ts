import { Worker } from 'node:worker_threads';
import { innerPacket, SUITES } from '../packets/suites.ts';
import { formatColumns } from '../report/text-table.ts';
import { Sealer } from './sealer.ts';
import { BATCH, SharedBatch, TURN } from './shared-batch.ts';
import type { Assignment } from './worker.ts';

const OCTETS = 1408;
const MILLISECONDS = 800;
const ROUNDS = 5;
/** While a worker has one batch, the main thread fills and empties the other. */
const BATCHES_A_WORKER = 2;

interface Round {
  /** Packets a second. */
  readonly alone: number;
  readonly handed: number;
  readonly ratio: number;
  /** Two workers against one, without a hand-over. */
  readonly ceiling: number;
}

/**
 * What a second core is worth: one thread that does everything, against one that hands batches to two workers in shared
 * memory; and two workers without any hand-over, which no arrangement can beat.
 */
export async function reportWorkers(): Promise<string> {
  const heading = ['suite', 'one thread, packets/s', 'two workers', 'ratio', 'two alone / one alone'];
  const rows: string[][] = [];
  for (const { name } of SUITES) {
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const alone = runInMain(name);
      const handed = await runHanded(name, 2);
      const one = await runAlone(name, 1);
      const two = await runAlone(name, 2);
      rounds.push({ alone, handed, ratio: handed / alone, ceiling: two / one });
    }
    const middle = (of: (round: Round) => number): number => median(rounds.map(of));
    const counts = [middle((r) => r.alone), middle((r) => r.handed)].map((n) => Math.round(n).toString());
    rows.push([name, ...counts, middle((r) => r.ratio).toFixed(2), middle((r) => r.ceiling).toFixed(2)]);
  }
  return formatColumns({ heading, rows });
}

/** Packets a second of one thread that fills, seals and empties its batches itself. */
function runInMain(suite: string): number {
  const sealer = new Sealer(suite);
  const packets = Array.from({ length: BATCH }, () => innerPacket(OCTETS));
  const sink = new Uint8Array(2048);
  return paced(() => sealer.seal(packets, OCTETS, (sealed) => sink.set(sealed)));
}

/** The same work with the sealing in `count` workers. */
async function runHanded(suite: string, count: number): Promise<number> {
  const packet = innerPacket(OCTETS);
  const sink = new Uint8Array(2048);
  const batches = Array.from({ length: count }, () =>
    Array.from({ length: BATCHES_A_WORKER }, () => new SharedBatch()),
  );
  const workers = batches.map((own) => start({ suite, octets: OCTETS, buffers: own.map(({ buffer }) => buffer) }));
  const inTurn = Array.from(
    { length: count * BATCHES_A_WORKER },
    (_, i) => batches[i % count]?.[Math.floor(i / count)],
  );
  let next = 0;
  const rate = paced(() => {
    const batch = inTurn[next];
    next = (next + 1) % inTurn.length;
    batch?.await(TURN.worker);
    for (const slot of batch?.packets ?? []) {
      sink.set(slot);
      slot.set(packet);
    }
    batch?.give(TURN.worker);
  });
  for (const batch of inTurn) {
    batch?.await(TURN.worker);
    batch?.give(TURN.nobody);
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}

/** Packets a second of `count` workers that have nothing to do with each other. */
async function runAlone(suite: string, count: number): Promise<number> {
  const rates = Array.from({ length: count }, () => {
    const worker = start({ suite, octets: OCTETS, buffers: [] });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
}

function start(assignment: Omit<Assignment, 'milliseconds'>): Worker {
  const workerData: Assignment = { ...assignment, milliseconds: MILLISECONDS };
  return new Worker(new URL('./worker.js', import.meta.url), { workerData });
}

/** Packets a second of a step that moves one batch, after a warm-up of half as long. */
function paced(step: () => void): number {
  for (const end = performance.now() + MILLISECONDS / 2; performance.now() < end; ) step();
  const start = performance.now();
  let steps = 0;
  while (performance.now() - start < MILLISECONDS) {
    step();
    steps += 1;
  }
  return (steps * BATCH * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
