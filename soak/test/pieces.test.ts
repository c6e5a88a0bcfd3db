import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planWorld } from '../src/plan/plan-world.ts';
import { soakPage } from '../src/report/markdown.ts';
import { joined, type Piece, pieceOf, readPiece, writePiece } from '../src/report/piece.ts';
import { Tally } from '../src/report/tally.ts';

/** As if these worlds had happened. */
function run(seed: number, worlds: number): Piece {
  const tally = new Tally();
  for (let i = 0; i < worlds; i++) {
    const outcome = { violations: [], sent: 10, delivered: 9, handled: 20, handshakes: 2, pairs: 2, lasted: 3_600_000 };
    const quiet = { convergedAfter: 1000 * (seed + i), blackHoled: 0, digest: '', log: [] };
    tally.add(planWorld(seed + i), { ...outcome, ...quiet }, 0);
  }
  return pieceOf(seed, tally, 2, 1);
}

function inFile<T>(use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pieces-'));
  try {
    return use(join(folder, 'piece.json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('pieces of a run', () => {
  it('come to what the whole run comes to, in whatever order', () => {
    const whole = joined([run(1, 5)]);
    const sum = joined([run(4, 2), run(1, 3)]);
    expect(sum.tally).toEqual(whole.tally);
    expect(sum.tally.sizes).toEqual(whole.tally.sizes);
    expect(sum.seeds).toEqual([[1, 5]]);
    expect(sum).toMatchObject({ elapsed: 4, cpu: 2 });
  });

  it('tell which worlds happened, and which did not', () => {
    const sum = joined([run(1, 2), run(10, 3)]);
    expect(sum.seeds).toEqual([
      [1, 2],
      [10, 12],
    ]);
    expect(soakPage(sum)).toContain('of seeds 1 to 2, 10 to 12, on');
    expect(soakPage(sum)).toContain('| worlds | 5 |');
  });

  it('do not count a world twice', () => {
    expect(() => joined([run(1, 3), run(3, 1)])).toThrow(new RangeError('world 3 is in two pieces'));
  });

  it('are the same once written and read, and nothing else is read', () => {
    inFile((file) => {
      writePiece(file, run(7, 2));
      expect(joined([readPiece(file)]).tally).toEqual(joined([run(7, 2)]).tally);
      const piece = { ...run(7, 2), found: [{ seed: 7, law: 'lost', detail: 'a packet', command: 'npm run soak' }] };
      const isRead = (other: unknown): boolean => {
        writeFileSync(file, JSON.stringify(other));
        try {
          return readPiece(file).seed === 7;
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return false;
        }
      };
      expect(isRead(piece)).toBe(true);
      for (const name of Object.keys(piece)) {
        for (const value of [undefined, null, {}, [[]], [null]])
          expect(isRead({ ...piece, [name]: value }), name).toBe(false);
      }
      expect(isRead({ ...piece, counts: { ...piece.counts, worlds: 'two' } })).toBe(false);
      expect(isRead('{')).toBe(false);
    });
  });
});
