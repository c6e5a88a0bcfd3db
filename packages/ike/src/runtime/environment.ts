import type { Engine, Rng } from '@espalier/crypto';
import type { Duration, Instant } from '@espalier/wire';
import type { IkeEndpointConfig, Role } from '../types.ts';
import type { Outbox } from './outbox.ts';
import type { Timers } from './timers.ts';

/** What all sessions of one endpoint share. */
export interface Environment {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly timers: Timers;
  readonly outbox: Outbox;
  readonly softLifetime: (hard: Duration, role: Role) => Duration;
  readonly keyLog: IkeEndpointConfig['keyLog'];
  /** The latest time seen. */
  readonly now: Instant;
  /** Whether some child of the endpoint has this SPI, or is offered with it. */
  isSpiTaken(value: number): boolean;
}
