import type { Report } from '../report/report.ts';

/** How many rows of each kind a report has at most; what is seen beyond is decoded, and counted. */
export interface ObserverLimits {
  readonly conversations: number;
  readonly ikeSas: number;
  readonly exchanges: number;
  readonly sas: number;
  /** Kinds of what is not read. */
  readonly unread: number;
}

export const OBSERVER_LIMITS: ObserverLimits = {
  conversations: 16_384,
  ikeSas: 8_192,
  exchanges: 32_768,
  sas: 16_384,
  unread: 256,
};

/** What was seen and has no row, by list. */
export type Beyond = { -readonly [Name in keyof Report['beyondLimits']]: number };

export function countBeyond(beyond: Beyond, list: keyof Beyond): void {
  beyond[list] = (beyond[list] ?? 0) + 1;
}

/** Octets of messages that IKE SAs keep together: then nothing more is learnt of new ones. */
export const KEPT_OCTETS: number = 64 << 20;
