import { parentPort, workerData } from 'node:worker_threads';
import { innerPacket } from '../packets/suites.ts';
import { Sealer } from './sealer.ts';
import { BATCH, SharedBatch, TURN } from './shared-batch.ts';

/** What the main thread tells a worker. */
export interface Assignment {
  readonly suite: string;
  readonly octets: number;
  /** Batches to seal in turn with the main thread; without them, packets of the worker's own for `milliseconds`. */
  readonly buffers: readonly SharedArrayBuffer[];
  readonly milliseconds: number;
}

const { suite, octets, buffers, milliseconds }: Assignment = workerData;
const sealer = new Sealer(suite);

if (buffers.length > 0) serve(buffers.map((buffer) => new SharedBatch(buffer)));
else parentPort?.postMessage(runAlone());

function serve(batches: readonly SharedBatch[]): void {
  for (let i = 0; ; i = (i + 1) % batches.length) {
    const batch = batches[i];
    if (batch === undefined || batch.await(TURN.main) === TURN.nobody) return;
    sealer.seal(batch.packets, octets, (sealed, index) => batch.packets[index]?.set(sealed));
    batch.give(TURN.main);
  }
}

/** Packets a second, with nobody to wait for. */
function runAlone(): number {
  const packets = Array.from({ length: BATCH }, () => innerPacket(octets));
  const run = (until: number): number => {
    let sealed = 0;
    while (performance.now() < until) sealer.seal(packets, octets, () => (sealed += 1));
    return sealed;
  };
  run(performance.now() + milliseconds / 2);
  return (run(performance.now() + milliseconds) / milliseconds) * 1000;
}
