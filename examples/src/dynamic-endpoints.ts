import { parseArgs } from 'node:util';
import { nobleEngine, type Rng } from '@espalier/crypto';
import { systemRng } from '@espalier/node';
import { messageOf } from './common/program.ts';
import { seededRng } from './common/randomness.ts';
import { differences } from './dynamic-endpoints/differences.ts';
import { runScenario } from './dynamic-endpoints/scenario.ts';
import { conclude, standardTerminal } from './routers/terminal.ts';

const USAGE = `\
Usage: node examples/dist/dynamic-endpoints.js [--seed N]
  --seed N   the same random numbers in every run; without it they are real
  --help     prints this
`;

const INTRODUCTION = `\
Dynamic endpoints of Junos, in memory: real packets, virtual time.

    server ---- hub ======== internet ======== alice, at an address that nobody knows
      .5     .1     .1          |
     10.30.0.0/24   203.0.113   +---- NAT ==== bob, at 192.168.1.10
                                      .77
                                   192.0.2

The hub has one access profile for whoever calls; a tunnel, its rule and its route are made when a peer has proved who it is.`;

main();

function main(): void {
  const rng = readOptions();
  if (!rng) return;
  const terminal = standardTerminal();
  const startedAt = performance.now();

  terminal.print(INTRODUCTION);
  const found = differences(runScenario({ engine: nobleEngine(), rng, terminal }));
  terminal.print();
  conclude(terminal, 'Junos', found, startedAt);
}

/** None when help was asked for, or when the arguments cannot be carried out; that has been said then. */
function readOptions(): Rng | undefined {
  try {
    const { seed, help } = parseArgs({
      options: { seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
    if (help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    return seed === undefined ? systemRng() : seededRng(seed);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}
