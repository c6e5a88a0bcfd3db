import { parseArgs } from 'node:util';
import type { Rng } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { systemRng } from '@espalier/node';
import { messageOf } from './common/program.ts';
import { seededRng } from './common/randomness.ts';
import { Authority, generateKeyPair } from './digital-certificates/authority.ts';
import { differences, revokedDifferences } from './digital-certificates/expected.ts';
import { runRevoked, runScenario } from './digital-certificates/scenario.ts';
import { PcapWriter } from './routers/pcap.ts';
import { conclude, standardTerminal } from './routers/terminal.ts';

const USAGE = `\
Usage: node examples/dist/digital-certificates.js [--seed N] [--trace FILE.pcap]
  --seed N            the same random numbers in every run, but for the keys of certificates; without it they are real
  --trace FILE.pcap   writes the packets of the link between R2 and R3
  --help              prints this
`;

const INTRODUCTION = `\
Juniper's example of an IKE dynamic SA with digital certificates on the AS PIC, in memory: real packets, virtual time.

    R1 ------------------ R2 ================== R3 ------------------ R4
       .2            .1      .1            .2      .1            .2
         10.1.12.0/30          10.1.15.0/30          10.1.56.0/30
                               IPsec tunnel

An authority, entrust, is made here, and issues certificates to router2.example.com and router3.example.com. No key is
shared: each router signs, and looks for the other's certificate to lead to the authority and to be in no CRL.
`;

main();

function main(): void {
  const options = readOptions();
  if (!options) return;
  const { rng, trace } = options;
  const terminal = standardTerminal();
  const startedAt = performance.now();
  terminal.print(INTRODUCTION);

  const authority = new Authority(generateKeyPair());
  const enrolment = {
    authority,
    r2: authority.enroll('router2.example.com', generateKeyPair()),
    r3: authority.enroll('router3.example.com', generateKeyPair()),
  };
  const tap = (now: Parameters<PcapWriter['add']>[0], packet: Uint8Array) => trace?.add(now, packet);
  const scenario = { engine: nodeEngine(), rng, terminal, enrolment, tap };

  terminal.print('1. Both certificates are good');
  terminal.print();
  const found = [...differences(runScenario(scenario))];
  terminal.print();
  terminal.print("2. R3's certificate is revoked: the same routers on the same day, with the authority's next CRL");
  terminal.print();
  found.push(...revokedDifferences(runRevoked(scenario)));
  terminal.print();
  trace?.close();

  conclude(terminal, 'the document', found, startedAt);
}

interface Options {
  readonly rng: Rng;
  readonly trace: PcapWriter | undefined;
}

/** None when help was asked for, or when the arguments cannot be carried out; that has been said then. */
function readOptions(): Options | undefined {
  try {
    const { seed, trace, help } = parseArgs({
      options: { seed: { type: 'string' }, trace: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
    if (help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    return {
      rng: seed === undefined ? systemRng() : seededRng(seed),
      trace: trace === undefined ? undefined : new PcapWriter(trace),
    };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}
