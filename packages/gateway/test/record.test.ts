import { nobleEngine } from '@espalier/crypto';
import { Replay } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import { expect, it } from 'vitest';
import { Bed } from './support/bed.ts';
import { toyDhEngine } from './support/toy-dh.ts';

it.each(['R2', 'R3'] as const)('a gateway records what its IKE is given and says, and that replays: %s', (side) => {
  const lines: string[] = [];
  const record = { write: (line: string) => void lines.push(line), secrets: true };
  const bed = new Bed({ R2: {}, R3: {}, [side]: { options: { record } } });
  bed.ping('R2', 1);
  bed.run(seconds(10));
  expect(bed.pings('R3')).toEqual([1]);
  const replay = new Replay(lines, { engine: toyDhEngine(nobleEngine()) });
  const events = [...replay].flatMap((step) => step.events.map(({ kind }) => kind));
  expect(events).toContain('child-established');
  expect(replay.endedAt).toBe('end');
  expect(replay.endpoint?.ikeSas()).toEqual(bed.site(side).gateway.ikeSas());
});
