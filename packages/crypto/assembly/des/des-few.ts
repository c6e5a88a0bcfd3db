// Sealing what few lanes have left, two blocks at a time by tables, each under the keys of its lane.
import { end, laneContext, next, setNext } from './des-places';
import { sealTwoBlocks } from './des-table';

/** Fewer lanes than this are faster by tables. */
export const FEW: i32 = 12;

/** What is left of every lane; there is at least one. */
export function sealByTables(lanes: i32, triple: bool): void {
  let a = 0;
  let b = lanes > 1 ? 1 : 0;
  let taken = 2;
  while (next(a) !== end(a)) {
    const atA = next(a);
    const atB = next(b);
    const octets = min(end(a) - atA, end(b) - atB);
    const keysOfA = laneContext(a);
    const keysOfB = laneContext(b);
    for (let i: usize = 0; i < octets; i += 8) sealTwoBlocks(atA + i, atB + i, keysOfA, keysOfB, triple);
    setNext(a, atA + octets);
    setNext(b, atB + octets);
    if (next(a) === end(a) && taken < lanes) a = taken++;
    if (next(b) === end(b) && taken < lanes) b = taken++;
    // Nothing is left to take: who is done goes along with the other.
    if (next(a) === end(a)) a = b;
    if (next(b) === end(b)) b = a;
  }
}
