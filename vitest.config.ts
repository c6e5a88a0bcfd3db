import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source'];
const resolution = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/** Node 20 has relaxed SIMD behind a flag only. With it the kernels that newer releases use are tested there too. */
const RELAXED_SIMD = '--experimental-wasm-relaxed-simd';
const relaxedKernels = {
  ...resolution,
  test: {
    name: 'relaxed SIMD',
    include: ['packages/crypto/test/engines/engines.test.ts', 'packages/crypto/test/engines/wasm.test.ts'],
    pool: 'forks' as const,
    execArgv: [RELAXED_SIMD],
    testTimeout: 30_000,
  },
};

export default defineConfig({
  ...resolution,
  test: {
    projects: [
      {
        ...resolution,
        test: {
          name: 'espalier',
          include: [
            'packages/*/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'test/**/*.test.ts',
            'examples/test/**/*.test.ts',
          ],
          pool: 'threads' as const,
          testTimeout: 30_000,
        },
      },
      ...(process.versions.node.startsWith('20.') ? [relaxedKernels] : []),
    ],
  },
});
