import { ReplayWindow } from '@espalier/replay';
import type { Part } from './run.ts';

const PACKETS = 1000;

/** Checks and commits, in order, and each a second time. */
export function replayParts(): readonly Part[] {
  return [64, 4096].map((packets) => {
    const window = new ReplayWindow({ packets, esn: true });
    let sequence = 0;
    return {
      name: `replay window of ${packets}: a new packet, and its replay`,
      repetitions: PACKETS,
      run: () => {
        for (let i = 0; i < PACKETS; i++) {
          sequence = (sequence + 1) >>> 0;
          if (window.check(sequence) === 'new') window.commit(sequence, window.sequenceHigh);
          if (window.check(sequence) !== 'replayed') throw new Error('a replay is not seen');
        }
      },
    };
  });
}
