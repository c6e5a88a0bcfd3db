import * as arbitraries from '@espalier/testing/arbitraries';
import * as certificates from '@espalier/testing/certificates';
import * as packets from '@espalier/testing/packets';
import * as sessions from '@espalier/testing/sessions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as crypto from '../../packages/crypto/src/index.ts';
import * as esp from '../../packages/esp/src/index.ts';
import * as ipcomp from '../../packages/esp/src/ipcomp/index.ts';
import * as junos from '../../packages/junos/src/index.ts';
import * as pki from '../../packages/pki/src/index.ts';
import * as issue from '../../packages/pki/src/issue/index.ts';
import * as wire from '../../packages/wire/src/index.ts';
import { readCorpus } from '../../scripts/guided/corpus.mjs';
import { doorsOf } from '../../scripts/guided/doors.mjs';

const corpus = readCorpus();
const sample = <T>(arbitrary: fc.Arbitrary<T>): readonly T[] => fc.sample(arbitrary, { seed: 1, numRuns: 2 });
const protocols = { wire, crypto, esp, ipcomp, junos, pki, issue };
const doors = doorsOf({ ...protocols, arbitraries, certificates, packets, sessions, sample });

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

describe('where fuzzing begins', () => {
  it.each(doors.filter(({ isEncrypted }) => isEncrypted === undefined))('$name takes what it is given', (door) => {
    expect(door.seeds().filter((octets) => door.run(octets))).not.toEqual([]);
  });
});
