import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, Pair, type PeerChanges, type Side } from '../support/pair.ts';

/** Datagrams of a phase 1 and a Quick Mode, at most. */
const DATAGRAMS = 11;
const SIDES: readonly Side[] = ['R2', 'R3'];

function pairUpTo(count: number, mode: 'main' | 'aggressive', engine: ReturnType<typeof cheapEngine>): Pair {
  const changes = (side: Side): PeerChanges => ({ mode, children: [childPolicy(side, { pfsGroup: 2 })] });
  const network = ({ index }: { readonly index: number }): readonly number[] => (index < count ? [10] : []);
  return new Pair({ R2: changes('R2'), R3: changes('R3'), engine, network }).initiate();
}

describe.each(['main', 'aggressive'] as const)('a negotiation in %s mode that stops after any datagram', (mode) => {
  const counts = Array.from({ length: DATAGRAMS }, (_, count) => count);

  it.each(counts)('leaves no private value once the endpoints close, and repeats nothing: after %i', (count) => {
    const engine = cheapEngine();
    const pair = pairUpTo(count, mode, engine);
    pair.run(seconds(0.3));
    for (const side of SIDES) pair.on(side, (endpoint, now) => endpoint.close(now));
    expect(engine.unwiped()).toBe(0);
    const sent = pair.sent.length;
    pair.run(seconds(300));
    expect(pair.sent).toHaveLength(sent);
    for (const { endpoint } of pair.nodes) expect([endpoint.ikeSas(), endpoint.children()]).toEqual([[], []]);
  });

  it.each(counts)('leaves no private value once it has failed by itself: after %i', (count) => {
    const engine = cheapEngine();
    const pair = pairUpTo(count, mode, engine);
    pair.run(seconds(400));
    expect(engine.unwiped()).toBe(0);
  });
});
