import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collector = (options?: { readonly type: 'minor' | 'major' }) => void;

/** Collects now what is young, or everything: what one has left behind must not be paid for by the next. */
export function collectGarbage(type: 'minor' | 'major'): void {
  collector ??= exposedCollector();
  collector({ type });
}

let collector: Collector | undefined;

/** As `node --expose-gc`, for a process that was started without it. */
function exposedCollector(): Collector {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (!isCollector(gc)) throw new Error('this platform does not let one collect garbage');
  return gc;
}

function isCollector(gc: unknown): gc is Collector {
  return typeof gc === 'function';
}
