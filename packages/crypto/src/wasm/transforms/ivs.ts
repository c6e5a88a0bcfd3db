import type { EspTransformOptions } from '../../engine.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';

/** Who writes the IVs of packets at the front of the job table. */
export function ivPlacer(
  memory: KernelMemory,
  { suite, esn, rng, direction }: EspTransformOptions,
): (count: number) => void {
  const { kernels, random } = memory;
  if (direction === 'open') return NO_IVS;
  switch (suite.iv) {
    case 'none':
      return NO_IVS;
    case 'sequence':
      return (count) => kernels.placeSequenceIvs(esn ? 1 : 0, count);
    case 'unpredictable': {
      if (rng === undefined) throw new TypeError(`rng is required to seal with ${suite.name}`);
      const { ivOctets } = suite;
      return (count) => kernels.placeIvs(random.take(rng, count * ivOctets), ivOctets, count);
    }
  }
}

const NO_IVS = (): void => {};
