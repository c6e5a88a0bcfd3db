import type { KernelSource } from './kernels.ts';
import { KERNELS_RELAXED } from './kernels-relaxed.generated.ts';

export const RELAXED: KernelSource = { level: 'relaxed', module: KERNELS_RELAXED };
