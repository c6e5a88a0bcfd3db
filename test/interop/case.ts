import type { Families } from './machine/network.ts';
import type { Testbed } from './machine/testbed.ts';
import type { Need } from './requirements.ts';

/** One row of the table. */
export interface Case {
  /** Names its folder too. */
  readonly name: string;
  readonly peer: string;
  /** Of the peer; ours has the other one. */
  readonly role: string;
  readonly suite: string;
  /** Default: IPv4, outside and inside. */
  readonly families?: Families;
  /** It has failed when it takes longer. */
  readonly seconds: number;
  readonly needs: readonly Need[];
  /** It takes the machine's measure: nothing else looks on, and interfaces are as the kernel makes them. Default: all is captured. */
  readonly isMeasured?: true;
  /** When it runs: with `--smoke` and always, without `--smoke`, or only when it is named. */
  readonly runs: 'smoke' | 'full' | 'named';
  readonly run: (bed: Testbed) => Promise<void>;
}
