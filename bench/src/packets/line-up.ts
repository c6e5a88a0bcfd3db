import { type Engine, type EspKeys, type EspSuite, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { OpensslContender, type OpensslProgram } from './c-openssl.ts';
import type { Contender } from './contender.ts';
import { EspalierContender } from './espalier.ts';
import { naiveNode } from './naive-node.ts';
import { nobleDirect } from './noble-direct.ts';
import { type PacketCoder, PerPacketContender } from './per-packet.ts';
import { BATCHES, headlineBatch, keysFor, MANY_BATCH, MANY_SAS, OTHER_SUITES, SIZES } from './suites.ts';
import { tunedNode } from './tuned-node.ts';
import { tunedOther } from './tuned-others.ts';

const NAMES = ['noble', 'wasm', 'node'] as const;

type EngineName = (typeof NAMES)[number];

export type Engines = Readonly<Record<EngineName, Engine>>;

export function createEngines(): Engines {
  return { noble: nobleEngine(), wasm: wasmEngine(), node: nodeEngine() };
}

/** What is measured of one suite. */
export interface Coverage {
  /** Octets of the inner packets. */
  readonly sizes: readonly number[];
  /** Packets that each engine is given together. */
  readonly batches: (engine: EngineName, suite: EspSuite) => readonly number[];
  /** Of how many SAs the packets of a batch are, where not of one. */
  readonly manySas: (engine: EngineName) => readonly number[];
  /** Whether what one writes first takes part, beside what is tuned. */
  readonly hasNaive: boolean;
}

export const EVERYTHING: Coverage = {
  sizes: SIZES,
  batches: () => BATCHES,
  manySas: () => MANY_SAS,
  hasNaive: true,
};

/** What has a target, and a figure of each engine. */
export const HEADLINES: Coverage = {
  sizes: [64, 1408],
  batches: (engine, { name }) => [...new Set(engine === 'node' ? [1, MANY_BATCH, headlineBatch(name)] : [MANY_BATCH])],
  manySas: (engine) => (engine === 'node' ? MANY_SAS : []),
  hasNaive: false,
};

/** Who takes part in each of `OTHER_SUITES`, whatever the coverage: our fastest engines, in one batch. */
function ofOther({ sizes }: Coverage): Coverage {
  return {
    sizes,
    batches: (engine) => (engine === 'noble' ? [] : [MANY_BATCH]),
    manySas: (engine) => (engine === 'node' ? MANY_SAS : []),
    hasNaive: false,
  };
}

/** Everyone who takes part in one suite. */
export async function lineUp(
  engines: Engines,
  suite: EspSuite,
  coverage: Coverage,
  openssl: OpensslProgram | undefined,
): Promise<readonly Contender[]> {
  const { batches, manySas, hasNaive } = OTHER_SUITES.includes(suite) ? ofOther(coverage) : coverage;
  const ours = NAMES.flatMap((name) => [
    ...batches(name, suite).map((batch) => new EspalierContender(name, engines[name], suite, batch)),
    ...manySas(name).map((sas) => new EspalierContender(name, engines[name], suite, MANY_BATCH, sas)),
  ]);
  return [
    ...ours,
    ...(hasNaive ? naive(suite) : []),
    new PerPacketContender('tuned-node', tuned(suite, keysFor(suite))),
    ...(openssl === undefined ? [] : await openssls(openssl, suite)),
  ];
}

/** The best that one gets from node:crypto packet by packet. */
export function tuned(suite: EspSuite, keys: EspKeys): PacketCoder {
  return OTHER_SUITES.includes(suite) ? tunedOther(suite, keys) : tunedNode(suite, keys);
}

function naive(suite: EspSuite): readonly Contender[] {
  const keys = keysFor(suite);
  const noble = nobleDirect(suite, keys);
  return [
    ...(noble === undefined ? [] : [new PerPacketContender('noble-direct', noble)]),
    new PerPacketContender('naive-node', naiveNode(suite, keys)),
  ];
}

async function openssls(program: OpensslProgram, suite: EspSuite): Promise<readonly Contender[]> {
  const keys = keysFor(suite);
  return Promise.all([1, ...MANY_SAS].map((sas) => OpensslContender.create(program, suite, keys, sas)));
}
