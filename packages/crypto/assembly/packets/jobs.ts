// The packets of one call: the words of EspJobs, with addresses in this memory instead of offsets.

export const JOB_CAPACITY: i32 = 256;
const JOB_OCTETS: usize = 16;
const TABLE: usize = memory.data(16 * 256, 16);

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

/** Whether the packet is still wanted: `seal` starts with all, `open` with those whose ICV was right. */
export function isAlive(job: i32): bool {
  return load<u32>(TABLE + <usize>job * JOB_OCTETS, 12) !== 0;
}

export function setAlive(job: i32, alive: bool): void {
  store<u32>(TABLE + <usize>job * JOB_OCTETS, <u32>alive, 12);
}
