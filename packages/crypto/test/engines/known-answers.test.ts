import {
  type Engine,
  type EspTransform,
  espSuite,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_WORDS,
  nobleEngine,
} from '@espalier/crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KNOWN_ANSWERS, keysOf, packetsOf, proveEngine, sumOf } from '../../src/known-answers.ts';
import { ENGINES } from '../support/engines.ts';
import { referenceSeal } from '../support/reference.ts';

const NAMES = Object.keys(KNOWN_ANSWERS);

/** An engine that turns one bit of what it seals with one suite, or of what it opens. */
function faulty(name: string, where: 'seal' | 'open'): Engine {
  const own = nobleEngine();
  return {
    ...own,
    createEspTransform: (options) => {
      const transform = own.createEspTransform(options);
      if (transform.suite.name !== name) return transform;
      const turn = (memory: Uint8Array, at: number) => {
        memory[at] = (memory[at] ?? 0) ^ 4;
      };
      const last = (words: Int32Array) =>
        (words.at(-JOB_WORDS + JOB_OFFSET) ?? 0) + (words.at(-JOB_WORDS + JOB_LENGTH) ?? 0);
      const seal: EspTransform['seal'] = (memory, jobs, iv) => {
        transform.seal(memory, jobs, iv);
        if (where === 'seal') turn(memory, last(jobs.words) - 1);
      };
      const open: EspTransform['open'] = (memory, jobs) => {
        transform.open(memory, jobs);
        if (where === 'open') turn(memory, last(jobs.words) - transform.suite.icvOctets - 1);
      };
      const { suite, constantTime } = transform;
      return { suite, constantTime, seal, open, wipe: () => transform.wipe() };
    },
  };
}

describe.each(NAMES)('the known answer of %s', (name) => {
  const suite = espSuite(name);

  test('is that of node:crypto', () => {
    const { memory, jobs } = packetsOf(suite);
    for (const from of [0, jobs.count - 2]) {
      for (let job = from; job < jobs.count; job++) {
        const at = jobs.words[job * JOB_WORDS + JOB_OFFSET] ?? 0;
        const packet = memory.slice(at, at + (jobs.words[job * JOB_WORDS + JOB_LENGTH] ?? 0));
        memory.set(referenceSeal(suite, keysOf(suite), packet), at);
      }
    }
    expect(sumOf(memory)).toBe(KNOWN_ANSWERS[name]);
  });

  test.each(['seal', 'open'] as const)('is not given by an engine that errs by one bit when it is to %s', (where) => {
    expect(() => proveEngine(faulty(name, where))).toThrow(`computes ${name} wrongly on this platform`);
  });
});

test.each(ENGINES.map((engine) => [engine.name, engine] as const))('%s gives known answers', (_, engine) => {
  proveEngine(engine);
});

describe('where WebAssembly does not do what it should, the engine chosen is noble, and says why', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.doUnmock('../../src/known-answers.ts');
    vi.resetModules();
  });

  /** Both doors, read anew: what was compiled or proved before is forgotten. */
  async function autoEngines() {
    vi.resetModules();
    const [portable, node] = [await import('@espalier/crypto/wasm'), await import('@espalier/crypto/node')];
    return [portable.autoEngine, node.autoEngine];
  }

  test.each([
    ['CompileError', () => Object.assign(new Error('disallowed by embedder'), { name: 'CompileError' })],
    ['EvalError', () => new EvalError('unsafe-eval is not allowed')],
  ])('a policy that forbids to compile, by %s', async (_, error) => {
    const { Memory, Instance, validate } = WebAssembly;
    class Module {
      constructor() {
        throw error();
      }
    }
    vi.stubGlobal('WebAssembly', { Memory, Instance, Module, validate });
    for (const autoEngine of await autoEngines()) {
      const { engine, reason } = autoEngine();
      expect(engine.name).toBe('noble');
      expect(reason).toContain(error().message);
    }
  });

  test('a platform that computes wrongly', async () => {
    vi.doMock('../../src/known-answers.ts', () => ({
      provenEngine: (kind: string) => {
        throw new TypeError(`${kind} computes wrongly`);
      },
    }));
    const [portable, node] = await autoEngines();
    expect(portable?.()).toMatchObject({ engine: { name: 'noble' }, reason: expect.stringContaining('wasm') });
    expect(node?.()).toMatchObject({ engine: { name: 'noble' }, reason: expect.stringContaining('node') });
  });

  test('but a mistake of the caller is told, not covered up', async () => {
    for (const autoEngine of await autoEngines()) expect(() => autoEngine({ arenaOctets: -1 })).toThrow(RangeError);
  });
});
