import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { filesAlone } from './test/runner/alone.ts';
import { LongestFirst } from './test/runner/longest-first.ts';
import { isThorough } from './test/support/thorough.ts';

const conditions = ['@espalier/source'];
/** `npm run thorough`: laws so many times as often. */
const alias = isThorough ? { 'fast-check': path('./test/runner/thorough.ts') } : {};
const resolution = {
  resolve: { conditions, alias },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};
const common = { setupFiles: [path('./test/runner/setup.ts')], testTimeout: isThorough ? 600_000 : 30_000 };

/** The tests of the engines once more, on kernels as other processors and other releases compile them. */
function enginesUnder(name: string, flags: readonly string[]) {
  return {
    ...resolution,
    test: {
      ...common,
      name,
      include: ['engines', 'parts', 'wasm'].map((name) => `packages/crypto/test/engines/${name}.test.ts`),
      pool: 'forks' as const,
      execArgv: [...flags],
      env: { KERNELS_ALONE: '' },
    },
  };
}

/** Node 20 has relaxed SIMD behind a flag only: with it the kernels of newer releases are tested there too. */
const relaxedKernels = enginesUnder('relaxed SIMD', ['--experimental-wasm-relaxed-simd']);
/** What runs until V8 has optimised a kernel, on a processor without AVX. */
const baselineKernels = enginesUnder('no AVX', ['--no-enable-avx', '--liftoff-only']);

const alone = filesAlone();

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

export default defineConfig({
  ...resolution,
  test: {
    // One less than there are processors is the default: half of two.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...resolution,
        test: {
          ...common,
          name: 'espalier',
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'soak/test/**/*.test.ts',
            'test/**/*.test.ts',
            'examples/test/**/*.test.ts',
          ],
          exclude: [...configDefaults.exclude, ...alone],
          pool: 'threads' as const,
          isolate: false,
        },
      },
      {
        ...resolution,
        test: { ...common, name: 'alone', include: [...alone], pool: 'forks' as const },
      },
      ...(process.versions.node.startsWith('20.') ? [relaxedKernels] : []),
      ...(process.arch === 'x64' ? [baselineKernels] : []),
    ],
  },
});
