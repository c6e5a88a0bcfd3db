// The packets of one call: the words of EspJobs, with addresses in this memory instead of offsets.

export const JOB_CAPACITY: i32 = 256;
const JOB_OCTETS: usize = 16;
/** The jobs, then the context of each. */
const TABLE: usize = memory.data(20 * 256, 16);
const CONTEXTS: usize = 16 * 256;

/** Octets of SPI and sequence number, in front of the IV. */
export const HEADER_OCTETS: usize = 8;

export function jobTable(): usize {
  return TABLE;
}

/** Address of the SPI. */
export function packetOf(job: i32): usize {
  return <usize>load<u32>(TABLE + <usize>job * JOB_OCTETS);
}

/** Octets from the SPI to the end of the ICV. */
export function lengthOf(job: i32): usize {
  return <usize>load<u32>(TABLE + <usize>job * JOB_OCTETS, 4);
}

export function sequenceHighOf(job: i32): u32 {
  return load<u32>(TABLE + <usize>job * JOB_OCTETS, 8);
}

/** Address of the keys that the packet is sealed or opened with. */
export function contextOf(job: i32): usize {
  return <usize>load<u32>(TABLE + 4 * <usize>job, CONTEXTS);
}

/** How far into a context the keys of the cipher at work begin: in front of them may be those of a MAC. */
let keysAt: usize = 0;

export function useKeysAt(offset: usize): void {
  keysAt = offset;
}

/** Address of the cipher's keys. */
export function keysOf(job: i32): usize {
  return contextOf(job) + keysAt;
}

/** Whether packets `from` to `to` all have the same keys. */
export function areOfOneSa(from: i32, to: i32): bool {
  for (let job = from + 1; job < to; job++) if (contextOf(job) !== contextOf(from)) return false;
  return true;
}

/** Whether the packet is still wanted: `seal` starts with all, `open` with those whose ICV was right. */
export function isAlive(job: i32): bool {
  return load<u32>(TABLE + <usize>job * JOB_OCTETS, 12) !== 0;
}

export function setAlive(job: i32, alive: bool): void {
  store<u32>(TABLE + <usize>job * JOB_OCTETS, <u32>alive, 12);
}
