import { type Engine, type EspSuite, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { OpensslContender, type OpensslProgram } from './c-openssl.ts';
import type { Contender } from './contender.ts';
import { EspalierContender } from './espalier.ts';
import { naiveNode } from './naive-node.ts';
import { nobleDirect } from './noble-direct.ts';
import { PerPacketContender } from './per-packet.ts';
import { keysFor, MANY_BATCH, MANY_SAS } from './suites.ts';
import { tunedNode } from './tuned-node.ts';
import { tunedOther } from './tuned-others.ts';

const NAMES = ['noble', 'wasm', 'node'] as const;

export type Engines = Readonly<Record<(typeof NAMES)[number], Engine>>;

export function createEngines(): Engines {
  return { noble: nobleEngine(), wasm: wasmEngine(), node: nodeEngine() };
}

/** Everyone who takes part in one suite. */
export async function lineUp(
  engines: Engines,
  suite: EspSuite,
  batches: readonly number[],
  openssl: OpensslProgram | undefined,
): Promise<readonly Contender[]> {
  const keys = keysFor(suite);
  const ours = NAMES.flatMap((name) =>
    batches.map((batch) => new EspalierContender(name, engines[name], suite, batch)),
  );
  const many = NAMES.flatMap((name) =>
    MANY_SAS.map((sas) => new EspalierContender(name, engines[name], suite, MANY_BATCH, sas)),
  );
  const noble = nobleDirect(suite, keys);
  return [
    ...ours,
    ...many,
    ...(noble === undefined ? [] : [new PerPacketContender('noble-direct', noble)]),
    new PerPacketContender('naive-node', naiveNode(suite, keys)),
    new PerPacketContender('tuned-node', tunedNode(suite, keys)),
    ...(openssl === undefined ? [] : await openssls(openssl, suite)),
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
