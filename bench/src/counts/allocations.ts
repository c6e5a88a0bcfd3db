import { collectGarbage } from '../garbage.ts';
import { median } from '../statistics.ts';

/** Octets that one packet takes, on V8's heap and in buffers outside of it. */
export interface Allocations {
  readonly heap: number;
  readonly buffers: number;
}

const SAMPLES = 15;

/**
 * What `run` allocates for each packet, once it is warm. Medians over many samples, for a collection or a compilation may
 * fall into some of them.
 */
export function allocationsPerPacket(run: (packets: number) => void, packets: number): Allocations {
  for (let i = 0; i < SAMPLES; i++) run(packets);
  const samples = Array.from({ length: SAMPLES }, () => {
    collectGarbage('minor');
    const before = process.memoryUsage();
    run(packets);
    const after = process.memoryUsage();
    return { heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers };
  });
  return {
    heap: median(samples.map(({ heap }) => heap)) / packets,
    buffers: median(samples.map(({ buffers }) => buffers)) / packets,
  };
}

/** By how many octets the heap and all buffers have grown when `run` is over and all garbage collected. */
export function retainedOctets(run: () => void): number {
  collectGarbage('major');
  const before = process.memoryUsage();
  run();
  collectGarbage('major');
  const after = process.memoryUsage();
  return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
}
