import type { EspSuite } from '@espalier/crypto';
import type { Measurement } from '../measurement.ts';
import { checkAgreement } from './agreement.ts';
import { OpensslProgram } from './c-openssl.ts';
import type { Contender } from './contender.ts';
import { type Coverage, createEngines, type Engines, lineUp } from './line-up.ts';
import { type Effort, measure } from './rounds.ts';
import { Supplier } from './supply.ts';

/** Measures those of the given suites that the coverage has, and tells of each suite when it is done. */
export async function measureMatrix(
  suites: readonly EspSuite[],
  coverage: Coverage,
  effort: Effort,
  tell: (suite: string, measurements: readonly Measurement[]) => void,
): Promise<readonly Measurement[]> {
  const engines = createEngines();
  const openssl = OpensslProgram.start();
  const all: Measurement[] = [];
  try {
    for (const suite of suites) {
      const contenders = await lineUp(engines, suite, coverage, openssl);
      const ofSuite = await measureSuite(engines, suite, contenders, coverage.sizes, effort);
      tell(suite.name, ofSuite);
      all.push(...ofSuite);
    }
  } finally {
    openssl?.stop();
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
): Promise<readonly Measurement[]> {
  for (const contender of contenders) await checkAgreement(contender, suite);
  const supplier = new Supplier(wasm, suite);
  const ofSuite: Measurement[] = [];
  for (const size of sizes) ofSuite.push(...(await measure(contenders, suite, size, effort, supplier)));
  supplier.close();
  for (const contender of contenders) contender.close();
  return ofSuite;
}
