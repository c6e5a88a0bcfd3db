import type { EspSuite } from '@espalier/crypto';
import type { Measurement } from '../measurement.ts';
import { checkAgreement } from './agreement.ts';
import { OpensslProgram } from './c-openssl.ts';
import type { Contender } from './contender.ts';
import { type Coverage, createEngines, type Engines, EVERYTHING, lineUp, otherLineUp } from './line-up.ts';
import { type Effort, measure } from './rounds.ts';
import { OTHER_SUITES } from './suites.ts';
import { Supplier } from './supply.ts';

type Tell = (suite: string, measurements: readonly Measurement[]) => void;

/** Measures those of the given suites that the coverage has, and tells of each suite when it is done. */
export async function measureMatrix(
  suites: readonly EspSuite[],
  coverage: Coverage,
  effort: Effort,
  tell: Tell,
): Promise<readonly Measurement[]> {
  const engines = createEngines();
  const openssl = OpensslProgram.start();
  const all: Measurement[] = [];
  try {
    for (const suite of suites) {
      const contenders = await lineUp(engines, suite, coverage, openssl);
      all.push(...(await measureSuite(engines, suite, contenders, coverage.sizes, effort, tell)));
    }
  } finally {
    openssl?.stop();
  }
  return all;
}

/** Measures `OTHER_SUITES`. */
export async function measureOthers(effort: Effort, tell: Tell): Promise<readonly Measurement[]> {
  const engines = createEngines();
  const all: Measurement[] = [];
  for (const suite of OTHER_SUITES) {
    const contenders = otherLineUp(engines, suite);
    all.push(...(await measureSuite(engines, suite, contenders, EVERYTHING.sizes, effort, tell)));
  }
  return all;
}

/** The contenders are closed when this returns. */
async function measureSuite(
  { wasm }: Engines,
  suite: EspSuite,
  contenders: readonly Contender[],
  sizes: readonly number[],
  effort: Effort,
  tell: Tell,
): Promise<readonly Measurement[]> {
  for (const contender of contenders) await checkAgreement(contender, suite);
  const supplier = new Supplier(wasm, suite);
  const ofSuite: Measurement[] = [];
  for (const size of sizes) ofSuite.push(...(await measure(contenders, suite, size, effort, supplier)));
  supplier.close();
  for (const contender of contenders) contender.close();
  tell(suite.name, ofSuite);
  return ofSuite;
}
