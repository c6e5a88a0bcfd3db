import { type Engine, ESP_SUITES, type EspSuite } from '@espalier/crypto';
import { armsOf } from '../../src/engine-parts.ts';
import { KERNEL_PARTS } from '../../src/wasm/kernel-engine.ts';
import { isKernelsAlone } from './engines.ts';

/**
 * Suites that have every cipher, every MAC with three of them, and every AEAD: what a part does is the same whatever it is
 * put together with, which parts.test.ts shows for all of `ESP_SUITES`.
 */
export const COVER: readonly EspSuite[] = ESP_SUITES.filter(
  ({ name, aead, integrity }) => aead || integrity === 'hmac-sha1-96' || /^(null|3des-cbc|aes-128-cbc)\//.test(name),
);

/** Those of them that all these engines have, and that this run is about. */
export function coverOf(...engines: readonly Engine[]): readonly EspSuite[] {
  return COVER.filter((suite) => isTested(suite) && engines.every((engine) => engine.supports(suite)));
}

/** Whether this run is about the suite: what `noble` computes is the same however kernels are compiled. */
export function isTested(suite: EspSuite): boolean {
  return !isKernelsAlone || isOnKernels(suite);
}

/** Whether it is the kernels, or node:crypto, that compute it; all else is `noble`'s on every engine. */
export function isOnKernels(suite: EspSuite): boolean {
  return armsOf(KERNEL_PARTS, suite) !== undefined;
}
