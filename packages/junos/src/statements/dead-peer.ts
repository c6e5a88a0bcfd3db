import type { DeadPeerDetection } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import type { Block } from '../places/block.ts';
import { integer } from '../places/values.ts';

/** The AS PIC: a peer that is silent for 10 s is asked, then twice more every 2 s, and is dead when it does not answer. */
const AS_PIC: DeadPeerDetection = { idle: seconds(10), interval: seconds(2), retries: 2 };

/** Where `dead-peer-detection` leaves one out. */
const DEFAULT = { interval: 10, threshold: 3 } as const;

/** `initiate-dead-peer-detection` and `dead-peer-detection { interval; threshold; }`, which needs the former. */
export function readDeadPeerDetection(block: Block): DeadPeerDetection | undefined {
  const wanted = block.flag('initiate-dead-peer-detection');
  const pace = block.section('dead-peer-detection', readPace);
  if (pace !== undefined && !wanted) return block.incomplete('initiate-dead-peer-detection, which must be set,');
  return wanted ? (pace ?? AS_PIC) : undefined;
}

/** A probe after each interval of silence; dead when as many as the threshold have no answer. */
function readPace(block: Block): DeadPeerDetection {
  const interval = seconds(block.one('interval', integer(1, 180)) ?? DEFAULT.interval);
  const threshold = block.one('threshold', integer(1, 10)) ?? DEFAULT.threshold;
  return { idle: interval, interval, retries: threshold - 1 };
}
