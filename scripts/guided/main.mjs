// Coverage-guided fuzzing: `npm run fuzz -- --coverage [--seed N --minutes M --write-docs]`; minutes are those of a processor.
import fc from 'fast-check';
import * as crypto from '../../packages/crypto/dist/index.js';
import * as esp from '../../packages/esp/dist/index.js';
import * as ipcomp from '../../packages/esp/dist/ipcomp/index.js';
import * as junos from '../../packages/junos/dist/index.js';
import * as pki from '../../packages/pki/dist/index.js';
import * as issue from '../../packages/pki/dist/issue/index.js';
import * as arbitraries from '../../packages/testing/dist/arbitraries/index.js';
import * as certificates from '../../packages/testing/dist/certificates/index.js';
import { Chance, seededChoices } from '../../packages/testing/dist/network/index.js';
import * as packets from '../../packages/testing/dist/packets/index.js';
import * as sessions from '../../packages/testing/dist/sessions/index.js';
import * as wire from '../../packages/wire/dist/index.js';
import { readCorpus, writeCorpus } from './corpus.mjs';
import { doorsOf } from './doors.mjs';
import { fuzzDoors } from './loop.mjs';
import { writePage } from './page.mjs';
import { Reached } from './reached.mjs';

/** @returns The exit code. */
export function fuzzByCoverage({ seed, minutes, writeDocs }) {
  const sample = (arbitrary, numRuns) => fc.sample(arbitrary, { seed, numRuns });
  const protocols = { wire, crypto, esp, ipcomp, junos, pki, issue };
  const doors = doorsOf({ ...protocols, arbitraries, certificates, packets, sessions, sample });
  const reached = new Reached(/\/packages\/(wire|esp|ike|junos|pki|crypto)\/dist\//);
  const seconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const began = seconds();
  const states = fuzzDoors({
    ...{ doors, reached, chance: new Chance(seededChoices(seed)), known: readCorpus() },
    goesOn: () => seconds() - began < minutes * 60,
  });
  reached.close();
  const run = { seed, took: seconds() - began, blocks: reached.blocks };
  for (const { door, runs, accepted, kept, faults } of states) {
    console.log(
      `${door.name.padEnd(44)} ${String(runs).padStart(8)} inputs ${String(accepted).padStart(7)} taken ${String(kept.length).padStart(4)} kept`,
    );
    for (const { what, octets } of faults) console.log(`FAULT ${what}\n  ${Buffer.from(octets).toString('hex')}`);
  }
  console.log(`seed ${seed}: ${run.blocks} blocks reached, in ${run.took.toFixed(0)} s of a processor`);
  if (writeDocs) {
    writeCorpus(new Map(states.map(({ door, kept }) => [door.name, kept])));
    writePage(states, run);
  }
  return states.some(({ faults }) => faults.length > 0) ? 1 : 0;
}
