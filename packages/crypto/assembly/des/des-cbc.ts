// DES-CBC and 3DES-CBC over the packets of the job table (RFC 2405, RFC 2451).

import { HEADER_OCTETS, isAlive, lengthOf, packetOf } from '../packets/jobs';
import { des128, expand, forgetBitsliced } from './des-bitsliced';
import { scheduleKeys } from './des-key';
import { des16, forgetSwizzled } from './des-swizzle';
import { sealTwoBlocks } from './des-table';

const IV_OCTETS: usize = 8;
const LANES: i32 = 128;
const BLOCKS: usize = memory.data(8 * 128, 16);

/** For each lane of `seal`: the next block, and where its packet's blocks end. */
const NEXT: usize = memory.data(4 * 128, 16);
const END: usize = memory.data(4 * 128, 16);

/** Up to this many lanes are faster sixteen at a time. */
const SOME: i32 = 16;

/** Fewer lanes than this are faster two blocks at a time by tables. */
const FEW: i32 = 12;

/** The context whose schedule is expanded, or 0. */
let current: usize = 0;

/** Schedules 8 or 24 octets of key into the 128 or 384 zeroed octets at `context`. */
export function desKey(context: usize, key: usize, triple: bool): void {
  scheduleKeys(key, triple ? 3 : 1, context);
}

/**
 * Encrypts every packet, the IVs being in place: a lane for each packet, as CBC encryption cannot start on a block
 * before the one in front of it is done. With few packets left it goes on by tables, unless `strict`.
 */
export function desSeal(context: usize, count: i32, icvOctets: usize, triple: bool, strict: bool): void {
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
  sealByTables(context, lanes, triple);
}

/** Decrypts every packet that is alive: its blocks are independent, so that the lanes fill across packets. */
export function desOpen(context: usize, count: i32, icvOctets: usize, triple: bool): void {
  let lanes: usize = 0;
  let runs = 0;
  for (let job = 0; job < count; job++) {
    if (!isAlive(job)) continue;
    const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
    // From the last block to the first: each is needed as it came to decrypt the one behind it.
    let last = packetOf(job) + lengthOf(job) - icvOctets;
    while (last > first) {
      const blocks = min<usize>((last - first) >> 3, <usize>LANES - lanes);
      last -= 8 * blocks;
      memory.copy(BLOCKS + 8 * lanes, last, 8 * blocks);
      store<u32>(NEXT + 4 * runs, <u32>last);
      store<u32>(END + 4 * runs, <u32>blocks);
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

export function forgetDes(): void {
  current = 0;
  forgetBitsliced();
  forgetSwizzled();
  memory.fill(BLOCKS, 0, 8 * 128);
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

function next(lane: i32): usize {
  return <usize>load<u32>(NEXT + 4 * lane);
}

function end(lane: i32): usize {
  return <usize>load<u32>(END + 4 * lane);
}

/** False for a packet without blocks. */
function startLane(lane: i32, job: i32, icvOctets: usize): bool {
  const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
  const last = packetOf(job) + lengthOf(job) - icvOctets;
  store<u32>(NEXT + 4 * lane, <u32>first);
  store<u32>(END + 4 * lane, <u32>last);
  return first < last;
}

/** One block of every lane; returns how many lanes have more, moved together. */
function sealBlocks(context: usize, lanes: i32, triple: bool): i32 {
  for (let lane = 0; lane < lanes; lane++) {
    const block = next(lane);
    store<u64>(BLOCKS + 8 * lane, load<u64>(block) ^ load<u64>(block - 8));
  }
  run(context, lanes, triple, false);
  let left = 0;
  for (let lane = 0; lane < lanes; lane++) {
    const block = next(lane);
    const last = end(lane);
    store<u64>(block, load<u64>(BLOCKS + 8 * lane));
    store<u32>(NEXT + 4 * left, <u32>block + 8);
    store<u32>(END + 4 * left, <u32>last);
    left += <i32>(block + 8 !== last);
  }
  return left;
}

/** What is left of every lane, two lanes at a time. */
function sealByTables(groups: usize, lanes: i32, triple: bool): void {
  let a = 0;
  let b = lanes > 1 ? 1 : 0;
  let taken = 2;
  while (next(a) !== end(a)) {
    const atA = next(a);
    const atB = next(b);
    const octets = min(end(a) - atA, end(b) - atB);
    for (let i: usize = 0; i < octets; i += 8) sealTwoBlocks(atA + i, atB + i, groups, triple);
    store<u32>(NEXT + 4 * a, <u32>(atA + octets));
    store<u32>(NEXT + 4 * b, <u32>(atB + octets));
    if (next(a) === end(a) && taken < lanes) a = taken++;
    if (next(b) === end(b) && taken < lanes) b = taken++;
    // Nothing is left to take: who is done goes along with the other.
    if (next(a) === end(a)) a = b;
    if (next(b) === end(b)) b = a;
  }
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
