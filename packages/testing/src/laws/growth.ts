import type { Clock, Growth } from './options.ts';

/** How often something is repeated in the inputs that are compared. */
export const GROWTH_COUNTS = [10, 100, 1000] as const;

/**
 * Of what grows with the square, ten times the input costs ten times as much an octet; of what grows with the input, as much.
 * Between them, with room for caches and collections of garbage.
 */
const MOST_RATIO = 4;
/** The best of so many measurements stands: what else the machine does only makes them worse. */
const ATTEMPTS = 8;
/** As long as time seems to grow too fast it is measured again, until so many milliseconds have been spent on it. */
const DOUBTED_MILLISECONDS = 1500;
/** Clocks are coarse: so long is measured at least, in milliseconds. */
const LEAST_MILLISECONDS = 1;
const MOST_CALLS = 1000;
/** Less is noise of the engine: octets. */
const FREE_OCTETS = 0x10_0000;

/** What grows faster than its input, in words; undefined where nothing does. */
export function superlinear(growth: Growth, decode: (octets: Uint8Array) => void): string | undefined {
  const inputs = GROWTH_COUNTS.map(growth.octets);
  return growsInTime(growth.clock, inputs, decode) ?? growsInMemory(growth.memory, inputs, decode);
}

function growsInTime(
  clock: Clock,
  inputs: readonly Uint8Array[],
  decode: (octets: Uint8Array) => void,
): string | undefined {
  const best = inputs.map(() => Number.POSITIVE_INFINITY);
  const start = clock.now();
  for (let attempt = 0; attempt < ATTEMPTS || clock.now() - start < DOUBTED_MILLISECONDS; attempt++) {
    for (const [i, input] of inputs.entries()) {
      best[i] = Math.min(best[i] ?? 0, callMilliseconds(clock, input, decode));
    }
    if (worst(inputs, best) === undefined) return undefined;
  }
  const step = worst(inputs, best);
  if (step === undefined) return undefined;
  const words = (i: number) => `${(best[i] ?? 0).toFixed(3)} ms for ${inputs[i]?.length} octets`;
  return `time grows faster than the input: ${words(step - 1)}, ${words(step)}`;
}

/** The first size at which an octet costs more than it may, beside the size before; a cost below `free` is none. */
function worst(inputs: readonly Uint8Array[], costs: readonly number[], free = 0): number | undefined {
  const perOctet = inputs.map((input, i) => (costs[i] ?? 0) / Math.max(1, input.length));
  const at = perOctet.findIndex((cost, i) => {
    return i > 0 && (costs[i] ?? 0) > free && cost > MOST_RATIO * (perOctet[i - 1] ?? 0);
  });
  return at < 0 ? undefined : at;
}

function callMilliseconds(clock: Clock, input: Uint8Array, decode: (octets: Uint8Array) => void): number {
  const start = clock.now();
  let calls = 0;
  let spent = 0;
  do {
    decode(input);
    calls += 1;
    spent = clock.now() - start;
  } while (spent < LEAST_MILLISECONDS && calls < MOST_CALLS);
  return spent / calls;
}

function growsInMemory(
  memory: Growth['memory'],
  inputs: readonly Uint8Array[],
  decode: (octets: Uint8Array) => void,
): string | undefined {
  if (memory === undefined) return undefined;
  const grown = inputs.map((input) => leastGrowth(memory, () => decode(input)));
  const step = worst(inputs, grown, FREE_OCTETS);
  if (step === undefined) return undefined;
  const words = (i: number) => `${grown[i]} octets of heap for ${inputs[i]?.length}`;
  return `memory grows faster than the input: ${words(step - 1)}, ${words(step)}`;
}

/** A collection of garbage in between makes a measurement negative, and another one is tried. */
function leastGrowth(memory: () => number, call: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = memory();
    call();
    const grown = memory() - before;
    if (grown >= 0) least = Math.min(least, grown);
  }
  return Number.isFinite(least) ? least : 0;
}
