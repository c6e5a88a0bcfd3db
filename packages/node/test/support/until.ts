import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_MS = 10_000;

/** Waits for what others bring about. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${LONGEST_MS} ms: ${condition}`);
    await pause(2);
  }
}
