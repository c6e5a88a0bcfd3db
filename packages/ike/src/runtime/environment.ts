import type { Engine, Rng } from '@espalier/crypto';
import type { Duration, Instant } from '@espalier/wire';
import type { Questions } from '../questions/questions.ts';
import type { IkeRefusal } from '../refusals.ts';
import type { Tolerance } from '../tolerances.ts';
import type { IkeEndpointConfig, Role } from '../types.ts';
import type { Effects } from './effects.ts';
import type { News } from './news.ts';
import type { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import type { SharedKeyPairs } from './shared-key-pairs.ts';
import type { Timers } from './timers.ts';

/** What all IKE SAs of one endpoint share. */
export interface Environment {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly timers: Timers;
  readonly outbox: Outbox;
  /** For events that anybody can cause. */
  readonly news: News;
  /** What has happened and is not acted upon yet. */
  readonly effects: Effects;
  /** What the caller has been asked. */
  readonly questions: Questions;
  /** Key pairs of Aggressive Mode's responders. */
  readonly keyPairs: SharedKeyPairs;
  readonly softLifetime: (hard: Duration, role: Role) => Duration;
  /** Whether RSA keys below 2048 bits are allowed by name. */
  readonly allowsShortRsa: boolean;
  readonly keyLog: IkeEndpointConfig['keyLog'];
  /** Counts a message that is refused. */
  refused(reason: IkeRefusal): void;
  /** Counts what was taken though an RFC has it otherwise. */
  tolerated(tolerances: readonly Tolerance[]): void;
  /** How often strangers are told why they were refused. */
  readonly pace: Pace;
  /** Of public-key work for who has not shown that it is reached at its address. */
  readonly signingPace: Pace;
  /** The latest time seen. */
  readonly now: Instant;
}
