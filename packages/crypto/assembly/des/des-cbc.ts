// DES-CBC and 3DES-CBC over the packets of the job table (RFC 2405, RFC 2451).

import { isAlive, keysOf, useKeysAt } from '../packets/jobs';
import { des128, expand, forgetBitsliced } from './des-bitsliced';
import { FEW, sealByTables } from './des-few';
import { scheduleKeys } from './des-key';
import { forgetLanes, openLanes, sealLanes } from './des-lanes';
import { BLOCKS, chained, end, firstBlock, LANES, lastBlock, next, setEnd, setNext, startLane } from './des-places';
import { des16, forgetSwizzled } from './des-swizzle';

/** Up to this many lanes are faster sixteen at a time. */
const SOME: i32 = 16;

/** The context whose schedule is expanded for all lanes, or 0. */
let current: usize = 0;

/** Schedules 8 or 24 octets of key into the 128 or 384 zeroed octets at `context`. */
export function desKey(context: usize, key: usize, triple: bool): void {
  scheduleKeys(key, triple ? 3 : 1, context);
}

/** Encrypts every packet, the IVs being in place. With few packets left it goes on by tables, unless `strict`. */
export function desSeal(keysAt: usize, count: i32, icvOctets: usize, triple: bool, strict: bool): void {
  useKeysAt(keysAt);
  if (areOfOneSa(count)) sealOneSa(keysOf(0), count, icvOctets, triple, strict);
  else {
    current = 0;
    sealLanes(count, icvOctets, triple, strict);
  }
}

/** Decrypts every packet that is alive. */
export function desOpen(keysAt: usize, count: i32, icvOctets: usize, triple: bool): void {
  useKeysAt(keysAt);
  if (!areOfOneSa(count) && openLanes(count, icvOctets, triple)) {
    current = 0;
    return;
  }
  for (let job = 0; job < count; ) {
    const from = job;
    const context = keysOf(from);
    while (job < count && keysOf(job) === context) job++;
    openOneSa(context, from, job, icvOctets, triple);
  }
}

export function forgetDes(): void {
  current = 0;
  forgetBitsliced();
  forgetLanes();
  forgetSwizzled();
  memory.fill(BLOCKS, 0, 8 * 128);
}

function areOfOneSa(count: i32): bool {
  const context = keysOf(0);
  for (let job = 1; job < count; job++) if (keysOf(job) !== context) return false;
  return true;
}

/** A lane for each packet, as CBC encryption cannot start on a block before the one in front of it is done. */
function sealOneSa(context: usize, count: i32, icvOctets: usize, triple: bool, strict: bool): void {
  let job = 0;
  let lanes = 0;
  for (;;) {
    while (lanes < LANES && job < count) {
      if (startLane(lanes, job, icvOctets)) lanes++;
      job++;
    }
    if (lanes === 0) return;
    if (lanes < FEW && !strict) break;
    lanes = sealBlocks(context, lanes, triple);
  }
  sealByTables(lanes, triple);
}

/** Blocks are independent of each other, so that the lanes fill across packets. */
function openOneSa(context: usize, from: i32, to: i32, icvOctets: usize, triple: bool): void {
  let lanes: usize = 0;
  let runs = 0;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const first = firstBlock(job);
    // From the last block to the first: each is needed as it came to decrypt the one behind it.
    let last = lastBlock(job, icvOctets);
    while (last > first) {
      const blocks = min<usize>((last - first) >> 3, <usize>LANES - lanes);
      last -= 8 * blocks;
      memory.copy(BLOCKS + 8 * lanes, last, 8 * blocks);
      setNext(runs, last);
      setEnd(runs, blocks);
      runs++;
      lanes += blocks;
      if (lanes === <usize>LANES) {
        openRuns(context, runs, LANES, triple);
        lanes = 0;
        runs = 0;
      }
    }
  }
  if (runs > 0) openRuns(context, runs, <i32>lanes, triple);
}

/** The first `lanes` of BLOCKS, and perhaps more of them. */
function run(context: usize, lanes: i32, triple: bool, decrypt: bool): void {
  if (lanes <= SOME) {
    des16(BLOCKS, context, triple, decrypt);
    return;
  }
  if (current !== context) expand(context, triple);
  current = context;
  des128(BLOCKS, triple, decrypt);
}

/** One block of every lane; returns how many lanes have more, moved together. */
function sealBlocks(context: usize, lanes: i32, triple: bool): i32 {
  for (let lane = 0; lane < lanes; lane++) store<u64>(BLOCKS + 8 * lane, chained(next(lane)));
  run(context, lanes, triple, false);
  let left = 0;
  for (let lane = 0; lane < lanes; lane++) {
    const block = next(lane);
    const last = end(lane);
    store<u64>(block, load<u64>(BLOCKS + 8 * lane));
    setNext(left, block + 8);
    setEnd(left, last);
    left += <i32>(block + 8 !== last);
  }
  return left;
}

/** Decrypts what has been gathered and puts it in place, again from the last block to the first. */
function openRuns(context: usize, runs: i32, lanes: i32, triple: bool): void {
  run(context, lanes, triple, true);
  let block = BLOCKS;
  for (let run = 0; run < runs; run++) {
    const first = next(run);
    for (let i: usize = 8 * end(run); i > 0; ) {
      i -= 8;
      store<u64>(first + i, load<u64>(block + i) ^ load<u64>(first + i - 8));
    }
    block += 8 * end(run);
  }
}
