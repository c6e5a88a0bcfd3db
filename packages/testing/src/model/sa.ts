import type { ModelKeys, ModelSuiteName } from './suites.ts';

/** One SA of ESP in tunnel mode, as both ends know it. */
export interface ModelSa {
  /** Whose packets it protects. */
  readonly policy: string;
  readonly spi: number;
  readonly suite: ModelSuiteName;
  readonly keys: ModelKeys;
  /** Outer addresses in text. */
  readonly source: string;
  readonly destination: string;
  readonly esn: boolean;
  /** Packets. */
  readonly window: number;
}
