import { KERNELS } from './kernels.generated.ts';
import type { KernelSource } from './kernels.ts';

export const SIMD: KernelSource = { level: 'simd', module: KERNELS };
