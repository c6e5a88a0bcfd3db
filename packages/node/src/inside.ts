import type { InsideView } from '@espalier/gateway';

/** How what is inside reaches the gateway. */
export interface InsideDoor {
  /** Takes whole IP packets that are to leave the inside; when it returns they have been copied. See `Gateway.handleInsideBatch`. */
  send(packets: Iterable<Uint8Array>, insideInterface?: string): void;
  /** Takes what went wrong: it becomes an event of the driver, in a turn of its own. */
  failed(error: Error): void;
}

/** What is behind a gateway: a network by a TUN, or a program. */
export interface Inside {
  /** Called once, before the first packet. What it throws, or rejects with, `UdpDriver.open` rejects with. */
  open(door: InsideDoor): Promise<void> | void;
  /** Takes a whole IP packet that came out of a tunnel. The view, and where it lies, is valid until `flush` returns, or a command is given. */
  deliver(inner: InsideView): void;
  /** All is delivered that is there now. */
  flush?(): void;
  /** Resolves when nothing of it is left that would keep the process alive. */
  close(): Promise<void> | void;
}
