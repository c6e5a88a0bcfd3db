import { parseArgs } from 'node:util';
import { nobleEngine, type Rng } from '@espalier/crypto';
import { systemRng } from '@espalier/node';
import { messageOf } from './common/program.ts';
import { seededRng } from './common/randomness.ts';
import type { Part } from './manual-sa/evidence.ts';
import { differences, strangersDifferences } from './manual-sa/expected.ts';
import { runScenario, runStrangers } from './manual-sa/scenario.ts';
import { PcapWriter } from './routers/pcap.ts';
import { conclude, standardTerminal } from './routers/terminal.ts';

const USAGE = `\
Usage: node examples/dist/manual-sa.js [--seed N] [--trace FILE.pcap] [PART...]
  PART                esp, ah, bundle (tunnels between R2 and R3) or ospf (OSPF itself, in transport mode);
                      without one: all
  --seed N            the same random numbers in every run; without it they are real
  --trace FILE.pcap   writes the packets of the link between R2 and R3, of all parts
  --help              prints this
`;

const INTRODUCTION = `\
Manual security associations of Junos, in memory: real packets, virtual time. No IKE is spoken: keys and SPIs are in the
configurations, the same at both ends, and stay as they are until somebody changes them there.

    R1 ------------------ R2 ================== R3 ------------------ R4
       .2            .1      .1            .2      .1            .2
         10.1.12.0/30          10.1.15.0/30          10.1.56.0/30
                               IPsec
`;

const TITLES: Record<Part, string> = {
  esp: 'ESP in tunnel mode (R2-esp.conf, R3-esp.conf): packets are encrypted and authenticated',
  ah: 'AH in tunnel mode (R2-ah.conf, R3-ah.conf): packets are authenticated, and anybody can read them',
  bundle: 'A bundle (R2-bundle.conf, R3-bundle.conf): AH around ESP, each direction with SPIs and keys of its own',
  ospf: 'OSPF in transport mode (R2-ospf.conf, R3-ospf.conf): what the routers themselves say is authenticated',
};

const PARTS: readonly Part[] = ['esp', 'ah', 'bundle', 'ospf'];

main();

function main(): void {
  const options = readOptions();
  if (!options) return;
  const { rng, parts, trace } = options;
  const terminal = standardTerminal();
  const startedAt = performance.now();
  const engine = nobleEngine();

  terminal.print(INTRODUCTION);
  const found: string[] = [];
  for (const part of parts) {
    terminal.print(`${PARTS.indexOf(part) + 1}. ${TITLES[part]}`);
    terminal.print();
    const tap = (now: Parameters<PcapWriter['add']>[0], packet: Uint8Array) => trace?.add(now, packet);
    found.push(...differences(runScenario({ engine, rng, terminal, part, tap })));
    if (part === 'ospf') {
      const strangers = runStrangers({ engine, rng });
      found.push(...strangersDifferences(strangers));
      terminal.print(
        `With another key on R3, after a minute: OSPF between them is ${strangers.neighbors[0]?.state}; R2 has refused ${strangers.refused} packets whose ICV was wrong.`,
      );
    }
    terminal.print();
  }
  trace?.close();

  conclude(terminal, 'Junos', found, startedAt);
}

interface Options {
  readonly rng: Rng;
  readonly parts: readonly Part[];
  readonly trace: PcapWriter | undefined;
}

/** None when help was asked for, or when the arguments cannot be carried out; that has been said then. */
function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { seed: { type: 'string' }, trace: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    for (const name of positionals)
      if (!PARTS.some((part) => part === name)) throw new RangeError(`no such part: ${name}`);
    return {
      rng: values.seed === undefined ? systemRng() : seededRng(values.seed),
      parts: positionals.length === 0 ? PARTS : PARTS.filter((part) => positionals.includes(part)),
      trace: values.trace === undefined ? undefined : new PcapWriter(values.trace),
    };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}
