import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../packages/crypto/src/node/index.ts';
import { Replay } from '../../packages/ike/src/index.ts';
import { CASES } from '../interop/cases.ts';
import { Conformance } from '../interop/conformance.ts';
import { Throughput } from '../interop/throughput.ts';
import { ENDING, readTranscript, stemOf } from '../interop/transcripts/file.ts';
import { again } from '../interop/transcripts/transcript.ts';

const FOLDER = new URL('transcripts/', import.meta.url);
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ENDING));
const engine = nodeEngine();

/** Sessions with real peers, written by `npm run interop -- --record DIR`: the peers' datagrams, and ours. */
describe('a session with a real peer', () => {
  it.each(FILES)('%s: ours sends the same octets today', (name) => {
    const text = readTranscript(new URL(name, FOLDER));
    const [then, today] = [text.split('\n'), again(text, engine).split('\n')];
    const at = then.findIndex((line, i) => line !== today[i]);
    expect({ line: at + 1, says: today[at] }).toEqual({ line: at + 1, says: then[at] });
  });

  it.each(onePerFolder())('%s replays to its end', (name) => {
    const replay = new Replay(readTranscript(new URL(name, FOLDER)), { engine });
    expect([...replay].length).toBeGreaterThan(2);
    expect(replay.endedAt).toBe('end');
  });
});

describe('a case with a real peer', () => {
  const cases = [...CASES, ...new Throughput().cases, ...new Conformance().cases];
  const nameOf = new Map(cases.map((test) => [stemOf(test), test.name]));
  const without: readonly { readonly reason: string; readonly cases: readonly string[] }[] = JSON.parse(
    readFileSync(new URL('without-transcript.json', import.meta.url), 'utf8'),
  );

  it('has a transcript, or it is said why it has none', () => {
    const said = [...FILES.map((name) => nameOf.get(stemIn(name)) ?? name), ...without.flatMap((one) => one.cases)];
    expect([...new Set(said)].sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  it('has not both', () => {
    const recorded = new Set(FILES.map((name) => nameOf.get(stemIn(name))));
    expect(without.flatMap((one) => one.cases).filter((name) => recorded.has(name))).toEqual([]);
    expect(without.filter(({ reason }) => reason.length < 10)).toEqual([]);
  });
});

function stemIn(file: string): string {
  return file.slice(0, -ENDING.length).replace(/\.\d+$/, '');
}

/** Of each peer's sessions in a role the first. */
function onePerFolder(): readonly string[] {
  return [...new Map(FILES.toReversed().map((name) => [name.slice(0, name.lastIndexOf('/')), name])).values()];
}
