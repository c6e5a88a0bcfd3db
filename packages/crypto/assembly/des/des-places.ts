// Where the blocks of the packets that DES-CBC has in hand lie, for each of 128 lanes.
import { HEADER_OCTETS, keysOf, lengthOf, packetOf } from '../packets/jobs';

export const IV_OCTETS: usize = 8;
export const LANES: i32 = 128;

/** What is transformed together. */
export const BLOCKS: usize = memory.data(8 * 128, 16);
/** The next block, where the last one ends, and whose keys. */
const NEXT: usize = memory.data(4 * 128, 16);
const END: usize = memory.data(4 * 128, 16);
export const CONTEXTS: usize = memory.data(4 * 128, 16);

export function next(lane: i32): usize {
  return <usize>load<u32>(NEXT + 4 * lane);
}

export function setNext(lane: i32, block: usize): void {
  store<u32>(NEXT + 4 * lane, <u32>block);
}

export function end(lane: i32): usize {
  return <usize>load<u32>(END + 4 * lane);
}

export function setEnd(lane: i32, block: usize): void {
  store<u32>(END + 4 * lane, <u32>block);
}

export function laneContext(lane: i32): usize {
  return <usize>load<u32>(CONTEXTS + 4 * lane);
}

export function setContext(lane: i32, context: usize): void {
  store<u32>(CONTEXTS + 4 * lane, <u32>context);
}

export function firstBlock(job: i32): usize {
  return packetOf(job) + HEADER_OCTETS + IV_OCTETS;
}

export function lastBlock(job: i32, icvOctets: usize): usize {
  return packetOf(job) + lengthOf(job) - icvOctets;
}

/** Gives a packet to a lane. False for a packet without blocks. */
export function startLane(lane: i32, job: i32, icvOctets: usize): bool {
  setNext(lane, firstBlock(job));
  setEnd(lane, lastBlock(job, icvOctets));
  setContext(lane, keysOf(job));
  return next(lane) < end(lane);
}

/** The octets of a block that is to be encrypted next. */
export function chained(block: usize): u64 {
  return load<u64>(block) ^ load<u64>(block - 8);
}
