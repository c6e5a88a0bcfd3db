/** Memory whose place the kernel can be told. */
export interface Block {
  readonly octets: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly address: number;
}

/**
 * What is called in C: functions of libc and of Node's own event loop. Numbers are as C has them: file descriptors, addresses,
 * counts of octets; negative results are failures, told by `errno`.
 */
export interface Native {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, octets: number): number;
  getsockname(fd: number, address: Uint8Array, octets: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, octets: number): number;
  sendmmsg(fd: number, messages: number, count: number, flags: number): number;
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  poll(fds: Uint8Array, count: number, milliseconds: number): number;
  open(path: string, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  ioctlNumber(fd: number, request: number, argument: number): number;
  read(fd: number, address: number, octets: number): number;
  writev(fd: number, vectors: number, count: number): number;
  close(fd: number): number;
  /** Of the last call that failed. */
  errno(): number;
  /** Where the first octet of a view is; it is to lie outside of V8's heap, as does all that is larger than 64 KiB. */
  addressOf(octets: Uint8Array): number;
  allocate(octets: number): Block;
  /**
   * Calls `ready` in the event loop whenever there is something to read, until it is stopped. Where the kernel says that there is
   * an error it is called as `broken`, and no more before `again`.
   */
  watch(fd: number, ready: (broken: boolean) => void): Watch;
}

export interface Watch {
  /** Goes on after an error. */
  again(): void;
  /** Resolves when the event loop has forgotten it, and the descriptor may be closed. */
  stop(): Promise<void>;
}

/** Linux has no more than these; as a `code` of an error of Node. */
export const ERRNO = {
  EINTR: 4,
  EIO: 5,
  EAGAIN: 11,
  ENODEV: 19,
  EINVAL: 22,
  EMSGSIZE: 90,
  ENOBUFS: 105,
} as const;
