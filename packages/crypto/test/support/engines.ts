import { type Engine, type EspKeys, type EspSuite, type EspTransform, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { seededRng } from '../../../../test/support/rng.ts';

/** Whether it is the kernels that are tested once more, as another processor or release compiles them (vitest.config.ts). */
const { KERNELS_ALONE } = process.env;
export const isKernelsAlone: boolean = KERNELS_ALONE !== undefined;

/** The engines that are held against node:crypto: one of each for a whole test file, as a program would have it. */
export const ENGINES: readonly Engine[] = isKernelsAlone ? [wasmEngine()] : [nobleEngine(), wasmEngine(), nodeEngine()];

export interface Pair {
  readonly seal: EspTransform;
  readonly open: EspTransform;
}

/** Both directions of one SA. */
export function pairOf(engine: Engine, suite: EspSuite, keys: EspKeys, esn = false): Pair {
  const rng = seededRng(7);
  return {
    seal: engine.createEspTransform({ suite, keys, direction: 'seal', esn, rng }),
    open: engine.createEspTransform({ suite, keys, direction: 'open', esn }),
  };
}

export function wipe({ seal, open }: Pair): void {
  seal.wipe();
  open.wipe();
}
