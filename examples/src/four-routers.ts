import { parseArgs } from 'node:util';
import { nobleEngine, type Rng } from '@espalier/crypto';
import { systemRng } from '@espalier/node';
import { seconds } from '@espalier/wire';
import { KeyLogFiles } from './common/keylog.ts';
import { messageOf } from './common/program.ts';
import { seededRng } from './common/randomness.ts';
import { differences } from './four-routers/differences.ts';
import { runScenario } from './four-routers/scenario.ts';
import { PcapWriter } from './routers/pcap.ts';
import { conclude, standardTerminal } from './routers/terminal.ts';

const USAGE = `\
Usage: node examples/dist/four-routers.js [--seed N] [--trace FILE.pcap] [--keylog FILE]
  --seed N            the same random numbers in every run; without it they are real
  --trace FILE.pcap   writes the packets of the link between R2 and R3
  --keylog FILE       writes all keys to FILE.ikev1_decryption_table and FILE.esp_sa, as Wireshark and decode-capture
                      read them
  --help              prints this
`;

const INTRODUCTION = `\
Juniper's "Example: AS PIC IKE Dynamic SA Configuration", in memory: real packets, virtual time.

    R1 ------------------ R2 ================== R3 ------------------ R4
       .2            .1      .1            .2      .1            .2
         10.1.12.0/30          10.1.15.0/30          10.1.56.0/30
                               IPsec tunnel

OSPF says Hello on the outer links and through the tunnel, until the neighbours hear each other. Its databases are
not exchanged here: routes are static.
`;

const NOTES = `
Other than in the document: pings arrive with ttl=253, as R2 and R3 both forward them (it prints 254, against its own
three hops); and R3 is asked in the same second as R2 (it waits 310 s).
`;

main();

function main(): void {
  const options = readOptions();
  if (!options) return;
  const { rng, trace, keyLog } = options;
  const terminal = standardTerminal();
  const startedAt = performance.now();

  terminal.print(INTRODUCTION);
  const evidence = runScenario({
    engine: nobleEngine(),
    rng,
    terminal,
    day: seconds(86_400),
    tap: (now, packet) => trace?.add(now, packet),
    keyLog: (entry) => keyLog?.write(entry),
  });
  trace?.close();

  const found = differences(evidence);
  terminal.print(NOTES);
  conclude(terminal, 'the document', found, startedAt);
}

interface Options {
  readonly rng: Rng;
  readonly trace: PcapWriter | undefined;
  readonly keyLog: KeyLogFiles | undefined;
}

/** None when help was asked for, or when the arguments cannot be carried out; that has been said then. */
function readOptions(): Options | undefined {
  try {
    const { seed, trace, keylog, help } = parseArgs({
      options: {
        seed: { type: 'string' },
        trace: { type: 'string' },
        keylog: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
    if (help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    return {
      rng: seed === undefined ? systemRng() : seededRng(seed),
      trace: trace === undefined ? undefined : new PcapWriter(trace),
      keyLog: keylog === undefined ? undefined : new KeyLogFiles(keylog),
    };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}
