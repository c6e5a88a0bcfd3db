import * as arbitraries from '@espalier/testing/arbitraries';
import * as certificates from '@espalier/testing/certificates';
import * as sessions from '@espalier/testing/sessions';
import { describe, expect, it } from 'vitest';
import * as junos from '../../packages/junos/src/index.ts';
import * as pki from '../../packages/pki/src/index.ts';
import * as wire from '../../packages/wire/src/index.ts';
import { readCorpus } from '../../scripts/guided/corpus.mjs';
import { doorsOf } from '../../scripts/guided/doors.mjs';

const corpus = readCorpus();
/** Nothing of it is made here: seeds are for who looks for more. */
const sample = (): readonly never[] => [];
const doors = doorsOf({ wire, junos, pki, arbitraries, certificates, sessions, sample });

/** Milliseconds of one input: a handshake up to it, and what other tests take of the processor. */
const MOST = 5000;

describe('what fuzzing by coverage has kept', () => {
  it('is of doors that are there, and little', () => {
    const names = new Set(doors.map(({ name }) => name));
    expect([...corpus.keys()].filter((name) => !names.has(name))).toEqual([]);
    const octets = [...corpus.values()].flat().reduce((sum, { length }) => sum + length, 0);
    expect(octets).toBeGreaterThan(1000);
    expect(2 * octets).toBeLessThan(300_000);
  });

  it.each(doors.filter(({ name }) => corpus.has(name)))(
    '$name takes or refuses each, by its own errors, in time',
    ({ name, run }) => {
      for (const octets of corpus.get(name) ?? []) {
        const began = performance.now();
        expect([true, false]).toContain(run(octets));
        expect(performance.now() - began).toBeLessThan(MOST);
      }
    },
    60_000,
  );
});
