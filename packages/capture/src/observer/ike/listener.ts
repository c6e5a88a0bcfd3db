import type { SeenAt } from '../where.ts';
import type { SeenChild } from './child.ts';

/** What a Quick Mode has agreed on, and where. */
export interface ChildAt {
  readonly child: SeenChild;
  /** Addresses that its packets go between. */
  readonly from: string;
  readonly to: string;
  readonly ikeSa: number;
  readonly exchange: number;
  readonly conversation: number;
  readonly frame: number;
  readonly time: number;
}

/** Which SA a message of its receiver speaks of. */
export interface DeletedAt {
  readonly protocol: 'esp' | 'ah';
  readonly spi: number;
  readonly from: string;
  readonly to: string;
  readonly at: SeenAt;
}

/** What REPLAY-STATUS says of an SA. */
export interface ReplayStatusAt extends DeletedAt {
  readonly isOn: boolean;
}

/** Who is told of what is read of IKE. */
export interface IkeListener {
  learn(child: ChildAt): void;
  learnReplayStatus(status: ReplayStatusAt): void;
  learnDeleted(deleted: DeletedAt): void;
}
