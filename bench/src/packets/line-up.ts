import { type Engine, type EspSuite, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { OpensslContender, type OpensslProgram } from './c-openssl.ts';
import type { Contender } from './contender.ts';
import { EspalierContender } from './espalier.ts';
import { naiveNode } from './naive-node.ts';
import { nobleDirect } from './noble-direct.ts';
import { PerPacketContender } from './per-packet.ts';
import { BATCHES, headlineBatch, keysFor, MANY_BATCH, MANY_SAS, SIZES } from './suites.ts';
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

/** Everyone who takes part in one suite. */
export async function lineUp(
  engines: Engines,
  suite: EspSuite,
  { batches, manySas, hasNaive }: Coverage,
  openssl: OpensslProgram | undefined,
): Promise<readonly Contender[]> {
  const keys = keysFor(suite);
  const ours = NAMES.flatMap((name) => [
    ...batches(name, suite).map((batch) => new EspalierContender(name, engines[name], suite, batch)),
    ...manySas(name).map((sas) => new EspalierContender(name, engines[name], suite, MANY_BATCH, sas)),
  ]);
  return [
    ...ours,
    ...(hasNaive ? naive(suite) : []),
    new PerPacketContender('tuned-node', tunedNode(suite, keys)),
    ...(openssl === undefined ? [] : await openssls(openssl, suite)),
  ];
}

function naive(suite: EspSuite): readonly Contender[] {
  const keys = keysFor(suite);
  const noble = nobleDirect(suite, keys);
  return [
    ...(noble === undefined ? [] : [new PerPacketContender('noble-direct', noble)]),
    new PerPacketContender('naive-node', naiveNode(suite, keys)),
  ];
}

/** Who takes part in one of `OTHER_SUITES`. */
export function otherLineUp(engines: Engines, suite: EspSuite): readonly Contender[] {
  return [
    new EspalierContender('wasm', engines.wasm, suite, MANY_BATCH),
    new EspalierContender('node', engines.node, suite, MANY_BATCH),
    ...MANY_SAS.map((sas) => new EspalierContender('node', engines.node, suite, MANY_BATCH, sas)),
    new PerPacketContender('tuned-node', tunedOther(suite, keysFor(suite))),
  ];
}

async function openssls(program: OpensslProgram, suite: EspSuite): Promise<readonly Contender[]> {
  const keys = keysFor(suite);
  return Promise.all([1, ...MANY_SAS].map((sas) => OpensslContender.create(program, suite, keys, sas)));
}
