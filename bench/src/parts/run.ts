import { Bench } from 'tinybench';

/** Something small that is measured by itself. */
export interface Part {
  readonly name: string;
  run(): unknown;
  /** How many of what `name` says `run` does. Default 1. */
  readonly repetitions?: number;
}

export interface PartResult {
  readonly name: string;
  /** Median, of one. */
  readonly microseconds: number;
}

/** Measures one part after the other: tinybench runs a task to its end before it begins the next. */
export async function measureParts(parts: readonly Part[], millisecondsEach: number): Promise<readonly PartResult[]> {
  const bench = new Bench({ time: millisecondsEach, warmupTime: millisecondsEach / 4, throws: true });
  for (const { name, run } of parts) bench.add(name, () => void run(), { async: false });
  const tasks = await bench.run();
  return tasks.map(({ name, result }, i) => {
    if (!('latency' in result)) throw new Error(`${name} was not measured`);
    return { name, microseconds: (1000 * result.latency.p50) / (parts[i]?.repetitions ?? 1) };
  });
}
