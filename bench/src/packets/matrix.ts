import type { EspSuite } from '@espalier/crypto';
import type { Measurement } from '../measurement.ts';
import { checkAgreement } from './agreement.ts';
import { OpensslProgram } from './c-openssl.ts';
import { createEngines, lineUp, otherLineUp } from './line-up.ts';
import { type Effort, measure } from './rounds.ts';
import { BATCHES, OTHER_SUITES, SIZES } from './suites.ts';
import { Supplier } from './supply.ts';

/** Measures everyone on the given suites, all sizes and batches, and tells of each suite when it is done. */
export async function measureMatrix(
  suites: readonly EspSuite[],
  effort: Effort,
  tell: (suite: string, measurements: readonly Measurement[]) => void,
): Promise<readonly Measurement[]> {
  const engines = createEngines();
  const openssl = OpensslProgram.start();
  const all: Measurement[] = [];
  try {
    for (const suite of suites) {
      const contenders = await lineUp(engines, suite, BATCHES, openssl);
      for (const contender of contenders) await checkAgreement(contender, suite);
      const supplier = new Supplier(engines.wasm, suite);
      const ofSuite: Measurement[] = [];
      for (const size of SIZES) ofSuite.push(...(await measure(contenders, suite, size, effort, supplier)));
      supplier.close();
      for (const contender of contenders) contender.close();
      tell(suite.name, ofSuite);
      all.push(...ofSuite);
    }
  } finally {
    openssl?.stop();
  }
  return all;
}

/** Measures `OTHER_SUITES`. */
export async function measureOthers(
  effort: Effort,
  tell: (suite: string, measurements: readonly Measurement[]) => void,
): Promise<readonly Measurement[]> {
  const engines = createEngines();
  const all: Measurement[] = [];
  for (const suite of OTHER_SUITES) {
    const contenders = otherLineUp(engines, suite);
    for (const contender of contenders) await checkAgreement(contender, suite);
    const supplier = new Supplier(engines.wasm, suite);
    const ofSuite: Measurement[] = [];
    for (const size of SIZES) ofSuite.push(...(await measure(contenders, suite, size, effort, supplier)));
    supplier.close();
    for (const contender of contenders) contender.close();
    tell(suite.name, ofSuite);
    all.push(...ofSuite);
  }
  return all;
}
