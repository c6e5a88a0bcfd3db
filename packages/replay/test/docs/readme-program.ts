import { ReplayWindow } from '@espalier/replay';

const window = new ReplayWindow({ packets: 64 });

/** Asked before the ICV is verified, and told after: only a good packet moves the window. */
function take(sequence: number, icvIsRight: boolean): string {
  const verdict = window.check(sequence);
  if (verdict !== 'new') return verdict;
  return icvIsRight ? window.commit(sequence, window.sequenceHigh) : 'bad ICV';
}

for (const sequence of [100, 37, 36, 100, 0]) console.log(`${sequence}: ${take(sequence, true)}`);
console.log(`200: ${take(200, false)}, so the highest is ${window.highest}`);
