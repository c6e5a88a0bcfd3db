import { defineConfig } from 'vitest/config';

const conditions = ['@espalier/source'];
const resolution = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/** The tests of the engines once more, on kernels as other processors and other releases compile them. */
function enginesUnder(name: string, flags: readonly string[]) {
  return {
    ...resolution,
    test: {
      name,
      include: ['engines', 'parts', 'wasm'].map((name) => `packages/crypto/test/engines/${name}.test.ts`),
      pool: 'forks' as const,
      execArgv: [...flags],
      testTimeout: 30_000,
    },
  };
}

/** Node 20 has relaxed SIMD behind a flag only: with it the kernels of newer releases are tested there too. */
const relaxedKernels = enginesUnder('relaxed SIMD', ['--experimental-wasm-relaxed-simd']);
/** What runs until V8 has optimised a kernel, on a processor without AVX. */
const baselineKernels = enginesUnder('no AVX', ['--no-enable-avx', '--liftoff-only']);

export default defineConfig({
  ...resolution,
  test: {
    // One less than there are processors is the default: half of two.
    maxWorkers: '100%',
    projects: [
      {
        ...resolution,
        test: {
          name: 'espalier',
          include: [
            'packages/*/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'soak/test/**/*.test.ts',
            'test/**/*.test.ts',
            'examples/test/**/*.test.ts',
          ],
          pool: 'threads' as const,
          testTimeout: 30_000,
        },
      },
      ...(process.versions.node.startsWith('20.') ? [relaxedKernels] : []),
      ...(process.arch === 'x64' ? [baselineKernels] : []),
    ],
  },
});
