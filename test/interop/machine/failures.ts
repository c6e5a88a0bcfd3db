/** What was waited for did not come in time: the peers' fault, or that of a slow machine. */
export class Late extends Error {
  override readonly name = 'Late';
}

/** Something came, and it is wrong. */
export class Wrong extends Error {
  override readonly name = 'Wrong';
}

/** What cannot be tried on this machine. */
export class Skip extends Error {
  override readonly name = 'Skip';
}

/** @throws Wrong saying `otherwise` unless `condition` holds. */
export function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Wrong(otherwise);
}

/** Asks again and again until the answer is not undefined. */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined> | T | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const limit = performance.now() + seconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > limit) throw new Late(`${what}: not within ${seconds} s`);
    await pause(0.1, signal);
  }
}

export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
