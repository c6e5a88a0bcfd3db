import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../packages/crypto/src/node/index.ts';
import { Replay } from '../../packages/ike/src/index.ts';
import { again, outcomesOf } from '../interop/transcripts/transcript.ts';

const FOLDER = new URL('transcripts/', import.meta.url);
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'));
const engine = nodeEngine();

/**
 * Sessions with real peers, written by `npm run interop -- --record DIR`: the peers' datagrams, and ours. Who changes on
 * purpose what we send or say renews them by `npx vitest run test/peers -u`: as long as what the peer answered then still
 * leads to the same end.
 */
describe('a session with a real peer', () => {
  it.each(FILES)('%s: ours sends the same octets today', async (name) => {
    const file = new URL(name, FOLDER);
    const text = readFileSync(file, 'utf8');
    const today = again(text, engine);
    expect(outcomesOf(today)).toEqual(outcomesOf(text));
    await expect(today).toMatchFileSnapshot(file.pathname);
  });

  it.each(FILES)('%s replays to its end', (name) => {
    const replay = new Replay(readFileSync(new URL(name, FOLDER), 'utf8'), { engine });
    expect([...replay].length).toBeGreaterThan(2);
    expect(replay.endedAt).toBe('end');
  });
});
