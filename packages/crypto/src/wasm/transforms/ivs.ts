import type { EspTransformOptions } from '../../engine.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';

/** Writes the IVs of packets `from` to `to` of the job table. */
export type IvPlacer = (from: number, to: number) => void;

/** Who writes the IVs of a suite. */
export function ivPlacer(memory: KernelMemory, { suite, esn, rng, direction }: EspTransformOptions): IvPlacer {
  const { kernels, random } = memory;
  if (direction === 'open') return NO_IVS;
  switch (suite.iv) {
    case 'none':
    case 'implicit':
      return NO_IVS;
    case 'sequence':
      return (from, to) => kernels.placeSequenceIvs(esn ? 1 : 0, from, to);
    case 'unpredictable': {
      if (rng === undefined) throw new TypeError(`rng is required to seal with ${suite.name}`);
      const { ivOctets } = suite;
      return (from, to) => kernels.placeIvs(random.take(rng, (to - from) * ivOctets), ivOctets, from, to);
    }
  }
}

const NO_IVS = (): void => {};
