import type { Engine, Rng } from '@espalier/crypto';
import { type Duration, type Instant, instant } from '@espalier/wire';
import type { CheckedConfig } from '../configuration/endpoint-config.ts';
import {
  NOTIFIES_IN_ALL,
  NOTIFIES_PAUSE,
  NOTIFIES_PER_ADDRESS,
  SIGNATURES_IN_ALL,
  SIGNATURES_PAUSE,
  SIGNATURES_PER_ADDRESS,
} from '../limits.ts';
import { Questions } from '../questions/questions.ts';
import { IKE_REFUSALS, type IkeRefusal } from '../refusals.ts';
import { TOLERANCES, type Tolerance } from '../tolerances.ts';
import type { IkeEndpointConfig, Role } from '../types.ts';
import { Effects } from './effects.ts';
import type { Environment } from './environment.ts';
import { News } from './news.ts';
import { Outbox } from './outbox.ts';
import { Pace, type PaceLimits } from './pace.ts';
import { SharedKeyPairs } from './shared-key-pairs.ts';
import { Timers } from './timers.ts';

const NOTIFIES: PaceLimits = { perAddress: NOTIFIES_PER_ADDRESS, inAll: NOTIFIES_IN_ALL, pause: NOTIFIES_PAUSE };
const SIGNATURES: PaceLimits = {
  perAddress: SIGNATURES_PER_ADDRESS,
  inAll: SIGNATURES_IN_ALL,
  pause: SIGNATURES_PAUSE,
};

/** What the IKE SAs of an endpoint share, with the endpoint's own clock. */
export class EndpointEnvironment implements Environment {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly timers: Timers = new Timers();
  readonly outbox: Outbox = new Outbox();
  readonly news: News;
  readonly effects: Effects = new Effects();
  readonly questions: Questions = new Questions();
  readonly keyPairs: SharedKeyPairs;
  readonly pace: Pace = new Pace(() => this.#now, NOTIFIES);
  readonly signingPace: Pace = new Pace(() => this.#now, SIGNATURES);
  readonly softLifetime: (hard: Duration, role: Role) => Duration;
  readonly allowsShortRsa: boolean;
  readonly keyLog: IkeEndpointConfig['keyLog'];
  readonly counters: Record<IkeRefusal, number> = zeroOfEach(IKE_REFUSALS);
  readonly tolerances: Record<Tolerance, number> = zeroOfEach(TOLERANCES);
  #now: Instant = instant(-Number.MAX_VALUE);

  constructor(config: CheckedConfig) {
    this.engine = config.engine;
    this.news = new News(this.outbox, () => this.#now);
    this.rng = config.rng;
    this.keyPairs = new SharedKeyPairs(config.engine, config.rng, this.timers, () => this.#now);
    this.keyLog = config.keyLog;
    this.allowsShortRsa = config.allowed.has('rsa1024');
    this.softLifetime = config.softLifetime;
  }

  get now(): Instant {
    return this.#now;
  }

  refused(reason: IkeRefusal): void {
    this.counters[reason]++;
  }

  tolerated(tolerances: readonly Tolerance[]): void {
    for (const tolerance of tolerances) this.tolerances[tolerance]++;
  }

  /** @throws TypeError or RangeError unless it is a time. */
  advance(now: Instant): void {
    if (typeof now !== 'number') throw new TypeError('now: must be a number of milliseconds');
    if (!Number.isFinite(now)) throw new RangeError('now: must be finite');
    if (now > this.#now) this.#now = now;
  }
}

function zeroOfEach<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
